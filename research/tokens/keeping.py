"""Verbs of API tokens: make one, revoke it, note that it was used.

A token stands in for its owner where only reading is possible. It has 256 bits and is shown once;
the table keeps its SHA-256. What it opens is asked of its owner's roles at every request, so a
token is worth nothing from the moment its owner is disabled or loses the role.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from accounts.models import Person
from core import audit, clock
from core.db import db
from core.errors import Conflict, NotFound
from research.models import ApiToken

MOST = 10
LONGEST_DAYS = 365
LONGEST_NAME = 80
PREFIX = "bw_"
"""So that people and scanners for leaked secrets know what they see."""
SECRET_BYTES = 32
NOTED_EVERY = timedelta(minutes=1)


class TooManyTokens(Conflict):
    """The person has as many as anybody may have."""

    title = "You have too many tokens"

    def __init__(self) -> None:
        super().__init__(f"You have {MOST} tokens. Revoke one that you no longer use.")


def make_token(*, person_id: int, name: str, days: int) -> tuple[ApiToken, str]:
    """A token that works for `days` days (1 to 365): its row, and the secret, shown this once.

    Raises TooManyTokens.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"a token lives 1 to {LONGEST_DAYS} days")
    # the person's row is held, so that two pages at once do not make one too many
    person = db.session.scalars(
        select(Person).where(Person.id == person_id).with_for_update()
    ).one()
    now = clock.now()
    alive = db.session.scalar(
        select(func.count())
        .select_from(ApiToken)
        .where(ApiToken.person_id == person_id, is_alive(now))
    )
    if (alive or 0) >= MOST:
        raise TooManyTokens
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        person_id=person_id,
        name=name,
        token_hash=hash_of(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(token)
    db.session.flush()
    audit.record(
        "api_token.made",
        subject=f"person {person_id} {person.name}",
        after={"token": name, "expires_at": token.expires_at},
    )
    return token, secret


def revoke_token(*, person_id: int, token_id: int) -> str:
    """Let a token work no more; its name. Raises NotFound for somebody else's."""
    token = db.session.scalar(
        select(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.person_id == person_id)
        .with_for_update()
    )
    if token is None:
        raise NotFound("You have no such token.")
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        db.session.flush()
        person = db.session.get_one(Person, person_id)
        audit.record(
            "api_token.revoked",
            subject=f"person {person_id} {person.name}",
            before={"token": token.name},
        )
    return token.name


def note_use(token_id: int) -> None:
    """Remember when the token was last used, to the minute: programs ask often."""
    now = clock.now()
    old = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - NOTED_EVERY)
    db.session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id, old)
        .values(last_used_at=now)
        .execution_options(synchronize_session=False)
    )


def is_alive(now: datetime) -> ColumnElement[bool]:
    """The condition under which a token works."""
    return and_(ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)


def hash_of(secret: str) -> str:
    """What the table keeps of a secret; full entropy needs no salt."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
