"""Forms of the accounts pages."""

from __future__ import annotations

from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from core.forms import Form


def without_nul(text: str | None) -> str | None:
    """PostgreSQL takes no text with NUL in it, and no address has one."""
    return text and text.replace("\0", "")


class SignInForm(Form):
    """Email and password."""

    email = EmailField(
        "Email",
        validators=[
            InputRequired("Enter your email address."),
            Length(max=254, message="Use no more than 254 characters."),
        ],
        filters=[without_nul],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        validators=[
            InputRequired("Enter your password."),
            Length(max=1024, message="Use no more than 1,024 characters."),
        ],
        render_kw={"autocomplete": "current-password"},
    )
