"""Who somebody is that a provider has identified: always by issuer and subject, once by email.

Nobody gets an account here who is not invited. The first time, a verified email finds the person,
or the invitations to that email; not a program administrator and nobody with a second factor,
though: whoever runs the provider could otherwise take over what they protect. They link the
provider on their account page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import and_, delete, exists, func, select
from sqlalchemy.exc import IntegrityError

from accounts.invitations import accepting
from accounts.models import Grant, Identity, Passkey, Person, Role
from accounts.sso.oidc import Identified
from core import audit, clock
from core.days import day
from core.db import db
from core.errors import Conflict, Forbidden, NotFound


class Stranger(Forbidden):
    """The provider knows them, but no person here is theirs."""

    title = "We do not know this account"

    def __init__(self) -> None:
        super().__init__(
            "Ask your clinic lead or your coach for an invitation to the email address that you "
            "sign in with."
        )


class MustLink(Forbidden):
    """There is a person with this email, who must link the account themselves."""

    title = "Link this account first"

    def __init__(self) -> None:
        super().__init__(
            "Sign in the way you always do. Then link the account on your account page."
        )


class LinkedElsewhere(Conflict):
    """The provider's account belongs to another person here."""

    title = "This account is linked to somebody else"

    def __init__(self) -> None:
        super().__init__("Sign out of your organization's account and use your own one.")


class LastWayIn(Conflict):
    """Without this link the person could not sign in any more."""

    title = "This is your only way to sign in"

    def __init__(self) -> None:
        super().__init__("Set a password or add a passkey first, then unlink the account.")


@dataclass(frozen=True, slots=True)
class Recognized:
    """Who it is, and whether the account was linked just now."""

    person_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account that signs a person in here; present: of the provider that is set up now."""

    id: int
    issuer: str
    created_at: datetime
    is_present: bool

    @property
    def host(self) -> str:
        return urlsplit(self.issuer).hostname or self.issuer

    @property
    def since(self) -> str:
        return day(self.created_at)


def recognize(identified: Identified, *, links_by_email: bool, address: str = "") -> Recognized:
    """The person; the first time, linked by the verified email.

    `address` is where the request came from, for the log. Raises Stranger or MustLink.
    """
    known = _person_of(identified)
    if known is not None:
        return Recognized(known, is_new=False)
    if not links_by_email or not identified.email:
        raise Stranger
    person = _by_email(identified.email)
    if person is None:
        person = _invited(identified, address)
    elif person.totp_confirmed_at is not None or _runs_the_program(person.id):
        raise MustLink
    _add(person, identified, how="verified email")
    return Recognized(person.id, is_new=True)


def link(person_id: int, identified: Identified) -> None:
    """Let this account sign the person in, who is signed in and asked for it.

    Raises LinkedElsewhere.
    """
    owner = _person_of(identified)
    if owner is None:
        _add(db.session.get_one(Person, person_id), identified, how="account page")
    elif owner != person_id:
        raise LinkedElsewhere


def unlink(identity_id: int, *, person_id: int, present_issuer: str) -> None:
    """Let this account sign nobody in any more. Raises NotFound or LastWayIn."""
    mine = and_(Identity.id == identity_id, Identity.person_id == person_id)
    identity = db.session.scalar(select(Identity).where(mine))
    if identity is None:
        raise NotFound("This account is not linked any more.")
    others = [
        one for one in list_linked(person_id, present_issuer=present_issuer) if one.is_present
    ]
    if not _has_another_way(person_id) and all(one.id == identity_id for one in others):
        raise LastWayIn
    db.session.execute(delete(Identity).where(mine))
    _record("person.identity_unlinked", db.session.get_one(Person, person_id), identity.issuer)


def list_linked(person_id: int, *, present_issuer: str = "") -> tuple[LinkedAccount, ...]:
    """The accounts that sign this person in, the oldest first."""
    rows = db.session.execute(
        select(Identity.id, Identity.issuer, Identity.created_at)
        .where(Identity.person_id == person_id)
        .order_by(Identity.created_at, Identity.id)
    )
    present = present_issuer.rstrip("/")
    return tuple(
        LinkedAccount(row.id, row.issuer, row.created_at, row.issuer.rstrip("/") == present)
        for row in rows
    )


def release() -> None:
    """End the transaction, before the network is waited for."""
    db.session.rollback()


def _person_of(identified: Identified) -> int | None:
    return db.session.scalar(
        select(Identity.person_id).where(
            Identity.issuer == identified.issuer, Identity.subject == identified.subject
        )
    )


def _by_email(email: str) -> Person | None:
    return db.session.scalar(
        select(Person).where(func.lower(Person.email) == email, Person.is_demo.is_(False))
    )


def _invited(identified: Identified, address: str) -> Person:
    person_id = accepting.accept_by_verified_email(
        identified.email, name=identified.name, address=address
    )
    if person_id is None:
        raise Stranger
    return db.session.get_one(Person, person_id)


def _runs_the_program(person_id: int) -> bool:
    grant = select(Grant.id).where(
        Grant.person_id == person_id,
        Grant.role == Role.ADMINISTRATOR,
        Grant.organization_id.is_(None),
        Grant.clinic_id.is_(None),
    )
    return bool(db.session.scalar(select(grant.exists())))


def _has_another_way(person_id: int) -> bool:
    ways = (
        exists().where(Person.id == person_id, Person.password_hash.is_not(None)),
        exists().where(Passkey.person_id == person_id),
    )
    return any(db.session.scalar(select(way)) for way in ways)


def _add(person: Person, identified: Identified, *, how: str) -> None:
    identity = Identity(
        person_id=person.id,
        issuer=identified.issuer,
        subject=identified.subject,
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(identity)
    except IntegrityError as error:
        # the same account was linked in another window at this very moment
        if _person_of(identified) != person.id:
            raise LinkedElsewhere from error
        return
    _record("person.identity_linked", person, identified.issuer, how)


def _record(action: str, person: Person, issuer: str, how: str | None = None) -> None:
    audit.record(
        action,
        subject=f"person {person.id} {person.name}",
        after={"issuer": issuer} | ({"by": how} if how else {}),
    )
