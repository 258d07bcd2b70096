"""Reads of API tokens: a person's own list, and whose a secret is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from accounts import wall
from accounts.queries import holder_statement, viewer_of
from accounts.viewer import Viewer
from core import clock
from core.db import db
from research.models import ApiToken
from research.tokens.keeping import hash_of

KEPT_IN_SIGHT = 20


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A token as its owner's page lists it; never the secret, which nobody has any more."""

    id: int
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    is_alive: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token a program holds."""

    token_id: int
    viewer: Viewer


_HOLDER = holder_statement(
    ApiToken.person_id,
    ApiToken.token_hash == bindparam("token_hash"),
    ApiToken.revoked_at.is_(None),
    ApiToken.expires_at > bindparam("now"),
    extra=(ApiToken.id.label("token_id"),),
)


def list_tokens(person_id: int) -> Sequence[OwnToken]:
    """A person's tokens: those that work, newest first, then the latest that ended."""
    now = clock.now()
    rows = db.session.scalars(
        select(ApiToken)
        .where(ApiToken.person_id == person_id)
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    )
    listed = [
        OwnToken(
            id=row.id,
            name=row.name,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
            is_alive=row.revoked_at is None and row.expires_at > now,
        )
        for row in rows
    ]
    ended = [one for one in listed if not one.is_alive]
    return [one for one in listed if one.is_alive] + ended[:KEPT_IN_SIGHT]


def get_token(person_id: int, token_id: int) -> OwnToken | None:
    """One of a person's own tokens."""
    return next((one for one in list_tokens(person_id) if one.id == token_id), None)


def find_holder(secret: str) -> Holder | None:
    """Whose token this is while it works and its owner is not disabled (one statement).

    On PostgreSQL the statement also opens the row-level security for what the grants cover.
    """
    rows = wall.execute(_HOLDER, {"token_hash": hash_of(secret), "now": clock.now()}).all()
    viewer = viewer_of(rows)
    return Holder(rows[0].token_id, viewer) if viewer is not None else None
