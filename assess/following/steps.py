"""Verbs that change an assessment as a whole after it was opened, each with who, when and why."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from assess import trail
from assess.following.models import AssessmentStep
from assess.holding import hold
from assess.meeting.models import Meeting, ParkedMilestone, Revote
from assess.meeting.state import touch
from assess.models import AgreedLevel, BlockScore, State
from assess.quarters import Quarter
from assess.rollup.models import AssessmentRollup
from assess.scoring import Basis
from assess.service import close_assessment
from core.db import db
from core.errors import BlockwiseError, Conflict

LONGEST_REASON = 500


class ReasonMissing(BlockwiseError):
    """Others will read why this was done."""

    status = 422
    title = "Say why"

    def __init__(self) -> None:
        super().__init__("Say why in a few words. Your team reads it next to this step.")


class CannotHide(Conflict):
    """Something was built on the results already."""

    title = "The results cannot be hidden again"


def close(*, assessment_id: int, reason: str) -> None:
    """End the assessment; before the reveal its ratings are shown by that, so it takes a reason.

    Raises NotFound, AssessmentClosed, ReasonMissing.
    """
    if hold(assessment_id).state == State.OPEN:
        _need(reason)
    close_assessment(assessment_id=assessment_id, reason=reason.strip())
    touch(assessment_id)  # screens that follow a meeting must not go on as if it ran


def reopen(*, assessment_id: int, reason: str) -> None:
    """Let a team go on with a closed assessment; its ratings stay as they are.

    It is agreed again when the team had agreed on levels, else shown. Raises NotFound,
    ReasonMissing, or Conflict when it is not closed or was taken over from earlier records.
    """
    assessment = hold(assessment_id)
    _need(reason)
    if assessment.state != State.CLOSED:
        raise Conflict("This assessment is not closed.")
    if assessment.source == "imported":
        raise Conflict("This quarter was taken over from earlier records. It stays closed.")
    assessment.state = State.AGREED if assessment.agreed_at else State.REVEALED
    assessment.closed_at = None
    trail.note_state("assessment.reopened", assessment, State.CLOSED, reason.strip())
    db.session.flush()
    touch(assessment_id)


def hide_again(*, assessment_id: int, reason: str, has_plan: Callable[[int], bool]) -> None:
    """Take back a reveal made by mistake: rating goes on, and the scores are gone until the next.

    `has_plan` tells whether an action plan builds on the results. Raises NotFound, ReasonMissing,
    or CannotHide when the team has already worked with what it saw, or it was done before: looking
    after each single rating is no mistake.
    """
    assessment = hold(assessment_id)
    _need(reason)
    if assessment.state != State.REVEALED:
        raise CannotHide("Only results that are revealed and not agreed can be hidden again.")
    if _has_any(AgreedLevel, assessment_id):
        raise CannotHide("Your team has agreed on a level already.")
    if _has_any(Revote, assessment_id):
        raise CannotHide("Your team has voted again on a milestone already.")
    if _was_hidden(assessment_id):
        raise CannotHide("They were hidden again once before. That is possible once.")
    if has_plan(assessment_id):
        raise CannotHide("Your team has begun an action plan on these results.")
    for made in (Meeting, ParkedMilestone):
        db.session.execute(delete(made).where(made.assessment_id == assessment_id))
    for derived in (BlockScore, AssessmentRollup):
        db.session.execute(
            delete(derived).where(
                derived.assessment_id == assessment_id, derived.basis == Basis.RATINGS
            )
        )
    assessment.state, assessment.revealed_at = State.OPEN, None
    trail.note_state("assessment.hidden_again", assessment, State.REVEALED, reason.strip())
    db.session.flush()


def move(*, assessment_id: int, quarter: Quarter, reason: str) -> None:
    """Let the assessment count for another quarter; before the reveal only.

    Raises NotFound, ReasonMissing, or Conflict when it was revealed or the quarter is taken.
    """
    assessment = hold(assessment_id)
    _need(reason)
    if assessment.state != State.OPEN:
        raise Conflict(
            "Results were revealed for this quarter, so it stays. Open another assessment."
        )
    before = Quarter.parse(assessment.quarter)
    if quarter == before:
        return
    try:
        with db.session.begin_nested():
            assessment.quarter = str(quarter)
            db.session.flush()
    except IntegrityError as error:
        raise Conflict(f"This clinic already has an assessment in {quarter.label}.") from error
    trail.note_step(
        "moved",
        assessment,
        before={"quarter": str(before)},
        after={"quarter": str(quarter)},
        reason=f"From {before.label} to {quarter.label}. {reason.strip()}",
    )
    db.session.flush()


def _need(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing


def _was_hidden(assessment_id: int) -> bool:
    found = select(AssessmentStep.id).where(
        AssessmentStep.assessment_id == assessment_id, AssessmentStep.step == "hidden_again"
    )
    return db.session.scalar(found.limit(1)) is not None


def _has_any(model: type[AgreedLevel | Revote], assessment_id: int) -> bool:
    found = select(model.assessment_id).where(model.assessment_id == assessment_id).limit(1)
    return db.session.scalar(found) is not None
