"""What `flask doctor` looks at among the accounts."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import distinct, func, or_, select

from accounts.models import Grant, Passkey, Person, Role
from core.db import db
from core.doctor import Check, Finding, ok, problem, warning


def administrators() -> Iterator[Finding]:
    """Whether somebody runs the program, and how well their accounts are protected."""
    strong = or_(
        Person.totp_confirmed_at.is_not(None),
        Person.id.in_(select(Passkey.person_id)),
    )
    of_program = Grant.organization_id.is_(None) & Grant.clinic_id.is_(None)
    total, whole, protected = db.session.execute(
        select(
            func.count(distinct(Person.id)),
            func.count(distinct(Person.id)).filter(of_program),
            func.count(distinct(Person.id)).filter(strong),
        )
        .join(Grant, Grant.person_id == Person.id)
        .where(Grant.role == Role.ADMINISTRATOR, Person.disabled_at.is_(None), ~Person.is_demo)
    ).one()
    yield from administrator_state(total=total, of_program=whole, protected=protected)


def administrator_state(*, total: int, of_program: int, protected: int) -> Iterator[Finding]:
    """What so many administrators, with so many second factors, mean."""
    if not of_program:
        fix = "Create one: flask accounts create-admin"
        yield problem("administrators", "nobody runs the whole program", fix)
    if total and protected < total:
        text = f"{total - protected} of {total} sign in by password alone"
        fix = "Let each add a passkey or an authenticator app under “Your account”."
        yield warning("second factors", text, fix)
    elif total:
        yield ok("administrators", f"{total}, all with a second factor")


CHECKS = (Check("administrators", administrators, needs_database=True),)
