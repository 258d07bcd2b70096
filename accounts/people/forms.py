"""Forms with which administrators change people and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError

from accounts.email_address import BadEmail, read_email
from accounts.models import Role
from accounts.places import Place
from accounts.program import clinic_facts
from accounts.program.forms import Reads
from accounts.role_words import NAMES
from core.forms import Form


class PersonForm(Form):
    """Name and email of a person."""

    name = StringField("Name", validators=[Reads(clinic_facts.person_name)])
    email = EmailField("Email", description="The person signs in with it.")

    def validate_email(self, field: Any) -> None:
        try:
            read_email(field.data or "")
        except BadEmail as bad:
            raise ValidationError(str(bad)) from bad

    def typed(self) -> tuple[str, str]:
        """Name and email, after validation."""
        return clinic_facts.person_name(self.name.data or ""), read_email(self.email.data or "")


class RoleForm(Form):
    """A role and the place it holds in."""

    role = SelectField("Role")
    place = SelectField("Where")

    def __init__(self, *args: Any, roles: Sequence[Role], places: Sequence[Place], **settings: Any):
        super().__init__(*args, **settings)
        self._places = {key_of(place): place for place in places}
        self.role.choices = [
            SelectChoice(value="", label="Choose a role"),
            *[SelectChoice(value=str(one), label=NAMES[one]) for one in roles],
        ]
        self.place.choices = [
            SelectChoice(value="", label="Choose where"),
            *[SelectChoice(value=key, label=_label(one)) for key, one in self._places.items()],
        ]

    def validate_role(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose a role.")

    def validate_place(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Choose where the role holds.")

    def chosen(self) -> tuple[Role, Place]:
        """Role and place, after validation."""
        return Role(self.role.data), self._places[self.place.data]


def key_of(place: Place) -> str:
    """A place as the value of an option."""
    if place.clinic_id is not None:
        return f"clinic-{place.clinic_id}"
    return "program" if place.organization_id is None else f"organization-{place.organization_id}"


def _label(place: Place) -> str:
    if place.clinic_id is not None:
        return f"{place.clinic} ({place.organization})"
    return f"All of {place.organization}" if place.organization_id else "The whole program"
