"""Reads about roles: who holds which, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, select

from accounts.models import Clinic, Grant, Organization, Role
from accounts.places import Place
from accounts.program.reach import Reach, within
from accounts.role_words import NAMES
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role of a person, and where it holds."""

    grant_id: int
    person_id: int
    role: Role
    place: Place

    @property
    def name(self) -> str:
        """As a list names it: "Clinic lead"."""
        return NAMES[self.role]


def get_role(grant_id: int) -> HeldRole:
    """One role somebody holds. Raises NotFound."""
    found = list_roles(Grant.id == grant_id)
    if not found:
        raise NotFound("This role was taken away already. Go back to the list of people.")
    return found[0]


def list_roles_by_person(person_ids: Iterable[int], reach: Reach) -> dict[int, list[HeldRole]]:
    """The roles of these people within the reach (one statement); nobody is missing."""
    found: dict[int, list[HeldRole]] = defaultdict(list)
    wanted = and_(Grant.person_id.in_(list(person_ids)), within(Grant.organization_id, reach))
    for role in list_roles(wanted):
        found[role.person_id].append(role)
    return found


def list_roles(wanted: ColumnElement[bool]) -> list[HeldRole]:
    """Roles that fulfil the condition, the widest first, then by place."""
    widest_first = case(
        (Grant.organization_id.is_(None), 0), (Grant.clinic_id.is_(None), 1), else_=2
    )
    rows = db.session.execute(
        select(
            Grant.id,
            Grant.person_id,
            Grant.role,
            Grant.organization_id,
            Grant.clinic_id,
            Organization.name.label("organization"),
            Clinic.name.label("clinic"),
            Clinic.archived_at,
        )
        .outerjoin(Organization, Organization.id == Grant.organization_id)
        .outerjoin(Clinic, Clinic.id == Grant.clinic_id)
        .where(wanted)
        .order_by(widest_first, Organization.name, Clinic.name, Grant.id)
    )
    return [
        HeldRole(
            grant_id=row.id,
            person_id=row.person_id,
            role=Role(row.role),
            place=Place(
                organization_id=row.organization_id,
                clinic_id=row.clinic_id,
                organization=row.organization or "",
                clinic=row.clinic or "",
                is_archived=row.archived_at is not None,
            ),
        )
        for row in rows
    ]
