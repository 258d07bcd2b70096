"""Reads about organizations and clinics for the pages of administrators; they return values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, distinct, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Clinic, Grant, Organization, Role
from accounts.program.clinic_facts import ClinicFacts
from accounts.program.organizations import facts_of
from accounts.program.reach import Reach, within
from accounts.viewer import Scope
from core.db import db
from core.errors import NotFound

LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """An organization in a list, with how many clinics are open and archived."""

    id: int
    name: str
    clinics: int
    archived: int
    is_demo: bool

    @property
    def scope(self) -> Scope:
        """Whose it is, for the permission table."""
        return Scope(organization_id=self.id, clinic_id=None)


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """A clinic in a list; `people` counts everybody with a role in it, `leads` its leads."""

    id: int
    name: str
    study_code: str
    state: str | None
    organization_id: int
    organization: str
    people: int
    leads: int
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClinicDetail:
    """One clinic with all that is known of it."""

    id: int
    organization_id: int
    organization: str
    facts: ClinicFacts
    archived_at: datetime | None

    @property
    def scope(self) -> Scope:
        """Whose it is, for the permission table."""
        return Scope(organization_id=self.organization_id, clinic_id=self.id)


def list_organizations(reach: Reach, search: str = "") -> Sequence[OrganizationRow]:
    """The organizations within the reach whose name has these words, by name."""
    rows = db.session.execute(
        _organizations()
        .where(within(Organization.id, reach), *contains(search, Organization.name))
        .order_by(Organization.name, Organization.id)
    )
    return [OrganizationRow(*row) for row in rows]


def get_organization(organization_id: int) -> OrganizationRow:
    """One organization. Raises NotFound."""
    row = db.session.execute(
        _organizations().where(Organization.id == organization_id)
    ).one_or_none()
    if row is None:
        raise NotFound("This organization does not exist. Look for it in the list.")
    return OrganizationRow(*row)


def list_clinics(
    reach: Reach,
    *,
    organization_id: int | None = None,
    search: str = "",
    archived: bool = False,
    without_lead: bool = False,
) -> Sequence[ClinicRow]:
    """Clinics within the reach, by organization and name; archived ones or the others."""
    leads = func.count(distinct(Grant.person_id)).filter(Grant.role == Role.LEAD)
    query = (
        select(
            Clinic.id,
            Clinic.name,
            Clinic.study_code,
            Clinic.state,
            Clinic.organization_id,
            Organization.name,
            func.count(distinct(Grant.person_id)),
            leads,
            Clinic.archived_at,
        )
        .join(Organization, Organization.id == Clinic.organization_id)
        .outerjoin(Grant, Grant.clinic_id == Clinic.id)
        .where(
            within(Clinic.organization_id, reach),
            Clinic.archived_at.is_not(None) if archived else Clinic.archived_at.is_(None),
            *contains(search, Clinic.name, Clinic.study_code, Organization.name),
        )
        .group_by(Clinic.id, Organization.name)
        .order_by(Organization.name, Clinic.name, Clinic.id)
    )
    if organization_id is not None:
        query = query.where(Clinic.organization_id == organization_id)
    if without_lead:
        query = query.having(leads == 0)
    return [ClinicRow(*row) for row in db.session.execute(query)]


def get_clinic_detail(clinic_id: int) -> ClinicDetail:
    """One clinic, archived or not. Raises NotFound."""
    row = db.session.execute(
        select(Clinic, Organization.name)
        .join(Organization, Organization.id == Clinic.organization_id)
        .where(Clinic.id == clinic_id)
    ).one_or_none()
    if row is None:
        raise NotFound("This clinic does not exist. Look for it in the list.")
    clinic, organization = row
    return ClinicDetail(
        id=clinic.id,
        organization_id=clinic.organization_id,
        organization=organization,
        facts=facts_of(clinic),
        archived_at=clinic.archived_at,
    )


def _organizations() -> Select[int, str, int, int, bool]:
    archived = func.count(Clinic.archived_at)
    return (
        select(
            Organization.id,
            Organization.name,
            func.count(Clinic.id) - archived,
            archived,
            Organization.is_demo,
        )
        .outerjoin(Clinic, Clinic.organization_id == Organization.id)
        .group_by(Organization.id)
    )


def contains(search: str, *columns: InstrumentedAttribute[str]) -> list[ColumnElement[bool]]:
    """The conditions that each word of a search stands in one of the columns."""
    words = search[:LONGEST_SEARCH].replace("\0", "").split()
    return [or_(*[column.icontains(word, autoescape=True) for column in columns]) for word in words]
