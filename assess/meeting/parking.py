"""Verbs with which a team puts a milestone off and comes back to it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from assess import trail
from assess.meeting.holding import hold_discussed, milestone_of
from assess.meeting.models import ParkedMilestone
from assess.meeting.state import move, running_meeting, touch
from assess.models import AgreedLevel
from core import clock
from core.db import db
from core.errors import BlockwiseError, Conflict

REASON_LIMIT = 500
"""Longest reason for parking, in characters."""


class AlreadyAgreed(Conflict):
    """There is nothing left to wait for."""

    title = "This milestone is agreed already"


class ReasonRefused(BlockwiseError):
    """The reason is too long to be kept."""

    status = 422
    title = "Shorten the reason"


def park(
    *,
    assessment_id: int,
    milestone: str,
    reason: str,
    person_id: int | None = None,
    onward: Sequence[str] = (),
) -> str | None:
    """Put a milestone off; again only changes the reason. The milestone to go on with, if any.

    `onward`: the keys to go on with, in order. A meeting that is at this milestone moves there.
    Raises NotFound, NotRevealed, AssessmentClosed, MeetingEnded, AlreadyAgreed, ReasonRefused.
    """
    assessment = hold_discussed(assessment_id)
    milestone_of(assessment, milestone)
    meeting = running_meeting(assessment, person_id)
    if len(reason) > REASON_LIMIT:
        raise ReasonRefused(f"Use no more than {REASON_LIMIT} characters.")
    key = (assessment_id, milestone)
    if db.session.get(AgreedLevel, key, populate_existing=True) is not None:
        raise AlreadyAgreed("It was agreed in another window, so it is not parked.")
    parked = db.session.get(ParkedMilestone, key, populate_existing=True) or ParkedMilestone(
        assessment_id=assessment_id,
        milestone=milestone,
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
    )
    parked.reason, parked.parked_at = reason, clock.now()
    db.session.add(parked)
    trail.note("milestone.parked", assessment, after={"milestone": milestone})
    db.session.flush()
    following = first_open(assessment_id, onward)
    if meeting.milestone == milestone:
        move(meeting, following)
    else:
        touch(assessment_id)
    return following


def unpark(*, assessment_id: int, milestone: str) -> None:
    """Let a milestone wait for nothing any more; nothing happens to one that is not parked.

    Raises NotFound, NotRevealed, AssessmentClosed.
    """
    assessment = hold_discussed(assessment_id)
    milestone_of(assessment, milestone)
    if forget_parked(assessment_id, [milestone]):
        trail.note("milestone.unparked", assessment, after={"milestone": milestone})
        touch(assessment_id)


def forget_parked(assessment_id: int, milestones: Sequence[str]) -> bool:
    """Take milestones off the list of parked ones; whether any stood there."""
    gone = db.session.scalars(
        delete(ParkedMilestone)
        .where(
            ParkedMilestone.assessment_id == assessment_id,
            ParkedMilestone.milestone.in_(milestones),
        )
        .returning(ParkedMilestone.milestone)
    )
    return bool(gone.all())


def first_open(assessment_id: int, keys: Sequence[str]) -> str | None:
    """The first of the keys that is neither agreed nor parked (one statement)."""
    if not keys:
        return None
    agreed = select(AgreedLevel.milestone).where(AgreedLevel.assessment_id == assessment_id)
    parked = select(ParkedMilestone.milestone).where(ParkedMilestone.assessment_id == assessment_id)
    done = set(db.session.scalars(agreed.union(parked)))
    return next((key for key in keys if key not in done), None)
