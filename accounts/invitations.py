"""Verbs on invitations: a one-time link that gives one person one role in one place.

Whoever holds the link can accept, so it is bound to its email: somebody who has an account with
that email must sign in first, everybody else makes the account while accepting. Services flush, the
edge commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, not_, select, update
from sqlalchemy.exc import IntegrityError

from accounts import tokens
from accounts.inviters import get_inviters, stands
from accounts.models import Grant, Person, Purpose, Role, Token
from accounts.passwords import NewPassword
from accounts.permissions import may
from accounts.places import Place
from accounts.role_words import NAMES, fits
from accounts.viewer import Scope, Viewer
from core import audit, clock
from core.db import db
from core.errors import Conflict, Forbidden

VALID_FOR = timedelta(days=14)


class AlreadyHere(Conflict):
    """The person has the role already."""

    title = "This person is here already"


class AccountExists(Conflict):
    """The email got an account while somebody was making one with it."""

    title = "There is an account for this email now"

    def __init__(self) -> None:
        super().__init__("Open the link again and sign in.")


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who shall get which role where; the email in lower case."""

    email: str
    name: str
    role: Role
    place: Place


@dataclass(frozen=True, slots=True)
class NewLink:
    """An invitation just made; its secret is known now and never again."""

    token_id: int
    secret: str
    invitee: Invitee
    expires_at: datetime
    replaced: bool


def invite(invitee: Invitee, *, by: Viewer) -> NewLink:
    """Make the link; an open one for the same person, role and place stops working.

    Raises Forbidden when `by` may not give the role there, AlreadyHere, or Conflict when the clinic
    is archived.
    """
    check_may_give(by, invitee.role, invitee.place)
    if invitee.place.is_archived:
        raise Conflict(f"{invitee.place.name} is archived. Nobody can be invited to it.")
    if list_people_with_role([invitee]):
        raise AlreadyHere(already_here(invitee))
    replaced = _revoke_same(invitee)
    token, secret = tokens.issue(
        purpose=Purpose.INVITATION,
        email=invitee.email,
        lifetime=VALID_FOR,
        created_by=by.person_id,
        name=invitee.name,
        role=invitee.role,
        organization_id=invitee.place.organization_id,
        clinic_id=invitee.place.clinic_id,
    )
    _record("invitation.created", token, after={"place": invitee.place.name, "replaced": replaced})
    return NewLink(token.id, secret, invitee, token.expires_at, replaced > 0)


def check_may_give(viewer: Viewer, role: Role, place: Place) -> None:
    """Raise Forbidden when this person may not give this role in this place."""
    if not fits(role, place) or not may(viewer, f"role.{role}", place.scope):
        raise Forbidden(f"Your role does not let you invite a {NAMES[role].lower()} here.")


def list_people_with_role(invitees: list[Invitee]) -> set[Invitee]:
    """Those of the invitees who have the role in the place already, directly or by a wider one."""
    emails = {one.email for one in invitees}
    rows = db.session.execute(
        select(Person.email, Grant.role, Grant.organization_id, Grant.clinic_id)
        .join(Grant, Grant.person_id == Person.id)
        .where(Person.email.in_(emails))
    ).all()
    held = {(row.email, row.role, row.organization_id, row.clinic_id) for row in rows}
    return {one for one in invitees if held & _enough(one)}


def already_here(invitee: Invitee) -> str:
    """The sentence for somebody who is invited to what they have."""
    return (
        f"{invitee.email} has this role in {invitee.place.name} already. "
        "Choose another role, or ask them to sign in."
    )


def revoke(token: Token) -> None:
    """Let the link work no more. Raises Conflict when it was accepted already."""
    if token.used_at is not None:
        raise Conflict(f"{token.name or token.email} has accepted already.")
    if tokens.revoke(token):
        _record("invitation.revoked", token)


def note_mailed(token_id: int) -> None:
    """Remember that the link was handed to the mail server."""
    db.session.execute(update(Token).where(Token.id == token_id).values(mailed_at=clock.now()))


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


def _revoke_same(invitee: Invitee) -> int:
    same: ColumnElement[bool] = and_(
        Token.purpose == Purpose.INVITATION,
        Token.email == invitee.email,
        Token.role == invitee.role,
        Token.organization_id.is_not_distinct_from(invitee.place.organization_id),
        Token.clinic_id.is_not_distinct_from(invitee.place.clinic_id),
    )
    return tokens.revoke_where(same)


def _enough(one: Invitee) -> set[tuple[str, str, int | None, int | None]]:
    """The grants any of which makes this invitation needless."""
    roles = {one.role, Role.LEAD} if one.role is Role.MEMBER else {one.role}
    place = one.place
    reaches = {
        (place.organization_id, place.clinic_id),
        (place.organization_id, None),
        (None, None),
    }
    return {(one.email, str(role), *reach) for role in roles for reach in reaches}


def _record(action: str, token: Token, after: dict[str, object] | None = None) -> None:
    audit.record(
        action,
        subject=f"invitation {token.id} {token.email}",
        organization_id=token.organization_id,
        after={"role": token.role, "clinic": token.clinic_id, **(after or {})},
    )


def _person(person: Person) -> str:
    return f"person {person.id} {person.name}"
