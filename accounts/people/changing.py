"""Verbs on people's accounts and roles, for administrators; they flush, the edge commits."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.exc import IntegrityError

from accounts import service, tokens
from accounts.models import Grant, Person, Purpose, Role
from accounts.places import Place
from accounts.program.organizations import Taken
from accounts.role_words import NAMES, fits
from accounts.sign_in import sign_ins
from accounts.sign_in.passwords import NewPassword
from core import audit, clock
from core.db import db
from core.errors import Conflict, NotFound


class LastAdministrator(Conflict):
    """Without this person nobody could run the program."""

    title = "Somebody must run the program"

    def __init__(self) -> None:
        super().__init__(
            "This is the only administrator of the whole program. "
            "Make somebody else administrator first."
        )


class RoleRefused(Conflict):
    """There is no such role in this place, or the person has it already; `field` says which."""

    title = "This role cannot be given"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def add_person(*, email: str, name: str, new_password: NewPassword | None = None) -> int:
    """Add a person without a role and return the id; the email in lower case. Raises Taken."""
    try:
        with db.session.begin_nested():
            person = service.create_person(email=email, name=name, new_password=new_password)
    except IntegrityError as error:
        raise _email_taken(email) from error
    audit.record("person.created", subject=_named(person), after={"email": person.email})
    return person.id


def give_role(*, person_id: int, role: Role, place: Place) -> int:
    """Give a person a role in a place and return the grant's id.

    The caller asks for the permission. Raises NotFound or RoleRefused.
    """
    person = _hold(person_id)  # two who give the same role at once come one after the other
    if not fits(role, place):
        kind = "in one clinic" if place.clinic_id is None else "in an organization or the program"
        raise RoleRefused("place", f"A {NAMES[role].lower()} works {kind}. Choose another place.")
    if place.is_archived:
        raise RoleRefused("place", f"{place.name} is archived. Restore it first.")
    same = and_(
        Grant.person_id == person_id,
        Grant.role == role,
        Grant.organization_id.is_not_distinct_from(place.organization_id),
        Grant.clinic_id.is_not_distinct_from(place.clinic_id),
    )
    if db.session.scalar(select(Grant.id).where(same)) is not None:
        raise RoleRefused("role", f"{person.name} has this role in {place.name} already.")
    grant = Grant(
        person_id=person_id,
        role=role,
        organization_id=place.organization_id,
        clinic_id=place.clinic_id,
    )
    db.session.add(grant)
    db.session.flush()
    audit.record(
        "role.given",
        subject=_named(person),
        organization_id=place.organization_id,
        after={"role": role, "place": place.name},
    )
    return grant.id


def take_role(*, grant_id: int, place: Place) -> None:
    """Take a role away; its person can no longer use it from the next click on.

    Raises NotFound when it is gone already, and LastAdministrator.
    """
    grant = _find_grant(grant_id)
    if _is_of_program(grant):
        _refuse_to_lose(grant.person_id)
        grant = _find_grant(grant_id)  # another administrator may have been quicker
    person = db.session.get_one(Person, grant.person_id)
    db.session.delete(grant)
    db.session.flush()
    audit.record(
        "role.taken",
        subject=_named(person),
        organization_id=grant.organization_id,
        before={"role": grant.role, "place": place.name},
    )


def change_person(*, person_id: int, name: str, email: str) -> None:
    """Correct a name or email; links that were made for the old email stop working.

    Raises NotFound or Taken.
    """
    person = _hold(person_id)
    before = {"name": person.name, "email": person.email}
    after = {"name": name, "email": email.strip().lower()}
    if before == after:
        return
    try:
        with db.session.begin_nested():
            person.name, person.email = after["name"], after["email"]
    except IntegrityError as error:
        raise _email_taken(after["email"]) from error
    if before["email"] != after["email"]:
        tokens.revoke_all_of(person_id, Purpose.RESET)
    audit.record("person.changed", subject=_named(person), before=before, after=after)


def disable_person(*, person_id: int) -> None:
    """Close the account: every browser is signed out, and nobody can sign in until it is opened.

    Raises NotFound or LastAdministrator.
    """
    if _runs_program(person_id):
        _refuse_to_lose(person_id)
    person = _hold(person_id)
    if person.disabled_at is not None:
        return
    person.disabled_at = clock.now()
    sign_ins.end_all_sign_ins(person_id)
    tokens.revoke_all_of(person_id, Purpose.RESET)
    db.session.flush()
    audit.record("person.disabled", subject=_named(person))


def enable_person(*, person_id: int) -> None:
    """Open a closed account again, with all its roles. Raises NotFound."""
    person = _hold(person_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        db.session.flush()
        audit.record("person.enabled", subject=_named(person))


def _hold(person_id: int) -> Person:
    person = db.session.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound("This person does not exist. Look for them in the list of people.")
    return person


def _refuse_to_lose(person_id: int) -> None:
    """Raise unless another person with an open account runs the program.

    Holds the grants and people in question, in one order and before anything else is held: of two
    administrators who remove each other at the same moment, the second waits for the first, and is
    then the last.
    """
    rows = db.session.execute(
        select(Grant, Person)
        .join(Person, Person.id == Grant.person_id)
        .where(
            Grant.role == Role.ADMINISTRATOR,
            Grant.organization_id.is_(None),
            Grant.clinic_id.is_(None),
        )
        .order_by(Grant.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    people = {person.id: person for _grant, person in rows}
    is_demo = person_id in people and people[person_id].is_demo
    others = [
        one
        for one in people.values()
        # nobody signs in as a fictional person outside the demonstration
        if one.id != person_id and one.disabled_at is None and (is_demo or not one.is_demo)
    ]
    if not others:
        raise LastAdministrator


def _find_grant(grant_id: int) -> Grant:
    grant = db.session.get(Grant, grant_id, populate_existing=True)
    if grant is None:
        raise NotFound("This role was taken away already. Go back to the list of people.")
    return grant


def _runs_program(person_id: int) -> bool:
    found = select(Grant.id).where(
        Grant.person_id == person_id,
        Grant.role == Role.ADMINISTRATOR,
        Grant.organization_id.is_(None),
        Grant.clinic_id.is_(None),
    )
    return db.session.scalar(found) is not None


def _is_of_program(grant: Grant) -> bool:
    return (
        grant.role == Role.ADMINISTRATOR
        and grant.organization_id is None
        and grant.clinic_id is None
    )


def _email_taken(email: str) -> Taken:
    return Taken("email", f"{email} already has an account. Use another email.")


def _named(person: Person) -> str:
    return f"person {person.id} {person.name}"
