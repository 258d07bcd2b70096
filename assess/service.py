"""Verbs of an assessment: open, rate, finish, reveal, close; they flush, the edge commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.models import Clinic, Person
from accounts.program.organizations import Archived
from assess import trail
from assess.answered_texts import keep_questionnaire
from assess.answers import SentAnswer
from assess.holding import (
    hold,
    hold_from_raters,
    refuse_unless_open,
    refuse_when_closed,
    share,
)
from assess.models import Assessment, Rating, State
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.queries.ratings import RatingTarget, get_score_sources, get_stored
from assess.rating import saving
from assess.rating.merging import (
    Merge,
    Problem,
    find_problems,
    identifier_problems,
    merge,
    suspicious_notes,
)
from assess.rollup.making import rollups_of
from assess.scoring import score_assessment
from core import audit, clock
from core.db import db
from core.errors import BlockwiseError, Conflict, NotFound
from core.identifiers import Identifier, kinds
from questionnaires.instrument import Instrument


class NothingAnswered(Conflict):
    """A rating without a single answer says nothing."""

    title = "Nothing is answered yet"


class AnswersRefused(BlockwiseError):
    """At least one sent answer is not possible; nothing of the batch was stored."""

    status = 422
    title = "Some answers could not be saved"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


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


def start_rating(*, assessment_id: int, person_id: int) -> int:
    """Give a person a sheet to rate on and return its id; the one they have, if they have one.

    It keeps the job the person has now. Raises NotFound, AssessmentClosed or RatingEnded.
    """
    assessment = share(assessment_id)
    refuse_unless_open(assessment.state)
    sheet = select(Rating.id).filter_by(assessment_id=assessment_id, person_id=person_id)
    found = db.session.scalar(sheet)
    if found is not None:
        return found
    rating = Rating(
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
        assessment_id=assessment_id,
        person_id=person_id,
        job_role=db.session.scalar(select(Person.job_role).where(Person.id == person_id)),
        started_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(rating)
    except IntegrityError:  # the button was chosen twice, and the other request was quicker
        return db.session.scalars(sheet).one()
    return rating.id


def save_answers(
    *,
    rating: RatingTarget,
    sent: Sequence[SentAnswer],
    person_id: int | None,
    request_key: str | None = None,
) -> Merge:
    """Store a batch of answers with their history.

    Answers that clash with a newer revision are reported, the others are stored. A batch with an
    impossible answer is refused as a whole. Raises AssessmentClosed, RatingEnded, AnswersRefused.
    """
    refuse_unless_open(rating.state)
    if problems := find_problems(rating.instrument, sent):
        raise AnswersRefused(problems)
    stored, replayed = get_stored(rating.rating_id, [one.milestone for one in sent], request_key)
    suspicious = suspicious_notes(sent, stored, clock.today())
    if problems := identifier_problems(sent, suspicious):
        raise AnswersRefused(problems)
    merged = merge(sent, stored, replayed)
    if merged.changes:
        saving.store_changes(rating, merged.changes, person_id, request_key)
        if rating.is_finished and not any(one.new.value.answered for one in merged.changes):
            saving.unfinish_if_empty(rating.rating_id)
        _log_kept_notes(rating, suspicious)
    return merged


def _log_kept_notes(rating: RatingTarget, suspicious: Mapping[str, tuple[Identifier, ...]]) -> None:
    for milestone, found in suspicious.items():
        audit.record(
            "free_text.kept",
            subject=f"note on {milestone}, assessment {rating.assessment_id}",
            organization_id=rating.organization_id,
            after={"looks_like": kinds(found)},
        )


def finish_rating(*, rating: RatingTarget) -> None:
    """Let the rating count; its answers may still change until the team looks at the results.

    Finishing again changes nothing. Scores are computed at the reveal: before it there is none
    that could be seen. Raises AssessmentClosed, RatingEnded, NothingAnswered.
    """
    if rating.is_finished:
        return
    refuse_unless_open(rating.state)
    if not saving.finish(rating.rating_id):
        raise NothingAnswered("Answer at least one milestone, or “Don’t know”, then finish.")


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
