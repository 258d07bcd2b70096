"""Where a role holds: one clinic, a whole organization or the whole program, with its name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from accounts.models import Clinic, Organization
from accounts.viewer import Scope
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """One clinic; without a clinic a whole organization; with neither the program."""

    organization_id: int | None = None
    clinic_id: int | None = None
    organization: str = ""
    clinic: str = ""
    is_archived: bool = False

    @property
    def scope(self) -> Scope:
        return Scope(organization_id=self.organization_id, clinic_id=self.clinic_id)

    @property
    def name(self) -> str:
        """As a sentence names it: "Alder Clinic", "North Health", "the whole program"."""
        return self.clinic or self.organization or "the whole program"


PROGRAM = Place()


def scope_of_account(owners: Collection[int | None]) -> Scope:
    """Whose an account is, by the organizations of its roles (None: the program).

    One organization's when all roles lie in it, else the program's.
    """
    found = set(owners)
    return Scope(found.pop() if len(found) == 1 else None, clinic_id=None)


def get_clinic_place(clinic_id: int) -> Place:
    """The clinic as a place. Raises NotFound."""
    row = db.session.execute(_CLINICS.where(Clinic.id == clinic_id)).one_or_none()
    if row is None:
        raise NotFound("This clinic does not exist. Go to the start page and look from there.")
    return name_place(row)


def list_clinic_places(study_codes: Sequence[str]) -> dict[str, Place]:
    """Those clinics in reach that have one of these study codes, by code in lower case."""
    wanted = {code.lower() for code in study_codes}
    rows = db.session.execute(
        _CLINICS.where(func.lower(Clinic.study_code).in_(wanted)).order_by(Clinic.id)
    )
    return {row.study_code.lower(): name_place(row) for row in rows}


def list_organization_places() -> list[Place]:
    """Every organization in reach, by name."""
    rows = db.session.execute(
        select(Organization.id, Organization.name).order_by(Organization.name, Organization.id)
    )
    return [Place(organization_id=row.id, organization=row.name) for row in rows]


def name_place(row: Row[*tuple[Any, ...]]) -> Place:
    """The place of a row that has both ids and both names (`organization`, `clinic`)."""
    return Place(
        organization_id=row.organization_id,
        clinic_id=row.clinic_id,
        organization=row.organization or "",
        clinic=row.clinic or "",
        is_archived=row.archived_at is not None,
    )


_CLINICS = select(
    Clinic.id.label("clinic_id"),
    Clinic.organization_id,
    Clinic.name.label("clinic"),
    Clinic.study_code,
    Clinic.archived_at,
    Organization.name.label("organization"),
).join(Organization, Organization.id == Clinic.organization_id)
