"""Forms of organizations and clinics; their rules are those of accounts.clinic_facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wtforms import Field, StringField
from wtforms.validators import ValidationError

from accounts.program import clinic_facts
from accounts.program.clinic_facts import BadFact, ClinicFacts
from core.forms import Form


class Reads:
    """Validator: the field's text is read by one of the rules, which names the fix."""

    def __init__(self, read: Callable[[str], object]) -> None:
        self._read = read

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            self._read(field.data or "")
        except BadFact as bad:
            raise ValidationError(str(bad)) from bad


def _field(label: str, column: str, hint: str = "") -> StringField:
    return StringField(label, validators=[Reads(clinic_facts.READERS[column])], description=hint)


class OrganizationForm(Form):
    """The name of an organization."""

    name = _field("Name of the organization", "name", "The health system or practice group.")

    def typed_name(self) -> str:
        """The name, after validation."""
        return clinic_facts.name(self.name.data or "")


class ClinicForm(Form):
    """All that is known of a clinic."""

    name = _field("Name of the clinic", "name")
    study_code = _field(
        "Study code", "study_code", "What researchers see instead of the name, like C01."
    )
    state = _field("State (optional)", "state", "Two letters, like WA.")
    setting = _field("Setting (optional)", "setting", "For example rural, small town or urban.")
    ehr = _field("Electronic health record (optional)", "ehr")
    clinician_fte = _field(
        "Clinicians, full-time equivalents (optional)", "clinician_fte", "For example 4.5."
    )
    baseline_quarter = _field(
        "First quarter in the program (optional)", "baseline_quarter", "Like 2026Q1."
    )

    def facts(self) -> ClinicFacts:
        """What was typed, after validation."""
        read = clinic_facts.READERS
        return ClinicFacts(**{column: read[column](self[column].data or "") for column in read})


def clinic_form_of(facts: ClinicFacts) -> ClinicForm:
    """The form filled with what is known now."""
    values = facts.as_dict()
    if facts.clinician_fte is not None:
        values["clinician_fte"] = f"{facts.clinician_fte:g}"
    return ClinicForm(formdata=None, data=values)
