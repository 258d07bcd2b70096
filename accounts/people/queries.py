"""Reads about people and their roles for administrators and for the leads of a clinic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    true,
)

from accounts.models import Clinic, Grant, Identity, Passkey, Person, Role, SignIn
from accounts.people.role_queries import HeldRole, list_roles, list_roles_by_person
from accounts.places import PROGRAM
from accounts.program.queries import LONGEST_SEARCH, contains
from accounts.program.reach import Reach, within
from accounts.viewer import Scope
from core import clock
from core.db import db
from core.errors import NotFound

PAGE_LENGTH = 50


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list; `roles` are those within the reach of whoever looks."""

    id: int
    name: str
    email: str
    is_demo: bool
    disabled_at: datetime | None
    last_sign_in: datetime | None
    roles: tuple[HeldRole, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of a list of people; pages count from 1."""

    rows: tuple[PersonRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_LENGTH))


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """One person; `owners` are the organizations of all their roles, None for the program."""

    row: PersonRow
    created_at: datetime
    owners: frozenset[int | None]
    signed_in_browsers: int
    has_password: bool
    has_codes: bool
    passkeys: int
    identities: int

    @property
    def account_scope(self) -> Scope:
        """Whose the account is: one organization's when all roles lie in it, else the program's."""
        if len(self.owners) == 1 and None not in self.owners:
            return Scope(organization_id=next(iter(self.owners)), clinic_id=None)
        return PROGRAM.scope


def list_people(
    reach: Reach, *, search: str = "", role: Role | None = None, show: str = "", page: int = 1
) -> PeoplePage:
    """People within the reach by name, 50 a page (three statements, however many there are).

    `search` looks in names, emails and clinics; `show` may be "never" (has not signed in yet),
    "disabled" or "no-role".
    """
    wanted = and_(in_reach(reach), *_found_by(search), _has(role, reach), _shown(show))
    total = db.session.scalar(select(func.count()).select_from(Person).where(wanted)) or 0
    page = max(1, min(page, -(-total // PAGE_LENGTH)))
    people = db.session.execute(
        _people()
        .where(wanted)
        .order_by(func.lower(Person.name), Person.id)
        .limit(PAGE_LENGTH)
        .offset((page - 1) * PAGE_LENGTH)
    ).all()
    roles = list_roles_by_person([row.id for row in people], reach)
    rows = tuple(_person(row, roles[row.id]) for row in people)
    return PeoplePage(rows, total, page)


def get_person(person_id: int, reach: Reach) -> PersonDetail:
    """A person within the reach, or everybody's NotFound. Raises NotFound."""
    found = db.session.execute(
        _people()
        .add_columns(
            Person.created_at,
            Person.password_hash.is_not(None).label("has_password"),
            Person.totp_confirmed_at.is_not(None).label("has_codes"),
            _count(SignIn, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now()).label(
                "browsers"
            ),
            _count(Passkey).label("passkeys"),
            _count(Identity).label("identities"),
        )
        .where(Person.id == person_id, in_reach(reach))
    ).one_or_none()
    if found is None:
        raise NotFound("This person does not exist. Look for them in the list of people.")
    owners = db.session.scalars(select(Grant.organization_id).where(Grant.person_id == person_id))
    return PersonDetail(
        row=_person(found, list_roles_by_person([person_id], reach)[person_id]),
        created_at=found.created_at,
        owners=frozenset(owners),
        signed_in_browsers=found.browsers,
        has_password=found.has_password,
        has_codes=found.has_codes,
        passkeys=found.passkeys,
        identities=found.identities,
    )


def list_clinic_people(clinic_id: int) -> Sequence[tuple[PersonRow, HeldRole]]:
    """Everybody with a role in this very clinic, leads first (two statements)."""
    roles = list_roles(Grant.clinic_id == clinic_id)
    people = {
        row.id: _person(row, ())
        for row in db.session.execute(
            _people().where(Person.id.in_({role.person_id for role in roles}))
        )
    }
    order = {Role.LEAD: 0, Role.MEMBER: 1}
    found = [(people[role.person_id], role) for role in roles if role.person_id in people]
    return sorted(
        found, key=lambda one: (order.get(one[1].role, 2), one[0].name.lower(), one[1].grant_id)
    )


def find_person_name(person_id: int) -> str:
    """The name of a person; empty when there is none."""
    return db.session.scalar(select(Person.name).where(Person.id == person_id)) or ""


def never_signed_in() -> ColumnElement[bool]:
    """The condition that a person has an open account and has not used it yet."""
    return and_(
        Person.disabled_at.is_(None),
        Person.is_demo.is_(False),
        Person.last_signed_in_at.is_(None),
    )


def _people() -> Select[*tuple[Any, ...]]:
    return select(
        Person.id,
        Person.name,
        Person.email,
        Person.is_demo,
        Person.disabled_at,
        Person.last_signed_in_at,
    )


def _count(
    model: type[SignIn | Passkey | Identity], *conditions: ColumnElement[bool]
) -> ScalarSelect[int]:
    return select(func.count()).where(model.person_id == Person.id, *conditions).scalar_subquery()


def _person(row: Row[*tuple[Any, ...]], roles: Iterable[HeldRole]) -> PersonRow:
    return PersonRow(
        id=row.id,
        name=row.name,
        email=row.email,
        is_demo=row.is_demo,
        disabled_at=row.disabled_at,
        last_sign_in=row.last_signed_in_at,
        roles=tuple(roles),
    )


def in_reach(reach: Reach) -> ColumnElement[bool]:
    """The condition that a person has a role within the reach."""
    if reach is None:
        return true()
    return exists().where(Grant.person_id == Person.id, within(Grant.organization_id, reach))


def _found_by(search: str) -> list[ColumnElement[bool]]:
    conditions = []
    for word in search[:LONGEST_SEARCH].replace("\0", "").split():
        clinics = (
            select(Grant.person_id)
            .join(Clinic, Clinic.id == Grant.clinic_id)
            .where(*contains(word, Clinic.name, Clinic.study_code))
        )
        conditions.append(or_(*contains(word, Person.name, Person.email), Person.id.in_(clinics)))
    return conditions


def _has(role: Role | None, reach: Reach) -> ColumnElement[bool]:
    if role is None:
        return true()
    return exists().where(
        Grant.person_id == Person.id, Grant.role == role, within(Grant.organization_id, reach)
    )


def _shown(show: str) -> ColumnElement[bool]:
    if show == "never":
        return never_signed_in()
    if show == "disabled":
        return Person.disabled_at.is_not(None)
    if show == "no-role":
        return ~exists().where(Grant.person_id == Person.id)
    return true()
