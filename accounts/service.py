"""Verbs that change people and clinics; they flush, the edge commits."""

from __future__ import annotations

from accounts.models import Clinic, Grant, Organization, Person, Role
from accounts.sign_in import passwords
from accounts.sign_in.passwords import NewPassword
from accounts.sign_in.sign_ins import token_hash  # noqa: F401 - where it was before
from core import audit, clock
from core.db import db


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
    *,
    email: str,
    name: str,
    password: str | None = None,
    new_password: NewPassword | None = None,
    is_demo: bool = False,
) -> Person:
    """Add a person; the email is kept in lower case and is unique.

    Pages give a `new_password` that was prepared before; commands may give the password itself.
    """
    new_password = passwords.hashed(password) if password else new_password
    person = Person(
        email=email.strip().lower(),
        name=name,
        password_hash=new_password.password_hash if new_password else None,
        password_is_short=new_password.is_short if new_password else False,
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


def set_password(person_id: int, new_password: NewPassword) -> None:
    """Give a person this password, prepared with `passwords.prepare` before anything was changed.

    Sign-ins go on: `sign_ins.end_all_sign_ins` ends them.
    """
    person = db.session.get_one(Person, person_id)
    person.password_hash = new_password.password_hash
    person.password_is_short = new_password.is_short
    audit.record("person.password_changed", subject=f"person {person.id} {person.name}")
    db.session.flush()
