"""Verbs of where the meeting stands: the milestone that all screens follow, its timer, its end.

Whatever the screens must show ends with `touch`, in the transaction of the change itself: who asks
gets the old version with the old facts or the new one with the new facts, never a mixture.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from assess import trail
from assess.meeting.holding import find_meeting, hold_discussed, meeting_of, milestone_of
from assess.meeting.models import Meeting
from assess.models import Assessment, State
from core import clock
from core.db import db
from core.errors import BlockwiseError, Conflict

MOST_MINUTES = 60
"""Longest time for one milestone."""
ATTENDANCE_LIMIT = 500
"""Longest line about who is there, in characters."""


class MovedMeanwhile(Conflict):
    """Another facilitator moved the meeting; `milestone` is where it stands now, None: agenda."""

    title = "The meeting has moved on"

    def __init__(self, milestone: str | None) -> None:
        super().__init__("Somebody else moved the meeting after you opened this page.")
        self.milestone = milestone


class MeetingEnded(Conflict):
    """The team is through; its levels may still change, but nothing is moved or timed."""

    title = "The meeting has ended"


class SettingsRefused(BlockwiseError):
    """The minutes or the line about attendance cannot be kept."""

    status = 422
    title = "The meeting’s settings could not be saved"


def touch(assessment_id: int) -> int | None:
    """Let the screens know that something changed: the new version; None without a meeting."""
    return db.session.scalar(
        update(Meeting)
        .where(Meeting.assessment_id == assessment_id)
        .values(version=Meeting.version + 1)
        .returning(Meeting.version)
        .execution_options(synchronize_session=False)
    )


def start(
    *, assessment_id: int, person_id: int | None, attendance: str = "", minutes_each: int = 3
) -> None:
    """Begin the meeting, or go on with it after the assessment was opened again.

    When it runs already only the settings change. Raises NotFound, NotRevealed, AssessmentClosed,
    SettingsRefused.
    """
    assessment = hold_discussed(assessment_id)
    if not 1 <= minutes_each <= MOST_MINUTES:
        raise SettingsRefused(f"Choose 1 to {MOST_MINUTES} minutes for each milestone.")
    if len(attendance) > ATTENDANCE_LIMIT:
        raise SettingsRefused(f"Use no more than {ATTENDANCE_LIMIT} characters for who is there.")
    meeting = meeting_of(assessment, person_id)
    if meeting.ended_at is not None and assessment.state == State.REVEALED:
        meeting.ended_at = None
        trail.note("meeting.started", assessment)
    meeting.attendance, meeting.minutes_each = attendance, minutes_each
    _changed(meeting)


def go_to(
    *, assessment_id: int, milestone: str | None, seen_at: str | None, person_id: int | None = None
) -> None:
    """Let all screens follow to a milestone (None: to the agenda); going there again is nothing.

    `seen_at`: where the page saw the meeting. Raises NotFound, NotRevealed, AssessmentClosed,
    MeetingEnded, and MovedMeanwhile when it is neither there nor at the wanted place any more.
    """
    assessment = hold_discussed(assessment_id)
    if milestone is not None:
        milestone_of(assessment, milestone)
    meeting = running_meeting(assessment, person_id)
    if meeting.milestone == milestone:
        return
    if meeting.milestone != seen_at:
        raise MovedMeanwhile(meeting.milestone)
    move(meeting, milestone)


def move(meeting: Meeting, milestone: str | None) -> None:
    """Put a held meeting on a milestone; a timer that was started begins again for it."""
    if meeting.timer_ends_at is not None:
        meeting.timer_ends_at = None if milestone is None else _end_of_time(meeting)
    meeting.milestone = milestone
    _changed(meeting)


def start_timer(*, assessment_id: int, person_id: int | None = None) -> None:
    """Count down the minutes of a milestone, from now. Raises like go_to."""
    meeting = running_meeting(hold_discussed(assessment_id), person_id)
    meeting.timer_ends_at = _end_of_time(meeting)
    _changed(meeting)


def stop_timer(*, assessment_id: int, person_id: int | None = None) -> None:
    """Count no longer. Raises like go_to."""
    meeting = running_meeting(hold_discussed(assessment_id), person_id)
    meeting.timer_ends_at = None
    _changed(meeting)


def end(assessment: Assessment) -> None:
    """End the meeting of a held assessment, if there is one that runs."""
    meeting = find_meeting(assessment.id)
    if meeting is None:
        return
    if meeting.ended_at is None:
        meeting.ended_at = clock.now()
        trail.note("meeting.ended", assessment)
    meeting.milestone = meeting.timer_ends_at = None
    _changed(meeting)


def running_meeting(assessment: Assessment, person_id: int | None) -> Meeting:
    """The meeting of a held assessment, begun by this if it was not. Raises MeetingEnded."""
    meeting = meeting_of(assessment, person_id)
    if meeting.ended_at is not None:
        raise MeetingEnded(
            "The agreed levels are your clinic’s scores now. You can still change them."
        )
    return meeting


def _end_of_time(meeting: Meeting) -> datetime:
    return clock.now() + timedelta(minutes=meeting.minutes_each)


def _changed(meeting: Meeting) -> None:
    db.session.flush()
    touch(meeting.assessment_id)
