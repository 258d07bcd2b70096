"""Forms of the account page."""

from __future__ import annotations

from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length

from accounts.job_roles import job_role_choices
from accounts.sign_in.forms import without_nul
from accounts.sign_in.password_forms import NewPasswordForm
from core.forms import Form


def _choices() -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in job_role_choices()]


class DetailsForm(Form):
    """How a person is called and what they do."""

    name = StringField(
        "Name",
        validators=[
            DataRequired("Enter your name."),
            Length(max=200, message="Use no more than 200 characters."),
        ],
        filters=[without_nul, lambda text: text and " ".join(text.split())],
    )
    job_role = SelectField("Your job role", choices=_choices())

    def keep_unlisted(self, job_role: str) -> None:
        """Offer the role the person has already, should it no longer be in the list."""
        if job_role and job_role not in dict(job_role_choices()):
            self.job_role.choices = [*_choices(), SelectChoice(job_role, job_role)]


class ChangePasswordForm(NewPasswordForm):
    """The old password and the new one."""

    password = PasswordField(
        "Current password",
        validators=[
            InputRequired("Enter your current password."),
            Length(max=1024, message="Use no more than 1,024 characters."),
        ],
        render_kw={"autocomplete": "current-password"},
    )


class FirstPasswordForm(NewPasswordForm):
    """A password for somebody who has come in by single sign-on or passkey alone until now."""
