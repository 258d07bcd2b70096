"""Verbs of a second vote on one milestone, hidden until it is revealed; they flush.

Every verb holds the assessment first, so that the votes of many phones and the reveal come one
after the other: no vote is taken after the reveal, and nobody's vote counts twice.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, func, select

from assess import trail
from assess.answers import AnswerState, AnswerValue
from assess.meeting.holding import hold_discussed, milestone_of
from assess.meeting.models import Revote, RevoteAnswer
from assess.meeting.spread import votes_needed
from assess.meeting.state import move, running_meeting, touch
from assess.models import Assessment, Rating
from assess.raters import Rater
from core import clock
from core.db import db
from core.errors import BlockwiseError, Conflict
from questionnaires.instrument import Milestone


class RevoteState(StrEnum):
    """Votes are hidden while it is open, shown once revealed, and gone once cancelled."""

    OPEN = "open"
    REVEALED = "revealed"
    CANCELLED = "cancelled"


class VoteEnded(Conflict):
    """The votes were shown, or the vote was called off, before this came."""

    title = "This vote has ended"


class TooFewVotes(Conflict):
    """So few votes would tell who chose what."""

    title = "Not enough votes to show"


class VoteRefused(BlockwiseError):
    """The vote is not one of the milestone's levels."""

    status = 422
    title = "Choose a level"


def open_revote(*, assessment_id: int, milestone: str, person_id: int | None) -> int:
    """Let the team vote again on a milestone; the number of the round, the open one if any.

    The meeting goes to the milestone, so that the vote is on everybody's phone. Raises NotFound,
    NotRevealed, AssessmentClosed, MeetingEnded.
    """
    assessment = hold_discussed(assessment_id)
    milestone_of(assessment, milestone)
    meeting = running_meeting(assessment, person_id)
    if meeting.milestone != milestone:
        move(meeting, milestone)
    last = _last(assessment_id, milestone)
    if last is not None and last.state == RevoteState.OPEN:
        return last.number
    revote = Revote(
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
        assessment_id=assessment_id,
        milestone=milestone,
        number=last.number + 1 if last else 1,
        opened_by=person_id,
        opened_at=clock.now(),
    )
    db.session.add(revote)
    db.session.flush()
    _changed("revote.opened", assessment, revote)
    return revote.number


def vote(
    *, assessment_id: int, milestone: str, number: int, rater: Rater, value: AnswerValue
) -> None:
    """Take somebody's vote in a round; a later one of the same person or device replaces it.

    Raises NotFound, NotRevealed, AssessmentClosed, VoteRefused, VoteEnded.
    """
    assessment = hold_discussed(assessment_id)
    _check(milestone_of(assessment, milestone), value)
    revote = _last(assessment_id, milestone)
    if revote is None or revote.number != number or revote.state != RevoteState.OPEN:
        raise VoteEnded("The votes were shown or called off before yours came. It did not count.")
    whose = {"person_id": rater.person_id, "rating_id": rater.rating_id}
    stored = db.session.scalar(
        select(RevoteAnswer)
        .filter_by(revote_id=revote.id, **whose)
        .execution_options(populate_existing=True)
    )
    answer = stored or RevoteAnswer(
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
        revote_id=revote.id,
        **whose,
    )
    answer.state, answer.level, answer.voted_at = value.state.value, value.value, clock.now()
    db.session.add(answer)
    db.session.flush()
    if stored is None:  # a changed vote shows nowhere, so nothing may tell that it changed
        touch(assessment_id)


def reveal_revote(*, assessment_id: int, milestone: str, number: int) -> None:
    """Show how a round was voted; showing it again changes nothing.

    Raises NotFound, NotRevealed, AssessmentClosed, TooFewVotes, and VoteEnded for one called off or
    never opened.
    """
    assessment = hold_discussed(assessment_id)
    milestone_of(assessment, milestone)
    revote = _round(assessment_id, milestone, number)
    if revote.state == RevoteState.REVEALED:
        return
    if revote.state != RevoteState.OPEN:
        raise VoteEnded("This vote was called off in another window.")
    votes, needed = _votes_and_needed(revote)
    if votes < needed:
        raise TooFewVotes(f"Wait until {needed} have voted, or call the vote off.")
    revote.state, revote.revealed_at = RevoteState.REVEALED, clock.now()
    db.session.flush()
    _changed("revote.revealed", assessment, revote, votes=votes)


def cancel_revote(*, assessment_id: int, milestone: str, number: int) -> None:
    """Call a round off and forget its votes, which nobody has seen; again changes nothing.

    Raises NotFound, NotRevealed, AssessmentClosed, and VoteEnded when the votes were shown or never
    were.
    """
    assessment = hold_discussed(assessment_id)
    milestone_of(assessment, milestone)
    revote = _round(assessment_id, milestone, number)
    if revote.state == RevoteState.CANCELLED:
        return
    if revote.state != RevoteState.OPEN:
        raise VoteEnded("The votes were revealed in another window. They are kept.")
    db.session.execute(delete(RevoteAnswer).where(RevoteAnswer.revote_id == revote.id))
    revote.state = RevoteState.CANCELLED
    db.session.flush()
    _changed("revote.cancelled", assessment, revote)


def _check(milestone: Milestone, value: AnswerValue) -> None:
    scale = milestone.scale
    unknown = value.value is not None and value.value not in scale
    excluded = value.state is AnswerState.NOT_APPLICABLE and not milestone.na_allowed
    if unknown or excluded or not value.answered:
        raise VoteRefused(f"Choose a level from {scale.minimum} to {scale.maximum}.")


def _last(assessment_id: int, milestone: str) -> Revote | None:
    """The newest round, as it is now that the assessment is held."""
    return db.session.scalar(
        select(Revote)
        .filter_by(assessment_id=assessment_id, milestone=milestone)
        .order_by(Revote.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def _round(assessment_id: int, milestone: str, number: int) -> Revote:
    found = db.session.scalar(
        select(Revote)
        .filter_by(assessment_id=assessment_id, milestone=milestone, number=number)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise VoteEnded("There is no such vote. Open the milestone from the agenda.")
    return found


def _votes_and_needed(revote: Revote) -> tuple[int, int]:
    """How many have voted in a round, and how many must before it may be shown."""
    votes = select(func.count(RevoteAnswer.id)).where(RevoteAnswer.revote_id == revote.id)
    raters = select(func.count(Rating.id)).where(
        Rating.assessment_id == revote.assessment_id, Rating.submitted_at.is_not(None)
    )
    row = db.session.execute(select(votes.scalar_subquery(), raters.scalar_subquery())).one()
    return row[0], votes_needed(row[1])


def _changed(action: str, assessment: Assessment, revote: Revote, **more: int) -> None:
    """Let the screens know, and the audit log: the step, never a vote."""
    facts = {"milestone": revote.milestone, "number": revote.number, **more}
    trail.note(action, assessment, after=facts)
    touch(assessment.id)
