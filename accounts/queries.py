"""Reads about people; they return values, never ORM objects."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from accounts.models import Clinic, Grant, Person, Role, SignIn
from accounts.service import token_hash
from accounts.viewer import ClinicName, HeldGrant, Viewer
from core import clock
from core.db import db

# built once: every request of everybody asks this
_VIEWER = (
    select(
        Person.id,
        Person.name,
        Person.email,
        Person.is_demo,
        Grant.role,
        Grant.organization_id,
        Grant.clinic_id,
        Clinic.name.label("clinic_name"),
    )
    .select_from(SignIn)
    .join(Person, Person.id == SignIn.person_id)
    .outerjoin(Grant, Grant.person_id == Person.id)
    .outerjoin(Clinic, Clinic.id == Grant.clinic_id)
    .where(
        SignIn.token_sha256 == bindparam("token_sha256"),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > bindparam("now"),
    )
    .order_by(Clinic.name, Grant.id)
)


def get_viewer(token: str) -> Viewer | None:
    """The person whose browser holds this sign-in token, with all grants (one statement)."""
    rows = db.session.execute(
        _VIEWER, {"token_sha256": token_hash(token), "now": clock.now()}
    ).all()
    if not rows:
        return None
    first = rows[0]
    clinics = {row.clinic_id: row.clinic_name for row in rows if row.clinic_id is not None}
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
        clinics=tuple(ClinicName(id=key, name=name) for key, name in clinics.items()),
    )


def get_demo_person(role: Role) -> Person | None:
    """The fictional person of the demonstration who holds this role."""
    return db.session.scalars(
        select(Person)
        .join(Grant, Grant.person_id == Person.id)
        .where(Person.is_demo, Grant.role == role, Person.email == f"{role}@example.org")
        .order_by(Person.id)
    ).first()
