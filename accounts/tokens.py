"""One-time links: who holds the secret may accept one invitation or set one new password.

The secret has 256 bits and stands only in the link; the table keeps its SHA-256. A link that is
unknown, used, expired or revoked gets one and the same answer, so that it tells nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, select, update

from accounts.models import Purpose, Role, Token
from core import clock
from core.db import db
from core.errors import NotFound

SECRET_BYTES = 32


class DeadLink(NotFound):
    """The link is unknown, used, expired or revoked; nobody is told which."""

    title = "This link does not work any more"

    def __init__(self) -> None:
        super().__init__(
            "It may be used up, too old, or replaced by a newer one. "
            "Ask the person who sent it to you for a new link."
        )


def issue(
    *,
    purpose: Purpose,
    email: str,
    lifetime: timedelta,
    created_by: int | None = None,
    name: str = "",
    role: Role | None = None,
    organization_id: int | None = None,
    clinic_id: int | None = None,
    person_id: int | None = None,
) -> tuple[Token, str]:
    """Make a link for this email that works once until `lifetime` is over.

    Returns the token's row and the secret that belongs into the link; the secret cannot be had
    again. An invitation needs `role` (and its scope), a reset `person_id`. Links made before stay
    as they are: revoke them when the new one shall be the only one.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = clock.now()
    token = Token(
        purpose=purpose,
        token_sha256=_hash(secret),
        email=email.strip().lower(),
        name=name,
        role=role,
        organization_id=organization_id,
        clinic_id=clinic_id,
        person_id=person_id,
        created_by=created_by,
        created_at=now,
        expires_at=now + lifetime,
    )
    db.session.add(token)
    db.session.flush()
    return token, secret


def find(secret: str, purpose: Purpose) -> Token | None:
    """The link with this secret while it works, else None; changes nothing."""
    return db.session.scalar(
        select(Token).where(
            Token.token_sha256 == _hash(secret), Token.purpose == purpose, is_alive()
        )
    )


def use(token: Token, *, person_id: int | None = None) -> None:
    """Use the link up; of several who try at once only one succeeds.

    `person_id` notes who accepted an invitation. Raises DeadLink for all others, and when the link
    has expired or was revoked since it was found.
    """
    values = {"used_at": clock.now()} | ({"person_id": person_id} if person_id else {})
    if _change(and_(Token.id == token.id, is_alive()), values) != 1:
        raise DeadLink


def revoke(token: Token) -> bool:
    """Let the link work no more; False when it had been used or revoked already."""
    return revoke_where(Token.id == token.id) == 1


def revoke_all_of(person_id: int, purpose: Purpose) -> int:
    """Revoke every open link of this purpose that belongs to a person; how many there were."""
    return revoke_where(and_(Token.person_id == person_id, Token.purpose == purpose))


def revoke_where(which: ColumnElement[bool]) -> int:
    """Revoke every open link that meets the condition; how many there were."""
    return _change(and_(which, is_open()), {"revoked_at": clock.now()})


def is_open() -> ColumnElement[bool]:
    """The condition of a link that was neither used nor revoked; it may have expired."""
    return and_(Token.used_at.is_(None), Token.revoked_at.is_(None))


def is_alive() -> ColumnElement[bool]:
    """The condition under which a link works."""
    return and_(is_open(), Token.expires_at > clock.now())


def _change(which: ColumnElement[bool], values: Mapping[str, object]) -> int:
    # one statement decides, so that two requests at once cannot both find the link unused
    result = db.session.execute(
        update(Token)
        .where(which)
        .values(dict(values))
        .execution_options(synchronize_session="fetch")
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def _hash(secret: str) -> bytes:
    # full entropy needs no salt; "replace" because browsers may send half a letter
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
