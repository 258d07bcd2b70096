"""Forms of the passkey pages; what the browser makes travels in a hidden field."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from accounts.factors.passkeys import LONGEST_NAME
from core.forms import Form

LONGEST_ANSWER = 50_000


def _tidy(text: str | None) -> str | None:
    """PostgreSQL takes no text with NUL in it, and blanks are no name."""
    return text and text.replace("\0", "").strip()


def _name_field() -> StringField:
    return StringField(
        "Name of the passkey",
        description="So that you know it again, like “My phone”.",
        validators=[
            DataRequired("Give the passkey a name."),
            Length(max=LONGEST_NAME, message=f"Use no more than {LONGEST_NAME} characters."),
        ],
        filters=[_tidy],
        render_kw={"autocomplete": "off"},
    )


class AddPasskeyForm(Form):
    """A name, and the passkey that the browser has just made."""

    name = _name_field()
    passkey = HiddenField(validators=[Length(max=LONGEST_ANSWER)])


class RenamePasskeyForm(Form):
    """Another name."""

    name = _name_field()
