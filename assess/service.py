"""Verbs of an assessment: open, reveal, close; they flush, the edge commits.

Those of a single rater are in assess.rating.giving.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.exc import IntegrityError

from accounts.models import Clinic
from accounts.program.organizations import Archived
from assess import trail
from assess.answered_texts import keep_questionnaire
from assess.holding import hold, hold_from_raters, refuse_when_closed
from assess.models import Assessment, State
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.queries.ratings import get_score_sources
from assess.rating import saving
from assess.rollup.making import rollups_of
from assess.scoring import score_assessment
from core import audit, clock
from core.db import db
from core.errors import Conflict, NotFound
from questionnaires.instrument import Instrument


def open_assessment(
    *,
    clinic_id: int,
    instrument: Instrument,
    quarter: Quarter,
    due_on: date | None = None,
    message: str = "",
    asks_everyone: bool = True,
) -> Assessment:
    """Let a clinic's staff rate a questionnaire in a quarter.

    Raises NotFound, or Conflict when the clinic has this questionnaire in this quarter already or
    is archived.
    """
    clinic = db.session.get(Clinic, clinic_id)
    if clinic is None:
        raise NotFound("This clinic does not exist.")
    if clinic.archived_at is not None:
        raise Archived(f"{clinic.name} is archived. Restore it first.")
    assessment = Assessment(
        organization_id=clinic.organization_id,
        clinic_id=clinic_id,
        questionnaire=instrument.slug,
        questionnaire_version_id=keep_questionnaire(instrument),
        quarter=str(quarter),
        opened_at=clock.now(),
        opened_by=audit.acting_person(),
        due_on=due_on,
        message=message,
        asks_everyone=asks_everyone,
    )
    try:
        with db.session.begin_nested():
            db.session.add(assessment)
    except IntegrityError as error:
        raise Conflict(
            f"{clinic.name} already has “{instrument.title}” in {quarter.label}. Open that one."
        ) from error
    version = f"{instrument.slug} {instrument.version}"
    trail.note_step("opened", assessment, after={"questionnaire": version, "due_on": due_on})
    return assessment


def reveal_assessment(*, assessment_id: int) -> None:
    """Show the team what its members rated; from now on the ratings stay as they are.

    Raises Conflict when that was done before.
    """
    assessment = hold_from_raters(assessment_id)
    if assessment.state != State.OPEN:
        raise Conflict("The ratings were revealed before. Open the results to see them.")
    assessment.state = State.REVEALED
    assessment.revealed_at = clock.now()
    trail.note_state("assessment.revealed", assessment, State.OPEN)
    db.session.flush()
    record_scores(assessment_id)


def close_assessment(*, assessment_id: int, reason: str = "") -> None:
    """End the assessment; what was rated is then shown, also when the team never met.

    Raises AssessmentClosed when that was done before.
    """
    assessment = hold_from_raters(assessment_id)
    refuse_when_closed(assessment.state)
    before, assessment.state = assessment.state, State.CLOSED
    assessment.closed_at = clock.now()
    if before == State.OPEN:
        assessment.revealed_at = assessment.closed_at
    trail.note_state("assessment.closed", assessment, before, reason)
    db.session.flush()
    if before == State.OPEN:
        record_scores(assessment_id)


def record_scores(assessment_id: int) -> None:
    """Compute and store the block scores and the overall score of an assessment afresh.

    The ratings that are finished count. With agreed levels, both bases are stored side by side;
    imported scores are left alone. The rollups that analyses read are written along with them.
    Four statements, one more at the first use of a questionnaire.
    """
    assessment = hold(assessment_id, even_archived=True)
    instrument = get_instrument(assessment.questionnaire_version_id)
    ratings, agreed = get_score_sources(assessment_id)
    scores = [score_assessment(instrument, ratings)]
    if agreed:
        scores.append(score_assessment(instrument, ratings, agreed))
    saving.store_scores(assessment, scores, rollups_of(instrument, ratings, agreed, scores))
