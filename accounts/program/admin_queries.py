"""What an administrator sees first: how large the program is, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select

from accounts import tokens
from accounts.models import Clinic, Grant, Organization, Person, Purpose, Role, Token
from accounts.people.queries import in_reach, never_signed_in
from accounts.program.reach import Reach, within
from core import clock
from core.db import db


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts within the reach of an administrator; closed accounts and archived clinics apart."""

    organizations: int
    clinics: int
    archived_clinics: int
    clinics_without_lead: int
    people: int
    people_never_signed_in: int
    open_invitations: int
    expired_invitations: int


def get_overview(reach: Reach) -> Overview:
    """All counts in one statement."""
    clinics = select(func.count(Clinic.id)).where(within(Clinic.organization_id, reach))
    open_clinics = clinics.where(Clinic.archived_at.is_(None))
    has_lead = exists().where(Grant.clinic_id == Clinic.id, Grant.role == Role.LEAD)
    people = select(func.count(Person.id)).where(in_reach(reach), Person.disabled_at.is_(None))
    invitations = select(func.count(Token.id)).where(
        Token.purpose == Purpose.INVITATION,
        tokens.is_open(),
        within(Token.organization_id, reach),
    )
    now = clock.now()
    counts = (
        select(func.count(Organization.id)).where(within(Organization.id, reach)),
        open_clinics,
        clinics.where(Clinic.archived_at.is_not(None)),
        open_clinics.where(~has_lead),
        people,
        people.where(never_signed_in()),
        invitations.where(Token.expires_at > now),
        invitations.where(Token.expires_at <= now),
    )
    return Overview(*db.session.execute(select(*[one.scalar_subquery() for one in counts])).one())


def has_program_administrator(*, counts_demo: bool) -> bool:
    """Whether anybody runs the whole program.

    A closed account counts: whoever closed it must not hand the program to the first comer.
    Fictional administrators count only where they can sign in (`counts_demo`).
    """
    conditions: list[ColumnElement[bool]] = [
        Grant.role == Role.ADMINISTRATOR,
        Grant.organization_id.is_(None),
        Grant.clinic_id.is_(None),
    ]
    if not counts_demo:
        conditions.append(Person.is_demo.is_(False))
    found = select(Grant.id).join(Person, Person.id == Grant.person_id).where(*conditions).limit(1)
    return db.session.scalar(found) is not None
