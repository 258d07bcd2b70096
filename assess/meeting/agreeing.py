"""Verbs of the meeting in which a team agrees where it stands; they flush, the edge commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assess import trail
from assess.answers import AnswerState, AnswerValue
from assess.meeting import state
from assess.meeting.holding import NotRevealed as NotRevealed
from assess.meeting.holding import hold_discussed, meeting_of
from assess.meeting.parking import first_open, forget_parked
from assess.models import AgreedLevel, AgreedLevelChange, Assessment, State
from assess.queries.instruments import get_instrument
from assess.service import record_scores
from core import clock
from core.db import db
from core.errors import BlockwiseError, Conflict

TEXT_LIMIT = 2000
"""Longest rationale or dissent, in characters."""


class AgreedMeanwhile(Conflict):
    """Somebody else agreed this milestone after the page was opened."""

    title = "This milestone was agreed in another window"


class LevelRefused(BlockwiseError):
    """The level is not one of the milestone's."""

    status = 422
    title = "Choose a level"


class Undecided(Conflict):
    """Agreed scores need a decision for every milestone."""

    title = "Some milestones are not agreed yet"

    def __init__(self, count: int) -> None:
        left = "1 milestone is" if count == 1 else f"{count} milestones are"
        super().__init__(f"{left} left. Agree a level, or “Don’t know”, for each.")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the team decided about one milestone, and the mark of what the page had seen before."""

    milestone: str
    value: AnswerValue
    rationale: str = ""
    dissent: str = ""
    seen: str = ""


def mark(agreed_at: datetime | None) -> str:
    """A text that changes whenever the agreed level is stored again; empty when there is none."""
    return "" if agreed_at is None else agreed_at.isoformat()


def agree_level(
    *,
    assessment_id: int,
    decision: Decision,
    person_id: int | None = None,
    onward: Sequence[str] = (),
) -> str | None:
    """Store what the team agreed for one milestone; the key of the one to go on with, if any.

    `onward`: the keys to go on with, in order; the first neither agreed nor parked is taken. A
    meeting that is at this milestone, or at none, moves there. Raises NotRevealed,
    AssessmentClosed, LevelRefused, or AgreedMeanwhile when the stored level is not the one the
    page had seen.
    """
    assessment = hold_discussed(assessment_id)
    _check(assessment, decision)
    # read again now that the assessment is held: another facilitator may just have let go of it
    key = (assessment_id, decision.milestone)
    stored = db.session.get(AgreedLevel, key, populate_existing=True)
    if mark(stored.agreed_at if stored else None) != decision.seen:
        raise AgreedMeanwhile(
            "This milestone was agreed in another window. What stands now is shown below. "
            "Agree again to replace it; the minutes keep both."
        )
    if stored is None or not _says_the_same(stored, decision):
        _store(assessment, stored, decision, person_id)
    forget_parked(assessment_id, [decision.milestone])
    following = first_open(assessment_id, onward)
    meeting = meeting_of(assessment, person_id)
    if meeting.ended_at is None and meeting.milestone in (None, decision.milestone):
        state.move(meeting, following)
    else:
        state.touch(assessment_id)
    if assessment.state == State.AGREED:
        record_scores(assessment_id)
    return following


def agree_together(
    *, assessment_id: int, decisions: list[Decision], person_id: int | None = None
) -> int:
    """Store several decisions at once where nothing is agreed yet; returns how many were stored.

    Raises like agree_level.
    """
    assessment = hold_discussed(assessment_id)
    for decision in decisions:
        _check(assessment, decision)
    known = set(
        db.session.scalars(
            select(AgreedLevel.milestone).where(AgreedLevel.assessment_id == assessment_id)
        )
    )
    fresh = [decision for decision in decisions if decision.milestone not in known]
    for decision in fresh:
        _store(assessment, None, decision, person_id)
    if fresh:
        forget_parked(assessment_id, [one.milestone for one in fresh])
        state.touch(assessment_id)
    return len(fresh)


def finish_agreement(*, assessment_id: int) -> None:
    """Let the agreed levels count as the clinic's scores, and end the meeting.

    Raises Undecided while milestones are left, NotRevealed, AssessmentClosed.
    """
    assessment = hold_discussed(assessment_id)
    instrument = get_instrument(assessment.questionnaire_version_id)
    decided = set(
        db.session.scalars(
            select(AgreedLevel.milestone).where(AgreedLevel.assessment_id == assessment_id)
        )
    )
    missing = [one for one in instrument.milestones if one.key not in decided]
    if missing:
        raise Undecided(len(missing))
    before, assessment.state = assessment.state, State.AGREED
    assessment.agreed_at = clock.now()
    trail.note_state("assessment.agreed", assessment, before)
    state.end(assessment)
    db.session.flush()
    record_scores(assessment_id)


def _check(assessment: Assessment, decision: Decision) -> None:
    milestone = get_instrument(assessment.questionnaire_version_id).milestone(decision.milestone)
    scale, value = milestone.scale, decision.value
    if value.state is AnswerState.UNANSWERED or (
        value.value is not None and value.value not in scale
    ):
        raise LevelRefused(f"Choose a level from {scale.minimum} to {scale.maximum}.")
    if value.state is AnswerState.NOT_APPLICABLE and not milestone.na_allowed:
        raise LevelRefused("This milestone applies to every clinic. Choose a level.")
    for name, text in (("rationale", decision.rationale), ("other views", decision.dissent)):
        if len(text) > TEXT_LIMIT:
            over = len(text) - TEXT_LIMIT
            raise LevelRefused(f"Shorten the {name} by {over:,} characters.")


def _says_the_same(stored: AgreedLevel, decision: Decision) -> bool:
    level = AnswerValue(AnswerState(stored.state), stored.level)
    texts = (stored.rationale, stored.dissent)
    return level == decision.value and texts == (decision.rationale, decision.dissent)


def _store(
    assessment: Assessment, stored: AgreedLevel | None, decision: Decision, person_id: int | None
) -> None:
    """Store the level, and the same once more in the history of all that was ever agreed."""
    owner = {
        "assessment_id": assessment.id,
        "milestone": decision.milestone,
        "organization_id": assessment.organization_id,
        "clinic_id": assessment.clinic_id,
    }
    said = {
        "state": decision.value.state.value,
        "level": decision.value.value,
        "rationale": decision.rationale,
        "dissent": decision.dissent,
        "agreed_by": person_id,
        "agreed_at": clock.now(),
    }
    agreed = stored or AgreedLevel(**owner)
    for name, value in said.items():
        setattr(agreed, name, value)
    db.session.add_all([agreed, AgreedLevelChange(**owner, **said)])
    db.session.flush()
