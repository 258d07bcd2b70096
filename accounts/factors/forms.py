"""Forms of the second factor, and of the question who is there."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from core.forms import Form

_CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "autocapitalize": "none",
    "spellcheck": "false",
    "class": "input-short",
}
_TOO_LONG = Length(max=100, message="Use no more than 100 characters.")


class CodeForm(Form):
    """The first code of an app that is being set up."""

    code = StringField(
        "Code",
        description="The six digits your app shows now.",
        validators=[InputRequired("Enter the six digits your app shows."), _TOO_LONG],
        render_kw=_CODE,
    )


class SignInCodeForm(Form):
    """Step two of sign-in: a code of the app, or one of the recovery codes."""

    code = StringField(
        "Code", description="The six digits your app shows now.", validators=[_TOO_LONG]
    )
    recovery_code = StringField(
        "Recovery code",
        description="One of the ten codes you kept. Each works once.",
        validators=[_TOO_LONG],
    )

    def validate(self, extra_validators: object = None) -> bool:
        sound = bool(super().validate(extra_validators))
        if sound and not self.typed:
            self.code.errors = ["Enter the six digits your app shows."]
            return False
        return sound

    @property
    def typed(self) -> str:
        """What was entered; a recovery code counts before a code half typed."""
        return (self.recovery_code.data or "").strip() or (self.code.data or "").strip()


class ProofForm(Form):
    """Who is there? Their password, or a code of their app."""

    proof = PasswordField(
        "Your password, or a code from your app",
        validators=[
            InputRequired("Enter your password or a code."),
            Length(max=1024, message="Use no more than 1,024 characters."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
