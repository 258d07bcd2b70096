"""Verbs on signed-in browsers: each is a row that can be ended, alone or with all of a person."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update

from accounts.models import Method, Person, SignIn
from core import audit, clock
from core.db import db
from core.errors import Forbidden, NotFound

LASTS = timedelta(hours=12)
# pages show what lives; the log of who did what remembers the rest
KEPT_AFTER_THE_END = timedelta(days=1)
FORGOTTEN_AT_ONCE = 50


class AccountClosed(Forbidden):
    """The person has been disabled by an administrator."""

    title = "This account is closed"

    def __init__(self) -> None:
        super().__init__("Ask your administrator to open it again.")


def start(person_id: int, *, method: Method, address: str = "", browser: str = "") -> str:
    """Sign a browser in and return its secret token (256 bits); only the hash is stored.

    `address` and `browser` (as it names itself) let the person recognize it in the list later.
    Raises AccountClosed.
    """
    person = db.session.get_one(Person, person_id)
    if person.disabled_at is not None:
        raise AccountClosed
    token = secrets.token_urlsafe(32)
    person.last_signed_in_at = clock.now()
    db.session.add(
        SignIn(
            person_id=person.id,
            token_sha256=token_hash(token),
            method=method,
            address=address[:45],
            browser=browser[:200].replace("\0", ""),
            created_at=clock.now(),
            expires_at=clock.now() + LASTS,
        )
    )
    audit.record(
        "person.signed_in",
        subject=f"person {person.id} {person.name}",
        after={"method": method},
        actor=audit.Actor(person.id, f"{person.name} <{person.email}>", address),
    )
    db.session.flush()
    return token


def end(token: str) -> None:
    """Sign one browser out; an unknown token changes nothing."""
    _end(SignIn.token_sha256 == token_hash(token))


def end_one(sign_in_id: int, *, person_id: int) -> None:
    """Sign another browser of this person out. Raises NotFound when it is not theirs or ended."""
    if not _end(and_(SignIn.id == sign_in_id, SignIn.person_id == person_id)):
        raise NotFound("This browser is signed out already.")


def end_all_sign_ins(person_id: int, *, except_token: str | None = None) -> int:
    """Sign the person out everywhere (but in the browser with this token); how many browsers.

    For a changed password, a lost phone, a role that was taken away, a closed account.
    """
    whose = SignIn.person_id == person_id
    if except_token:
        whose = and_(whose, SignIn.token_sha256 != token_hash(except_token))
    return _end(whose)


def forget_old_sign_ins() -> None:
    """Delete some of the rows that ended a day ago; so few that a sign-in may do it on its way."""
    before = clock.now() - KEPT_AFTER_THE_END
    old = (
        select(SignIn.id).where(SignIn.expires_at < before).limit(FORGOTTEN_AT_ONCE)
    ).with_for_update(skip_locked=True)
    db.session.execute(delete(SignIn).where(SignIn.id.in_(old)))


def token_hash(token: str) -> bytes:
    """SHA-256 of a token; tokens have full entropy, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def _end(which: ColumnElement[bool]) -> int:
    ended = db.session.execute(
        update(SignIn)
        .where(which, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
        .values(ended_at=clock.now())
        .returning(SignIn.person_id)
    ).all()
    for (person_id,) in set(ended):
        audit.record(
            "person.signed_out", subject=f"person {person_id}", after={"browsers": len(ended)}
        )
    return len(ended)
