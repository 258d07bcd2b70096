"""The fixed cast of the access tests: two organizations, three clinics, one person per role.

There are two administrators: one of the whole program, one of North Health only.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts import service
from accounts.models import Clinic, Organization, Person, Role
from core.db import db

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Cast:
    """Ids only, so that a test may use them after the session has moved on."""

    organization: int
    clinic: int
    sister_clinic: int
    other_organization: int
    other_clinic: int
    member: int
    second_member: int
    lead: int
    coach: int
    researcher: int
    administrator: int
    organization_administrator: int
    member_of_other_clinic: int
    stranger: int

    @property
    def people(self) -> dict[str, int]:
        names = (
            "member",
            "lead",
            "coach",
            "researcher",
            "administrator",
            "organization_administrator",
            "member_of_other_clinic",
            "stranger",
        )
        return {name: getattr(self, name) for name in names}


def create_cast() -> Cast:
    """Write the cast into the database and commit it."""
    north = service.create_organization(name="North Health")
    south = service.create_organization(name="South Health")
    first = _clinic(north, "Alder Clinic", "N01")
    sister = _clinic(north, "Birch Clinic", "N02")
    foreign = _clinic(south, "Cedar Clinic", "S01")
    ids = {
        "member": _person("member", Role.MEMBER, clinic=first),
        "second_member": _person("second", Role.MEMBER, clinic=first),
        "lead": _person("lead", Role.LEAD, clinic=first),
        "coach": _person("coach", Role.COACH, organization=north),
        "researcher": _person("researcher", Role.RESEARCHER),
        "administrator": _person("administrator", Role.ADMINISTRATOR),
        "organization_administrator": _person("north", Role.ADMINISTRATOR, organization=north),
        "member_of_other_clinic": _person("other", Role.MEMBER, clinic=foreign),
        "stranger": service.create_person(email="stranger@example.org", name="Stranger").id,
    }
    cast = Cast(
        organization=north.id,
        clinic=first.id,
        sister_clinic=sister.id,
        other_organization=south.id,
        other_clinic=foreign.id,
        **ids,
    )
    db.session.commit()
    return cast


def _clinic(organization: Organization, name: str, code: str) -> Clinic:
    return service.create_clinic(
        organization=organization, name=name, study_code=code, baseline_quarter="2026Q1"
    )


def _person(
    name: str,
    role: Role,
    *,
    organization: Organization | None = None,
    clinic: Clinic | None = None,
) -> int:
    person: Person = service.create_person(email=f"{name}@example.org", name=name.capitalize())
    service.grant_role(person=person, role=role, organization=organization, clinic=clinic)
    return person.id
