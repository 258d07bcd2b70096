"""The form that makes an API token."""

from __future__ import annotations

from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from core.forms import Form
from research.tokens.keeping import LONGEST_DAYS, LONGEST_NAME

USUAL_DAYS = 90


def _tidy(text: str | None) -> str | None:
    return text and " ".join(text.split())


class MakeTokenForm(Form):
    """What the token is for, and how long it shall work."""

    name = StringField(
        "What it is for",
        description="So that you know it again, like “R on my laptop”.",
        validators=[
            DataRequired("Say what the token is for."),
            Length(max=LONGEST_NAME, message=f"Use no more than {LONGEST_NAME} characters."),
        ],
        filters=[_tidy],
    )
    days = IntegerField(
        "Days it works",
        description=f"1 to {LONGEST_DAYS}. After that you make a new one.",
        default=USUAL_DAYS,
        validators=[
            InputRequired("Say for how many days the token shall work."),
            NumberRange(1, LONGEST_DAYS, f"Choose between 1 and {LONGEST_DAYS} days."),
        ],
    )
