"""The small forms of a meeting: who is there and how long each milestone takes, and why to wait."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired, Length, NumberRange

from assess.answers import clean_note
from assess.meeting.parking import REASON_LIMIT
from assess.meeting.state import ATTENDANCE_LIMIT, MOST_MINUTES
from core.forms import Form
from core.free_text import FreeLineField

MINUTES = f"Enter a whole number from 1 to {MOST_MINUTES}."


class MeetingForm(Form):
    """What the facilitator says at the start and may change later."""

    attendance = FreeLineField(
        "Who is here? (optional)",
        validators=[
            Length(max=ATTENDANCE_LIMIT, message=f"Use no more than {ATTENDANCE_LIMIT} characters.")
        ],
        description="For example “9 people: 4 nurses, 5 from the front desk”. No names needed.",
    )
    minutes_each = IntegerField(
        "Minutes for each milestone",
        validators=[InputRequired(MINUTES), NumberRange(1, MOST_MINUTES, MINUTES)],
        default=3,
    )

    @property
    def line(self) -> str:
        """Who is there, as it is stored; only after it validated."""
        return clean_note(self.attendance.data or "")

    @property
    def minutes(self) -> int:
        """The minutes for each milestone; only after it validated."""
        return int(self.minutes_each.data or 0)


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
