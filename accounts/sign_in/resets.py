"""Setting a new password by a one-time link: asked for by mail, or made by an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from accounts import service, tokens
from accounts.invitations.inviters import get_inviters
from accounts.models import Grant, Organization, Person, Purpose, Token
from accounts.permissions import may
from accounts.places import scope_of_account
from accounts.sign_in import sign_ins
from accounts.sign_in.other_ways import OtherWays, count_other_ways, end_other_ways
from accounts.sign_in.passwords import NewPassword
from accounts.sign_in.signing_in import Account, get_account, get_account_by_email, network_of
from accounts.tokens import DeadLink
from core import audit, clock, jobs, sqlite, tenancy
from core.db import db
from core.throttling import Limit

BY_MAIL = timedelta(hours=1)
BY_ADMINISTRATOR = timedelta(hours=24)
AT_SIGN_IN = timedelta(minutes=30)
KEPT_AFTER_THE_END = timedelta(days=1)
FORGOTTEN_AT_ONCE = 50
ASKED = Limit("reset", allowed=3, window=timedelta(minutes=30))
# a whole clinic shares an address
ASKED_FROM_ADDRESS = Limit("reset address", allowed=30, window=timedelta(minutes=30))
KIND = "password reset"


@dataclass(frozen=True, slots=True)
class Reset:
    """Whose password a link sets; `words` are what a guesser knows of them."""

    person_id: int
    name: str
    email: str
    words: tuple[str, ...]
    has_second_factor: bool
    other_ways: OtherWays


def ask_by_mail(*, email: str, address: str, link: str, secret: str | bytes) -> None:
    """Let a worker mail a link to this email if it has an account; it takes as long if not.

    `link` is the address of the reset page with a placeholder for the secret. Raises TooManyTries.
    """
    email = email.strip().lower()
    ASKED_FROM_ADDRESS.take(network_of(address))
    ASKED.take(email)
    payload = {"email": email, "address": address, "link": link}
    jobs.enqueue(KIND, payload, secret=secret)


def make_mailed_link(email: str, *, address: str) -> tuple[Reset, str] | None:
    """The worker's part: a link of one hour for the account with this email, if there is one."""
    account = get_account_by_email(email)
    if account is None:
        return None
    somebody = audit.Actor(None, audit.NOBODY.who, address)
    with audit.acting(somebody):
        # anybody may ask, so links made before go on: asking must not spoil what somebody was given
        _token, secret = make_reset_link(account.person_id, lifetime=BY_MAIL, replaces=False)
    return get_reset(account), secret


def make_reset_link(
    person_id: int,
    *,
    created_by: int | None = None,
    lifetime: timedelta = BY_ADMINISTRATOR,
    replaces: bool = True,
) -> tuple[Token, str]:
    """Make a link that sets a new password of this person; those made before stop working.

    Returns the row and the secret for `url_for("accounts.reset", reset_secret=…)`, to be shown
    once. The caller asks for the permission.
    """
    person = db.session.get_one(Person, person_id)
    if replaces:
        tokens.revoke_all_of(person_id, Purpose.RESET)
    made = tokens.issue(
        purpose=Purpose.RESET,
        email=person.email,
        lifetime=lifetime,
        created_by=created_by,
        person_id=person_id,
    )
    audit.record("person.reset_link_made", subject=f"person {person.id} {person.name}")
    return made


def read(secret: str) -> Reset:
    """Whose password the link sets; ends the transaction it is called in. Raises DeadLink."""
    db.session.rollback()
    with sqlite.reads_only():
        reset = get_reset(_account_of(secret))
        db.session.rollback()
    return reset


def set_new_password(
    secret: str, new_password: NewPassword, *, keep_other_ways: bool = False
) -> Account:
    """Use the link up, set the password and sign the person out everywhere; their account.

    Passkeys and linked accounts end with the old password unless they are to be kept.
    Raises DeadLink.
    """
    account = _account_of(secret)
    token = tokens.find(secret, Purpose.RESET)
    if token is None:
        raise DeadLink
    tokens.use(token)
    service.set_password(account.person_id, new_password)
    if not keep_other_ways and (ended := end_other_ways(account.person_id)):
        audit.record(
            "person.other_ways_ended",
            subject=f"person {account.person_id} {token.email}",
            before={"passkeys": ended.passkeys, "linked_accounts": ended.linked},
        )
    sign_ins.end_all_sign_ins(account.person_id)
    tokens.revoke_all_of(account.person_id, Purpose.RESET)
    changed = get_account(account.person_id)
    if changed is None:
        raise DeadLink
    return changed


def forget_old_links() -> None:
    """Delete some of the links that ended a day ago, on the way of a sign-in; never invitations."""
    old = (
        select(Token.id)
        .where(Token.purpose == Purpose.RESET, Token.expires_at < clock.now() - KEPT_AFTER_THE_END)
        .limit(FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    db.session.execute(delete(Token).where(Token.id.in_(old)))


def _account_of(secret: str) -> Account:
    token = tokens.find(secret, Purpose.RESET)
    account = get_account(token.person_id) if token and token.person_id else None
    if token is None or account is None or not _stands(token):
        raise DeadLink
    return account


def _stands(token: Token) -> bool:
    """A link is worth no more than its maker: who has left, or whose reach the person has outgrown,
    must not come in by links made before. Those without a maker went to the person by mail, or were
    made at the terminal.
    """
    if token.created_by is None:
        return True
    maker = get_inviters([token.created_by]).get(token.created_by)
    owners = db.session.scalars(
        select(Grant.organization_id).where(Grant.person_id == token.person_id)
    )
    return may(maker, "person.manage", scope_of_account(owners.all()))


def get_reset(account: Account) -> Reset:
    """What the page that sets a password shows of this account."""
    person = db.session.get_one(Person, account.person_id)
    return Reset(
        person_id=person.id,
        name=person.name,
        email=person.email,
        words=known_words(person.id),
        has_second_factor=account.has_second_factor,
        other_ways=count_other_ways(person.id),
    )


def known_words(person_id: int) -> tuple[str, ...]:
    """What a guesser knows of a person: email, name, and the names of their organizations."""
    person = db.session.get_one(Person, person_id)
    owners = db.session.scalars(
        select(Grant.organization_id).where(Grant.person_id == person_id)
    ).all()
    # their own: the link or the password has shown who it is
    tenancy.enter({one for one in owners if one} - tenancy.present().visible)
    names = db.session.scalars(
        select(Organization.name).where(Organization.id.in_([one for one in owners if one]))
    )
    return (person.email, person.name, *sorted(names))
