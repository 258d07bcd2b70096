"""Verbs with which people change their own account."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import service, tokens
from accounts.models import Person, Purpose
from accounts.sign_in import resets, sign_ins
from accounts.sign_in.passwords import NewPassword
from accounts.sign_in.resets import Reset
from accounts.sign_in.signing_in import get_account
from core import audit, sqlite
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """What the account page shows of a person."""

    name: str
    email: str
    job_role: str
    has_password: bool


def get_own_account(person_id: int) -> OwnAccount:
    """The person's own facts."""
    person = db.session.get_one(Person, person_id)
    return OwnAccount(
        name=person.name,
        email=person.email,
        job_role=person.job_role or "",
        has_password=person.password_hash is not None,
    )


def change_details(person_id: int, *, name: str, job_role: str) -> None:
    """Change how the person is called and what they do; the email stays, it is who they are."""
    person = db.session.get_one(Person, person_id)
    before = {"name": person.name, "job_role": person.job_role}
    after = {"name": name.strip(), "job_role": job_role or None}
    if before == after:
        return
    person.name, person.job_role = name.strip(), job_role or None
    audit.record(
        "person.changed", subject=f"person {person.id} {name.strip()}", before=before, after=after
    )
    db.session.flush()


def read_for_new_password(person_id: int) -> Reset:
    """What the rules need to know; ends the transaction it is called in."""
    db.session.rollback()
    with sqlite.reads_only():
        account = get_account(person_id)
        if account is None:
            raise NotFound("This account is closed.")
        known = resets.get_reset(account)
        db.session.rollback()
    return known


def change_password(person_id: int, new_password: NewPassword, *, token: str) -> None:
    """Set the password, sign out all other browsers, and let no open reset link work any more."""
    service.set_password(person_id, new_password)
    sign_ins.end_all_sign_ins(person_id, except_token=token)
    tokens.revoke_all_of(person_id, Purpose.RESET)
