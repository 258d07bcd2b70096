"""Verbs of the second factor: turn it on, check a code, turn it off, remove a lost one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import or_, select, update

from accounts.factors import recovery, totp
from accounts.models import Person
from accounts.sign_in import sign_ins
from accounts.sign_in.other_ways import end_other_ways
from core import audit, clock
from core.db import db
from core.errors import BlockwiseError, Conflict, NotFound
from core.sealing import CannotOpen
from core.throttling import Limit, TooManyTries

WRONG_CODES = Limit("wrong code", allowed=5, window=timedelta(minutes=15))
# NIST SP 800-63B-4 section 3.2.2: no more than 100 in a row, however slowly; recovery codes, which
# nobody can guess, then still let in
WRONG_IN_A_ROW = Limit("wrong code in a row", allowed=100, window=timedelta(days=365))


class WrongCode(BlockwiseError):
    """The code is wrong, too old, or was used before; which of these is not said."""

    status = 422
    title = "This code does not work"


class PasswordTooShort(Conflict):
    """The password is one that may not stand alone."""

    title = "Set a longer password first"


class Used(StrEnum):
    """What let a person in."""

    CODE = "code"
    RECOVERY_CODE = "recovery code"


@dataclass(frozen=True, slots=True)
class Removed:
    """What an administrator took away; `must_set_password`: at the next sign-in, a longer one."""

    had_codes: bool
    passkeys: int
    linked: int
    must_set_password: bool


def turn_on(
    *, person_id: int, sealed: str, code: str, secret: str | bytes, except_token: str | None = None
) -> tuple[str, ...]:
    """Begin to ask for codes of the app that knows the sealed secret; returns the recovery codes.

    `code` is the first one the app shows and proves that it works; a secret that was on before
    is replaced. Every browser but the one with the token is signed out: it came in without a code.
    Raises WrongCode (counted: the caller must keep the transaction) and TooManyTries.
    """
    person = _locked(person_id)
    WRONG_CODES.check(str(person_id))
    step = _step_of(code, sealed, secret=secret)
    if step is None:
        raise _wrong(person, code)
    replaced = person.totp_confirmed_at is not None
    person.totp_sealed, person.totp_last_step = sealed, step
    person.totp_confirmed_at = clock.now()
    db.session.flush()
    _forget_tries(person_id)
    audit.record(
        "second_factor.replaced" if replaced else "second_factor.turned_on", subject=_named(person)
    )
    sign_ins.end_all_sign_ins(person_id, except_token=except_token)
    return new_recovery_codes(person_id)


def check(*, person_id: int, typed: str, secret: str | bytes) -> Used:
    """Accept a code of the app, or else an unused recovery code; either counts once only.

    Raises WrongCode (counted: the caller must keep the transaction) and TooManyTries.
    """
    person = _locked(person_id)
    WRONG_CODES.check(str(person_id))
    used = _accept(person, typed, secret=secret) if person.totp_confirmed_at else None
    if used is None:
        raise _wrong(person, typed)
    _forget_tries(person_id)
    return used


def new_recovery_codes(person_id: int) -> tuple[str, ...]:
    """Ten new recovery codes; those made before stop working."""
    codes = recovery.make_codes(person_id)
    audit.record("recovery_codes.made", subject=_named(_locked(person_id)))
    return codes


def turn_off(*, person_id: int, except_token: str | None = None) -> None:
    """Ask for no more codes, and sign out every browser but the one with the token.

    The caller has made sure who is there. Raises PasswordTooShort.
    """
    person = _locked(person_id)
    if person.totp_confirmed_at is None:
        return
    if person.password_is_short:
        raise PasswordTooShort(
            "Your password is short, so it needs a second factor. "
            "Set a password of 15 characters or more, then turn the second factor off."
        )
    _forget(person)
    sign_ins.end_all_sign_ins(person_id, except_token=except_token)
    audit.record("second_factor.turned_off", subject=_named(person))


def remove_second_factor(person_id: int) -> Removed:
    """Let a person who lost phone, recovery codes and passkeys sign in with the password alone.

    Linked accounts elsewhere end too: they may be somebody else's by now.

    All of them stop working and every sign-in ends. A password too short to stand alone opens
    one page only: the one that asks for a longer password (accounts.entering). Raises NotFound.
    """
    person = _locked(person_id)
    ended = end_other_ways(person_id)
    removed = Removed(
        had_codes=person.totp_confirmed_at is not None,
        passkeys=ended.passkeys,
        linked=ended.linked,
        must_set_password=person.password_is_short,
    )
    _forget(person)
    _forget_tries(person_id)
    sign_ins.end_all_sign_ins(person_id)
    audit.record(
        "second_factor.removed",
        subject=_named(person),
        before={
            "codes": removed.had_codes,
            "passkeys": removed.passkeys,
            "linked_accounts": removed.linked,
        },
        after={"codes": False, "passkeys": 0, "linked_accounts": 0},
    )
    return removed


def _accept(person: Person, typed: str, *, secret: str | bytes) -> Used | None:
    if totp.looks_like_a_code(typed):
        _check_tries_in_a_row(person.id)
        step = _step_of(typed, person.totp_sealed or "", secret=secret)
        return Used.CODE if step is not None and _claim(person.id, step) else None
    if recovery.use_code(person.id, typed):
        audit.record("recovery_code.used", subject=_named(person))
        return Used.RECOVERY_CODE
    return None


def _claim(person_id: int, step: int) -> bool:
    """Take the step for this request; of two that hold the same code one comes too late."""
    taken = db.session.execute(
        update(Person)
        .where(
            Person.id == person_id,
            or_(Person.totp_last_step.is_(None), Person.totp_last_step < step),
        )
        .values(totp_last_step=step)
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _step_of(code: str, sealed: str, *, secret: str | bytes) -> int | None:
    try:
        return totp.step_of(code, sealed, at=clock.now(), secret=secret)
    except CannotOpen:
        # SECRET_KEY has changed: no code can be right, and a recovery code still helps
        return None


def _wrong(person: Person, typed: str) -> WrongCode:
    WRONG_CODES.count(str(person.id))
    WRONG_IN_A_ROW.count(str(person.id))
    audit.record("second_factor.wrong_code", subject=_named(person))
    if recovery.looks_like_a_code(typed):
        return WrongCode("This code does not work. Check it, or use another one.")
    return WrongCode("This code does not work. Enter the code your app shows now.")


def _check_tries_in_a_row(person_id: int) -> None:
    try:
        WRONG_IN_A_ROW.check(str(person_id))
    except TooManyTries as error:
        raise TooManyTries(
            "There were too many wrong codes. Use a recovery code, or ask your administrator."
        ) from error


def _forget_tries(person_id: int) -> None:
    WRONG_CODES.forget(str(person_id))
    WRONG_IN_A_ROW.forget(str(person_id))


def _locked(person_id: int) -> Person:
    """The person, held until commit: guesses sent side by side are counted one after another."""
    person = db.session.scalar(
        select(Person)
        .where(Person.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if person is None:
        raise NotFound("There is no such person.")
    return person


def _forget(person: Person) -> None:
    person.totp_sealed = person.totp_confirmed_at = person.totp_last_step = None
    recovery.forget_codes(person.id)
    db.session.flush()


def _named(person: Person) -> str:
    return f"person {person.id} {person.name}"
