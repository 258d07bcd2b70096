"""Verbs on invitations: a one-time link that gives one person one role in one place.

They make links, replace and revoke them; what happens behind a link is in accounts.accepting.
Services flush, the edge commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update

from accounts import tokens
from accounts.models import Grant, Person, Purpose, Role, Token
from accounts.permissions import may
from accounts.places import Place
from accounts.role_words import NAMES, fits
from accounts.viewer import Viewer
from core import audit, clock
from core.db import db
from core.errors import Conflict, Forbidden

VALID_FOR = timedelta(days=14)


class AlreadyHere(Conflict):
    """The person has the role already."""

    title = "This person is here already"


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
