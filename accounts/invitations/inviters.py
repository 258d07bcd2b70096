"""An invitation is worth no more than its maker: it stands while they may still give the role.

Otherwise somebody could invite a second address of their own and come back after they have left.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from accounts.models import Grant, Person, Role
from accounts.permissions import may
from accounts.viewer import HeldGrant, Scope, Viewer
from core.db import db


def get_inviters(person_ids: Iterable[int | None]) -> dict[int, Viewer]:
    """Those of these people whose account is open, with what they hold now (one statement)."""
    wanted = {key for key in person_ids if key is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Person.id, Person.name, Person.email, Grant.role)
        .add_columns(Grant.organization_id, Grant.clinic_id)
        .join(Grant, Grant.person_id == Person.id)
        .where(Person.id.in_(wanted), Person.disabled_at.is_(None))
        .order_by(Grant.id)
    ).all()
    held: dict[int, list[HeldGrant]] = {}
    names = {row.id: (row.name, row.email) for row in rows}
    for row in rows:
        grant = HeldGrant(Role(row.role), row.organization_id, row.clinic_id)
        held.setdefault(row.id, []).append(grant)
    return {key: Viewer(key, *names[key], tuple(grants)) for key, grants in held.items()}


def stands(created_by: int | None, role: Role, scope: Scope, inviters: dict[int, Viewer]) -> bool:
    """Whether the maker may still give this role there; one made at the terminal always stands."""
    return created_by is None or may(inviters.get(created_by), f"role.{role}", scope)
