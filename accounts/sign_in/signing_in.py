"""Coming in by password: right or wrong, counted, without holding up anybody else.

The steps of every way in, for those who build one (the pages' half is `accounts.entering`):

    password   signing_in.check_password(...)  ->  entering.admit(account, ...)
    code       entering.half_entered(), then entering.finish_sign_in(..., PASSWORD_AND_CODE)
    passkey, single sign-on                        entering.finish_sign_in(...)
    invitation, reset, demonstration               entering.finish_sign_in(...) or enter(...)

A password is verified between two transactions: the first only reads and is over before the hash is
made (on SQLite a write transaction would keep everybody waiting), the second counts or lets in.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import ColumnElement, select

from accounts.models import Person
from accounts.sign_in import passwords
from core import audit, sqlite
from core.db import db
from core.throttling import Limit, check_all

_WINDOW = timedelta(minutes=15)
# some proxies name the port too: 192.0.2.1:4711, [2001:db8::1]:4711
_WITH_PORT = re.compile(r"(?:\[([^\]]+)\]|([0-9.]+))(?::[0-9]+)?")
# one person at one network address, or in one browser that has signed them in before
WRONG_PASSWORDS = Limit("wrong password", allowed=10, window=_WINDOW)
# all addresses together: NIST SP 800-63B-4 section 3.2.2 allows 100 in a row. Nobody can lock a
# person out of the browsers they use, which are counted for themselves alone
WRONG_FOR_EMAIL = Limit("wrong password email", allowed=50, window=_WINDOW)
# a whole clinic shares an address
WRONG_FROM_ADDRESS = Limit("wrong password address", allowed=100, window=_WINDOW)


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """A browser by a random name of ours, and who has signed in with it before."""

    name: str = ""
    people: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in needs to know of a person."""

    person_id: int
    password_hash: str | None
    password_is_short: bool
    has_second_factor: bool

    @property
    def fingerprint(self) -> str:
        """Changes with the password; tells nothing about it (the hash has a random salt)."""
        return hashlib.sha256((self.password_hash or "").encode()).hexdigest()[:16]


def check_password(
    *, email: str, password: str, address: str = "", browser: KnownBrowser | None = None
) -> Account | None:
    """The account with this email and password, or None; wrong tries are counted.

    Ends the transaction it is called in: call it before anything is changed. A caller that gets
    None answers with an error, and so must keep what was counted (`transactions.keep()`).
    Raises TooManyTries.
    """
    email = email.strip().lower()
    db.session.rollback()
    with sqlite.reads_only():
        account = get_account_by_email(email)
        limits = _limits(email, address, browser, account)
        check_all(limits)
        db.session.rollback()
    if passwords.is_correct(password, account.password_hash if account else None) and account:
        check_all(limits)  # others may have used up the tries while this one was hashed
        limits[0][0].forget(limits[0][1])
        return account
    for limit, subject in limits:
        limit.take(subject)
    audit.record(
        "person.sign_in_failed",
        subject=f"person {account.person_id}" if account else "an unknown email",
        after={"method": "password"},
    )
    return None


def get_account_by_email(email: str) -> Account | None:
    """The account that may sign in with this email; None as well when it is closed."""
    return _get_account(Person.email == email)


def get_account(person_id: int) -> Account | None:
    """The account of this person; None when it is closed or gone."""
    return _get_account(Person.id == person_id)


def _get_account(whose: ColumnElement[bool]) -> Account | None:
    row = db.session.execute(
        select(
            Person.id,
            Person.password_hash,
            Person.password_is_short,
            Person.totp_confirmed_at.is_not(None),
        ).where(whose, Person.disabled_at.is_(None))
    ).one_or_none()
    return Account(*row) if row else None


def _limits(
    email: str, address: str, browser: KnownBrowser | None, account: Account | None
) -> list[tuple[Limit, str]]:
    """What counts for this try: first the limit that a right password gives back."""
    if browser and account and account.person_id in browser.people:
        return [(WRONG_PASSWORDS, f"{email} in {browser.name}")]
    network = network_of(address)
    return [
        (WRONG_PASSWORDS, f"{email} at {network}"),
        (WRONG_FOR_EMAIL, email),
        (WRONG_FROM_ADDRESS, network),
    ]


def network_of(address: str) -> str:
    """What counts as one network address: an IPv4 address, or the /64 that a home gets of IPv6."""
    try:
        parsed = ip_address(_without_port(address))
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def _without_port(address: str) -> str:
    found = _WITH_PORT.fullmatch(address)
    return (found[1] or found[2]) if found else address
