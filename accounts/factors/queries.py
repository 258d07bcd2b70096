"""Reads about second factors and passkeys, for the person's own pages and for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.factors import recovery
from accounts.models import Passkey, Person, SignIn
from accounts.sign_in.sign_ins import token_hash
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """How a person signs in: codes of an app since when, recovery codes left, kind of password."""

    on_since: datetime | None
    codes_left: int
    has_password: bool
    password_is_short: bool

    @property
    def is_on(self) -> bool:
        return self.on_since is not None


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey as its owner's list shows it."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a mail goes to."""

    name: str
    email: str


def get_addressee(person_id: int) -> Addressee:
    """Name and email of a person. Raises NotFound."""
    row = db.session.execute(
        select(Person.name, Person.email).where(Person.id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such person.")
    return Addressee(row.name, row.email)


def get_second_factor(person_id: int) -> SecondFactor:
    """The state of a person's second factor. Raises NotFound."""
    row = db.session.execute(
        select(
            Person.totp_confirmed_at,
            Person.password_hash.is_not(None).label("has_password"),
            Person.password_is_short,
        ).where(Person.id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such person.")
    return SecondFactor(
        on_since=row.totp_confirmed_at,
        codes_left=recovery.count_codes(person_id),
        has_password=row.has_password,
        password_is_short=row.password_is_short,
    )


def list_passkeys(person_id: int) -> tuple[PasskeyRow, ...]:
    """The person's passkeys, the oldest first."""
    rows = db.session.execute(
        select(Passkey.id, Passkey.name, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.person_id == person_id)
        .order_by(Passkey.created_at, Passkey.id)
    )
    return tuple(PasskeyRow(*row) for row in rows)


def get_sign_in_moment(token: str) -> datetime | None:
    """When the browser with this token was signed in; None when it no longer is."""
    return db.session.scalar(
        select(SignIn.created_at).where(
            SignIn.token_sha256 == token_hash(token), SignIn.ended_at.is_(None)
        )
    )
