"""Verbs that change organizations and clinics; they flush, the edge commits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from accounts import service
from accounts.models import Clinic, Organization
from accounts.program.clinic_facts import ClinicFacts
from core import audit, clock
from core.db import db
from core.errors import Conflict, NotFound


class Taken(Conflict):
    """Another organization or clinic has this name or code; `field` is the form's field."""

    title = "This is in use already"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Archived(Conflict):
    """The clinic is archived: it is read, not changed."""

    title = "This clinic is archived"


def add_organization(*, name: str) -> int:
    """Add an organization and return its id. Raises Taken."""
    _refuse_name_of_organization(name)
    try:
        with db.session.begin_nested():
            organization = service.create_organization(name=name)
    except IntegrityError as error:
        raise _name_taken(name) from error
    audit.record(
        "organization.created",
        subject=_organization(organization),
        organization_id=organization.id,
        after={"name": name},
    )
    return organization.id


def rename_organization(*, organization_id: int, name: str) -> None:
    """Give the organization another name. Raises NotFound or Taken."""
    organization = db.session.get(Organization, organization_id, with_for_update=True)
    if organization is None:
        raise NotFound("This organization does not exist.")
    before = organization.name
    if before == name:
        return
    _refuse_name_of_organization(name, but=organization_id)
    try:
        with db.session.begin_nested():
            organization.name = name
    except IntegrityError as error:
        raise _name_taken(name) from error
    audit.record(
        "organization.changed",
        subject=_organization(organization),
        organization_id=organization_id,
        before={"name": before},
        after={"name": name},
    )


def add_clinic(*, organization_id: int, facts: ClinicFacts) -> int:
    """Add a clinic and return its id. Raises NotFound or Taken."""
    organization = db.session.get(Organization, organization_id)
    if organization is None:
        raise NotFound("This organization does not exist.")
    _refuse_taken(organization_id, facts)
    try:
        with db.session.begin_nested():
            clinic = service.create_clinic(organization=organization, **facts.as_dict())
    except IntegrityError as error:
        raise _which_is_taken(error, facts) from error
    record_new_clinic(organization_id, clinic.id, facts)
    return clinic.id


def change_clinic(*, clinic_id: int, facts: ClinicFacts) -> None:
    """Change what is known of a clinic. Raises NotFound, Archived or Taken."""
    clinic = _hold(clinic_id)
    if clinic.archived_at is not None:
        raise Archived("Restore the clinic first, then change it.")
    before = facts_of(clinic)
    _refuse_taken(clinic.organization_id, facts, but=clinic_id)
    try:
        with db.session.begin_nested():
            for column, value in facts.as_dict().items():
                setattr(clinic, column, value)
    except IntegrityError as error:
        raise _which_is_taken(error, facts) from error
    record_changed_clinic(clinic.organization_id, clinic_id, before, facts)


def archive_clinic(*, clinic_id: int) -> None:
    """Take a clinic out of all lists; nobody works in it until it is restored. Raises NotFound."""
    clinic = _hold(clinic_id)
    if clinic.archived_at is None:
        clinic.archived_at = clock.now()
        _record(clinic, "clinic.archived")


def restore_clinic(*, clinic_id: int) -> None:
    """Bring an archived clinic back with its people and quarters. Raises NotFound."""
    clinic = _hold(clinic_id)
    if clinic.archived_at is not None:
        clinic.archived_at = None
        _record(clinic, "clinic.restored")


def facts_of(clinic: Clinic) -> ClinicFacts:
    """What is known of a clinic, as a value."""
    columns = ClinicFacts.__dataclass_fields__
    return ClinicFacts(**{column: getattr(clinic, column) for column in columns})


def record_new_clinic(organization_id: int, clinic_id: int, facts: ClinicFacts) -> None:
    """Note a new clinic in the log."""
    audit.record(
        "clinic.created",
        subject=f"clinic {clinic_id} {facts.name}",
        organization_id=organization_id,
        after=facts.as_dict(),
    )


def record_changed_clinic(
    organization_id: int, clinic_id: int, before: ClinicFacts, after: ClinicFacts
) -> None:
    """Note what changed of a clinic in the log; nothing when nothing did."""
    was, now = before.as_dict(), after.as_dict()
    changed = [column for column in was if was[column] != now[column]]
    if changed:
        audit.record(
            "clinic.changed",
            subject=f"clinic {clinic_id} {after.name}",
            organization_id=organization_id,
            before={column: was[column] for column in changed},
            after={column: now[column] for column in changed},
        )


def _hold(clinic_id: int) -> Clinic:
    clinic = db.session.get(Clinic, clinic_id, with_for_update=True, populate_existing=True)
    if clinic is None:
        raise NotFound("This clinic does not exist.")
    return clinic


def _record(clinic: Clinic, action: str) -> None:
    db.session.flush()
    audit.record(
        action,
        subject=f"clinic {clinic.id} {clinic.name}",
        organization_id=clinic.organization_id,
    )


def _organization(organization: Organization) -> str:
    return f"organization {organization.id} {organization.name}"


def _refuse_name_of_organization(name: str, but: int | None = None) -> None:
    """Capital letters make no second organization, which the constraint would allow."""
    if _exists(Organization, but, func.lower(Organization.name) == name.lower()):
        raise _name_taken(name)


def _refuse_taken(organization_id: int, facts: ClinicFacts, but: int | None = None) -> None:
    same_name = func.lower(Clinic.name) == facts.name.lower()
    if _exists(Clinic, but, Clinic.organization_id == organization_id, same_name):
        raise _clinic_taken(facts)
    if _exists(Clinic, but, func.lower(Clinic.study_code) == facts.study_code.lower()):
        raise _code_taken(facts)


def _exists(model: type[Clinic] | type[Organization], but: int | None, *conditions: Any) -> bool:
    query = select(model.id).where(*conditions).limit(1)
    if but is not None:
        query = query.where(model.id != but)
    return db.session.scalar(query) is not None


def _which_is_taken(error: IntegrityError, facts: ClinicFacts) -> Taken:
    # PostgreSQL names the constraint, SQLite the columns; both say "study_code" for the code
    return _code_taken(facts) if "study_code" in str(error.orig) else _clinic_taken(facts)


def _name_taken(name: str) -> Taken:
    return Taken("name", f"There is an organization named {name} already. Choose another name.")


def _clinic_taken(facts: ClinicFacts) -> Taken:
    return Taken(
        "name", f"The organization has a clinic named {facts.name} already. Choose another name."
    )


def _code_taken(facts: ClinicFacts) -> Taken:
    return Taken(
        "study_code", f"{facts.study_code} is used by another clinic. Choose another code."
    )
