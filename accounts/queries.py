"""Reads about people; they return values, never ORM objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from accounts import wall
from accounts.models import Clinic, Grant, Person, Role, SignIn
from accounts.sign_in.sign_ins import token_hash
from accounts.viewer import ClinicName, HeldGrant, Viewer
from core import clock, tenancy
from core.db import db

# the reach of all grants together, as Viewer.reach and Reach.setting have it; for PostgreSQL
_IS_OF_PROGRAM = and_(
    Grant.role.is_not(None), Grant.organization_id.is_(None), Grant.clinic_id.is_(None)
)
_REACH = case(
    (func.bool_or(_IS_OF_PROGRAM).over(), literal(tenancy.WHOLE_PROGRAM)),
    else_=func.coalesce(func.string_agg(cast(Grant.organization_id, String), ",").over(), ""),
)


def holder_statement(
    person_id: InstrumentedAttribute[int],
    *conditions: ColumnElement[bool],
    extra: Sequence[ColumnElement[Any]] = (),
) -> Select[Any]:
    """SELECT of whoever's secret meets the conditions, with all grants; `viewer_of` reads its rows.

    `person_id` is the column of the table of secrets that says whose they are; `extra` columns of
    that table come along. On PostgreSQL it opens the row-level security for what the grants cover.
    """
    return (
        select(
            Person.id,
            Person.name,
            Person.email,
            Person.is_demo,
            Grant.role,
            Grant.organization_id,
            Grant.clinic_id,
            tenancy.carry(_REACH),
            *extra,
        )
        .select_from(person_id.class_)
        .join(Person, Person.id == person_id)
        .outerjoin(Grant, Grant.person_id == Person.id)
        .where(*conditions, Person.disabled_at.is_(None))
        .order_by(Grant.id)
    )


# built once: every request of everybody asks this
_VIEWER = holder_statement(
    SignIn.person_id,
    SignIn.token_sha256 == bindparam("token_sha256"),
    SignIn.ended_at.is_(None),
    SignIn.expires_at > bindparam("now"),
)


def get_viewer(token: str) -> Viewer | None:
    """The person whose browser holds this sign-in token, with all grants (one statement).

    On PostgreSQL the statement also opens the row-level security for what the grants cover.
    """
    rows = wall.execute(_VIEWER, {"token_sha256": token_hash(token), "now": clock.now()}).all()
    return viewer_of(rows)


def viewer_of(rows: Sequence[Row[Any]]) -> Viewer | None:
    """The person of the rows of a `holder_statement`; None when there are none."""
    if not rows:
        return None
    first = rows[0]
    return Viewer(
        person_id=first.id,
        name=first.name,
        email=first.email,
        is_demo=first.is_demo,
        grants=tuple(
            HeldGrant(Role(row.role), row.organization_id, row.clinic_id)
            for row in rows
            if row.role is not None
        ),
    )


def list_own_clinics(viewer: Viewer) -> Sequence[ClinicName]:
    """The clinics in which the person has a role of their own, by name (one statement at most)."""
    if not viewer.clinic_ids:
        return ()
    rows = db.session.execute(
        select(Clinic.id, Clinic.name)
        .where(Clinic.id.in_(viewer.clinic_ids), Clinic.archived_at.is_(None))
        .order_by(Clinic.name, Clinic.id)
    )
    return [ClinicName(row.id, row.name) for row in rows]


def get_demo_person(role: Role) -> Person | None:
    """The fictional person of the demonstration who holds this role."""
    return db.session.scalars(
        select(Person)
        .join(Grant, Grant.person_id == Person.id)
        .where(Person.is_demo, Grant.role == role, Person.email == f"{role}@example.org")
        .order_by(Person.id)
    ).first()
