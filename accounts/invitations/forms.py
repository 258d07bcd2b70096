"""Forms of the pages about invitations: invite one, invite many, accept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from accounts.email_address import BadEmail, read_email
from accounts.invitations.file import LONGEST_NAME, MAX_BYTES
from accounts.job_roles import job_role_choices
from accounts.models import Role
from accounts.places import Place
from accounts.role_words import CAN, NAMES
from accounts.sign_in.password_forms import NewPasswordForm
from core.forms import Form


def one_line(text: str | None) -> str | None:
    """A name is one line; PostgreSQL takes no NUL."""
    return text and " ".join(text.replace("\0", "").split())


class InviteForm(Form):
    """Whom to invite, and as what; `where` only where there is more than one place."""

    email = EmailField(
        "Email",
        validators=[InputRequired("Enter an email address, like sam@example.org.")],
        description="They will sign in with it. It must be theirs alone.",
        filters=[one_line],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )
    name = StringField(
        "Name (optional)",
        validators=[Length(max=LONGEST_NAME, message="Use no more than 200 characters.")],
        filters=[one_line],
        render_kw={"autocomplete": "off"},
    )
    role = RadioField("Role", validators=[InputRequired("Choose a role.")])
    where = SelectField("Where", validators=[InputRequired("Choose where the role holds.")])

    def __init__(
        self, *args: Any, roles: Sequence[Role], places: Sequence[Place] = (), **settings: Any
    ) -> None:
        if roles:
            settings.setdefault("data", {"role": str(roles[0])})
        super().__init__(*args, **settings)
        self.role.choices = [
            SelectChoice(value=str(role), label=f"{NAMES[role]}: can {CAN[role]}") for role in roles
        ]
        self._places = {str(place.organization_id or ""): place for place in places}
        if places:
            self.where.choices = [
                SelectChoice(value=str(place.organization_id or "program"), label=_label(place))
                for place in places
            ]
        else:
            del self.where

    def choose(self, role: str) -> None:
        """Begin with this role where it can be given: a link to here may say what is missing."""
        if any(value == role for value, *_ in self.role.iter_choices()):
            self.role.data = role

    def validate_email(self, field: EmailField) -> None:
        try:
            field.data = read_email(field.data or "")
        except BadEmail as wrong:
            raise ValidationError(str(wrong)) from wrong

    @property
    def place(self) -> Place:
        """The chosen place, once the form is valid."""
        chosen = self.where.data
        return self._places["" if chosen == "program" else chosen]


class InviteManyForm(Form):
    """A list of people as text, and the clinic meant where a row names none."""

    people = TextAreaField(
        "Or paste the list here",
        validators=[Length(max=MAX_BYTES, message="Paste a shorter list.")],
        render_kw={"rows": 8, "spellcheck": "false", "autocapitalize": "none"},
    )
    clinic = HiddenField(validators=[Optional()])


class AcceptForm(NewPasswordForm):
    """What a new person tells of themselves."""

    name = StringField(
        "Your name",
        validators=[
            DataRequired("Enter your name."),
            Length(max=LONGEST_NAME, message="Use no more than 200 characters."),
        ],
        filters=[one_line],
        render_kw={"autocomplete": "name"},
    )
    job_role = SelectField(
        "Your job role (optional)",
        choices=[SelectChoice(value=value, label=label) for value, label in job_role_choices()],
        description="Results may be shown by job role, only where five or more people share one.",
    )


def _label(place: Place) -> str:
    return (place.organization and f"All of {place.organization}") or "The whole program"
