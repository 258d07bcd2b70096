"""Verbs that change people, clinics and sign-ins; they flush, the edge commits."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select, update

from accounts import passwords
from accounts.models import Clinic, Grant, Method, Organization, Person, Role, SignIn
from core import clock
from core.db import db
from core.throttling import Limit

SIGN_IN_LASTS = timedelta(hours=12)
WRONG_PASSWORDS = Limit("wrong password", allowed=10, window=timedelta(minutes=15))


def create_organization(*, name: str, is_demo: bool = False) -> Organization:
    """Add an organization; names are unique."""
    organization = Organization(name=name, is_demo=is_demo, created_at=clock.now())
    db.session.add(organization)
    db.session.flush()
    return organization


def create_clinic(
    *,
    organization: Organization,
    name: str,
    study_code: str,
    state: str | None = None,
    setting: str | None = None,
    ehr: str | None = None,
    clinician_fte: float | None = None,
    baseline_quarter: str | None = None,
) -> Clinic:
    """Add a clinic; its name is unique in the organization, its study code in the program."""
    clinic = Clinic(
        organization_id=organization.id,
        name=name,
        study_code=study_code,
        state=state,
        setting=setting,
        ehr=ehr,
        clinician_fte=clinician_fte,
        baseline_quarter=baseline_quarter,
    )
    db.session.add(clinic)
    db.session.flush()
    return clinic


def create_person(
    *, email: str, name: str, password: str | None = None, is_demo: bool = False
) -> Person:
    """Add a person; the email is kept in lower case and is unique."""
    person = Person(
        email=email.strip().lower(),
        name=name,
        password_hash=passwords.hash_password(password) if password else None,
        is_demo=is_demo,
        created_at=clock.now(),
    )
    db.session.add(person)
    db.session.flush()
    return person


def grant_role(
    *,
    person: Person,
    role: Role,
    organization: Organization | None = None,
    clinic: Clinic | None = None,
) -> Grant:
    """Give a role in a clinic, an organization or, with neither, the whole program."""
    grant = Grant(
        person_id=person.id,
        role=role,
        organization_id=(
            clinic.organization_id if clinic else organization.id if organization else None
        ),
        clinic_id=clinic.id if clinic else None,
    )
    db.session.add(grant)
    db.session.flush()
    return grant


def check_password(*, email: str, password: str) -> Person | None:
    """The person with this email and password, or None; wrong tries are counted.

    Raises TooManyTries after too many wrong ones for this email.
    """
    address = email.strip().lower()
    WRONG_PASSWORDS.check(address)
    person = db.session.scalar(select(Person).where(Person.email == address))
    if passwords.is_correct(password, person.password_hash if person else None):
        WRONG_PASSWORDS.forget(address)
        return person
    WRONG_PASSWORDS.count(address)
    return None


def start_sign_in(
    person: Person, *, method: Method = Method.PASSWORD, address: str = "", browser: str = ""
) -> str:
    """Sign a browser in and return its secret token (256 bits); only the hash is stored.

    `address` and `browser` (as it names itself) let the person recognize it in the list later.
    """
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignIn(
            person_id=person.id,
            token_sha256=token_hash(token),
            method=method,
            address=address[:45],
            browser=browser[:200],
            created_at=clock.now(),
            expires_at=clock.now() + SIGN_IN_LASTS,
        )
    )
    db.session.flush()
    return token


def end_sign_in(token: str) -> None:
    """Sign one browser out; an unknown token changes nothing."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.token_sha256 == token_hash(token), SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def token_hash(token: str) -> bytes:
    """SHA-256 of a token; tokens have full entropy, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()
