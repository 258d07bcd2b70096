"""Verbs of passkeys: add one, sign in with it, rename and remove it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.factors import webauthn
from accounts.factors.webauthn import Assertion, Challenge, PasskeyRefused, Site
from accounts.models import Passkey, Person
from core import audit, clock
from core.db import db
from core.errors import NotFound
from core.throttling import Limit, TooManyTries

MOST = 20
LONGEST_NAME = 80
USED_CHALLENGES = Limit("passkey challenge", allowed=1, window=webauthn.LASTS)


def begin_adding(person_id: int, site: Site) -> tuple[dict[str, Any], Challenge]:
    """(options for the browser, the challenge to keep). Raises PasskeyRefused."""
    person = db.session.get_one(Person, person_id)
    known = db.session.scalars(
        select(Passkey.credential).where(Passkey.person_id == person_id).order_by(Passkey.id)
    ).all()
    if len(known) >= MOST:
        raise PasskeyRefused(f"You have {MOST} passkeys. Remove one that you no longer use.")
    return site.begin_adding(person_id=person_id, email=person.email, name=person.name, known=known)


def add(
    *, person_id: int, name: str, answer: str, challenge: Challenge | None, site: Site
) -> Passkey:
    """Keep the public half of a new passkey; `answer` is the browser's, as JSON.

    Raises PasskeyRefused.
    """
    made = site.added(answer, challenge)
    passkey = Passkey(
        person_id=person_id,
        credential_id=made.credential_id,
        credential=made.credential,
        sign_count=made.sign_count,
        name=name,
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(passkey)
    except IntegrityError as error:
        raise PasskeyRefused("This passkey has been added before.") from error
    audit.record("passkey.added", subject=_named(person_id), after={"passkey": name})
    return passkey


def check(*, answer: str, challenge: Challenge | None, site: Site) -> int:
    """The id of whoever's passkey signed the challenge; it verified them, so it is both factors.

    Raises PasskeyRefused; the caller keeps the transaction, for what the log then says.
    """
    claim = webauthn.claimed(answer)
    passkey = _find(claim.credential_id)
    if passkey is None:
        raise PasskeyRefused("We do not know this passkey. Sign in with your password instead.")
    site.verify(claim, passkey.credential, challenge)
    _use_once(challenge)
    if claim.user_handle not in (None, webauthn.user_handle(passkey.person_id)):
        raise PasskeyRefused("This passkey belongs to another account.")
    _count_up(passkey, claim)
    return passkey.person_id


def rename(*, person_id: int, passkey_id: int, name: str) -> None:
    """Call a passkey something else. Raises NotFound for somebody else's."""
    passkey = _own(person_id, passkey_id)
    before, passkey.name = passkey.name, name
    db.session.flush()
    audit.record(
        "passkey.renamed",
        subject=_named(person_id),
        before={"passkey": before},
        after={"passkey": name},
    )


def remove(*, person_id: int, passkey_id: int) -> None:
    """Refuse a passkey from now on. Raises NotFound for somebody else's."""
    passkey = _own(person_id, passkey_id)
    audit.record("passkey.removed", subject=_named(person_id), before={"passkey": passkey.name})
    db.session.delete(passkey)
    db.session.flush()


def _find(credential_id: bytes) -> Passkey | None:
    """The passkey, held until commit, so that two uses of it come one after the other."""
    return db.session.scalar(
        select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    )


def _own(person_id: int, passkey_id: int) -> Passkey:
    passkey = db.session.scalar(
        select(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id)
    )
    if passkey is None:
        raise NotFound("You have no such passkey. It may have been removed already.")
    return passkey


def _use_once(challenge: Challenge | None) -> None:
    """The session cookie that holds the challenge could be sent again; our own list cannot."""
    text = str((challenge or {}).get("challenge"))
    try:
        USED_CHALLENGES.take(text)
    except TooManyTries as error:
        raise PasskeyRefused("That took too long. Try again.") from error


def _count_up(passkey: Passkey, claim: Assertion) -> None:
    """A counter that stands still or falls means a copy; passkeys without one always send 0."""
    if (claim.sign_count or passkey.sign_count) and claim.sign_count <= passkey.sign_count:
        audit.record(
            "passkey.refused_as_copy",
            subject=_named(passkey.person_id),
            before={"sign_count": passkey.sign_count},
            after={"sign_count": claim.sign_count},
        )
        raise PasskeyRefused("This passkey may have been copied. Ask your administrator.")
    passkey.sign_count = claim.sign_count
    passkey.last_used_at = clock.now()
    db.session.flush()


def _named(person_id: int) -> str:
    return f"person {person_id} {db.session.get_one(Person, person_id).name}"
