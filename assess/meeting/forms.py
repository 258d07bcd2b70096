"""The small forms of a meeting: who is there and how long it takes, and why a milestone waits."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange

from assess.answers import clean_note
from assess.meeting.parking import REASON_LIMIT
from assess.meeting.state import ATTENDANCE_LIMIT, MOST_MINUTES, USUAL_MINUTES
from assess.queries.meetings import MeetingState
from core.forms import Form
from core.free_text import FreeLineField

MINUTES = f"Enter a whole number from 1 to {MOST_MINUTES}."


class MeetingForm(Form):
    """What the facilitator says at the start and may change later.

    `shown` is how many minutes the page showed: when they were not changed, neither is the plan.
    """

    attendance = FreeLineField(
        "Who is here? (optional)",
        validators=[
            Length(max=ATTENDANCE_LIMIT, message=f"Use no more than {ATTENDANCE_LIMIT} characters.")
        ],
        description="For example “9 people: 4 nurses, 5 from the front desk”. No names needed: "
        "people can add their own on their phones.",
    )
    minutes = IntegerField(
        "How many minutes do you have, from now?",
        validators=[InputRequired(MINUTES), NumberRange(1, MOST_MINUTES, MINUTES)],
        default=USUAL_MINUTES,
    )
    shown = HiddenField()

    @property
    def line(self) -> str:
        """Who is there, as it is stored; only after it validated."""
        return clean_note(self.attendance.data or "")

    @property
    def new_minutes(self) -> int | None:
        """The minutes from now, None when they are as they were; only after it validated."""
        minutes = int(self.minutes.data or 0)
        return None if self.shown.data == str(minutes) else minutes


def meeting_form(meeting: MeetingState | None) -> MeetingForm:
    """The form as the meeting stands."""
    if meeting is None:
        return MeetingForm(None)
    if not meeting.is_running or meeting.plan_left is None or meeting.plan_left <= 0:
        return MeetingForm(None, data={"attendance": meeting.attendance})
    left = max(1, round(meeting.plan_left / 60))
    known = {"attendance": meeting.attendance, "minutes": left, "shown": str(left)}
    return MeetingForm(None, data=known)


class ParkForm(Form):
    """Why a milestone waits."""

    reason = FreeLineField(
        "What does it wait for? (optional)",
        validators=[
            Length(max=REASON_LIMIT, message=f"Use no more than {REASON_LIMIT} characters.")
        ],
        description="For example “Ask the pharmacy for the refill log”.",
    )

    @property
    def text(self) -> str:
        """The reason as it is stored; only after it validated."""
        return clean_note(self.reason.data or "")
