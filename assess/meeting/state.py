"""Verbs of where the meeting stands: the milestone that all screens follow, its timer, its end.

Whatever the screens must show ends with `touch`, in the transaction of the change itself: who asks
gets the old version with the old facts or the new one with the new facts, never a mixture.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from assess import trail
from assess.meeting.holding import find_meeting, hold_discussed, meeting_of, milestone_of
from assess.meeting.models import Meeting
from assess.meeting.pace import seconds_each
from assess.models import AgreedLevel, Assessment, State
from assess.queries.instruments import get_instrument
from core import clock
from core.db import db
from core.errors import BlockwiseError, Conflict

MOST_MINUTES = 480
"""Longest time of a meeting."""
USUAL_MINUTES = 60
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
    *,
    assessment_id: int,
    person_id: int | None,
    attendance: str = "",
    minutes: int | None = USUAL_MINUTES,
) -> None:
    """Begin the meeting, or go on with it after the assessment was opened again.

    When it runs already only the settings change. `minutes` from now it is planned to take; None
    leaves the plan as it is. Raises NotFound, NotRevealed, AssessmentClosed, SettingsRefused.
    """
    assessment = hold_discussed(assessment_id)
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise SettingsRefused(f"Choose 1 to {MOST_MINUTES} minutes for the meeting.")
    if len(attendance) > ATTENDANCE_LIMIT:
        raise SettingsRefused(f"Use no more than {ATTENDANCE_LIMIT} characters for who is there.")
    meeting = meeting_of(assessment, person_id)
    if meeting.ended_at is not None and assessment.state == State.REVEALED:
        meeting.ended_at = None
        trail.note("meeting.started", assessment)
    meeting.attendance = attendance
    if minutes is not None:
        meeting.planned_until = clock.now() + timedelta(minutes=minutes)
        meeting.planned_each = minutes * 60 // max(_undecided(assessment), 1)
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
    """Put a held meeting on a milestone; a timer that runs begins again for it."""
    if meeting.timer_ends_at is not None:
        meeting.timer_ends_at = None if milestone is None else _end_of_time(meeting)
    meeting.timer_left = None
    meeting.milestone = milestone
    _changed(meeting)


def start_timer(*, assessment_id: int, person_id: int | None = None) -> None:
    """Count down the time of a milestone, or what a pause left of it. Raises like go_to."""
    meeting = running_meeting(hold_discussed(assessment_id), person_id)
    if meeting.timer_left is not None:
        meeting.timer_ends_at = clock.now() + timedelta(seconds=meeting.timer_left)
    else:
        meeting.timer_ends_at = _end_of_time(meeting)
    meeting.timer_left = None
    _changed(meeting)


def pause_timer(*, assessment_id: int, person_id: int | None = None) -> None:
    """Let the timer stand; nothing happens to one that does not run. Raises like go_to."""
    meeting = running_meeting(hold_discussed(assessment_id), person_id)
    if meeting.timer_ends_at is None:
        return
    left = (meeting.timer_ends_at - clock.now()).total_seconds()
    meeting.timer_left, meeting.timer_ends_at = max(0, round(left)), None
    _changed(meeting)


def stop_timer(*, assessment_id: int, person_id: int | None = None) -> None:
    """Count no longer. Raises like go_to."""
    meeting = running_meeting(hold_discussed(assessment_id), person_id)
    meeting.timer_ends_at = meeting.timer_left = None
    _changed(meeting)


def end(assessment: Assessment) -> None:
    """End the meeting of a held assessment, if there is one that runs."""
    meeting = find_meeting(assessment.id)
    if meeting is None:
        return
    if meeting.ended_at is None:
        meeting.ended_at = clock.now()
        trail.note("meeting.ended", assessment)
    meeting.milestone = meeting.timer_ends_at = meeting.timer_left = None
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
    """When the present milestone has had its share of what is left of the planned time."""
    now, until = clock.now(), meeting.planned_until
    left = round((until - now).total_seconds()) if until else None
    assessment = db.session.get_one(Assessment, meeting.assessment_id)
    return now + timedelta(seconds=seconds_each(left, _undecided(assessment)))


def _undecided(assessment: Assessment) -> int:
    """How many milestones are not agreed yet (one statement)."""
    agreed = select(func.count()).where(AgreedLevel.assessment_id == assessment.id)
    every = get_instrument(assessment.questionnaire_version_id).milestones
    return len(every) - (db.session.scalar(agreed) or 0)


def _changed(meeting: Meeting) -> None:
    db.session.flush()
    touch(meeting.assessment_id)
