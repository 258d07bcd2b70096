"""Verbs of whoever is invited: take the role behind a link, with a new account or one's own.

Whoever holds the link can accept, so it is bound to its email: somebody who has an account with
that email must sign in first, everybody else makes the account while accepting.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, not_, select
from sqlalchemy.exc import IntegrityError

from accounts import tokens
from accounts.invitations.inviters import get_inviters, stands
from accounts.models import Grant, Person, Purpose, Role, Token
from accounts.sign_in.passwords import NewPassword
from accounts.viewer import Scope
from core import audit, clock
from core.db import db
from core.errors import Conflict


class AccountExists(Conflict):
    """The email got an account while somebody was making one with it."""

    title = "There is an account for this email now"

    def __init__(self) -> None:
        super().__init__("Open the link again and sign in.")


def accept(secret: str, *, person_id: int) -> Token:
    """Give the role to the person with the invited email, who is signed in.

    Raises tokens.DeadLink, also when the invitation is for somebody else.
    """
    token = find_standing(secret)
    person = db.session.get_one(Person, person_id)
    if person.email != token.email:
        raise tokens.DeadLink
    _use(token, person)
    return token


def accept_as_new_person(
    secret: str, *, name: str, job_role: str | None, password: NewPassword, address: str = ""
) -> int:
    """Make the account of the invited email, give it the role, and return the person's id.

    `address` is where the request came from, for the log. Raises tokens.DeadLink or AccountExists.
    """
    token = find_standing(secret)
    person = Person(
        email=token.email,
        name=name,
        job_role=job_role,
        password_hash=password.password_hash,
        password_is_short=password.is_short,
        created_at=clock.now(),
    )
    _use(token, person, _add(person, by="invitation", address=address))
    return person.id


def accept_by_verified_email(email: str, *, name: str, address: str = "") -> int | None:
    """Make the account of somebody whose email a provider vouches for; they get all their roles.

    Returns the person's id, or None when no open invitation is for this email. One to run the
    whole program does not count: whoever runs the provider could take it. Raises AccountExists.
    """
    runs_the_program = and_(Token.role == Role.ADMINISTRATOR, Token.organization_id.is_(None))
    found = db.session.scalars(
        select(Token)
        .where(Token.purpose == Purpose.INVITATION, Token.email == email)
        .where(tokens.is_alive(), not_(runs_the_program))
        .order_by(Token.id)
    ).all()
    found = _standing(found)
    if not found:
        return None
    person = Person(email=email, name=found[0].name or name or email, created_at=clock.now())
    actor = _add(person, by="single sign-on", address=address)
    for token in found:
        _use(token, person, actor)
    return person.id


def _add(person: Person, *, by: str, address: str) -> audit.Actor:
    """Store a new person, who acts from here on. Raises AccountExists."""
    try:
        with db.session.begin_nested():
            db.session.add(person)
    except IntegrityError as error:
        raise AccountExists from error
    actor = audit.Actor(person.id, f"{person.name} <{person.email}>", address)
    audit.record("person.created", subject=_person(person), after={"by": by}, actor=actor)
    return actor


def find_standing(secret: str) -> Token:
    """The invitation with this secret, while its maker may still give the role.

    Raises tokens.DeadLink.
    """
    token = tokens.find(secret, Purpose.INVITATION)
    if token is None or not _standing([token]):
        raise tokens.DeadLink
    return token


def _standing(found: Sequence[Token]) -> list[Token]:
    inviters = get_inviters(token.created_by for token in found)
    return [
        token
        for token in found
        if stands(
            token.created_by,
            Role(str(token.role)),
            Scope(token.organization_id, token.clinic_id),
            inviters,
        )
    ]


def _use(token: Token, person: Person, actor: audit.Actor | None = None) -> None:
    """Use the link up and give the role, once, however many try at this moment."""
    tokens.use(token, person_id=person.id)
    role = Role(str(token.role))
    same = and_(
        Grant.person_id == person.id,
        Grant.role == role,
        Grant.organization_id.is_not_distinct_from(token.organization_id),
        Grant.clinic_id.is_not_distinct_from(token.clinic_id),
    )
    if db.session.scalar(select(Grant.id).where(same)) is None:
        db.session.add(
            Grant(
                person_id=person.id,
                role=role,
                organization_id=token.organization_id,
                clinic_id=token.clinic_id,
            )
        )
        db.session.flush()
    audit.record(
        "invitation.accepted",
        subject=_person(person),
        organization_id=token.organization_id,
        after={"invitation": token.id, "role": role, "clinic": token.clinic_id},
        actor=actor,
    )


def _person(person: Person) -> str:
    return f"person {person.id} {person.name}"
