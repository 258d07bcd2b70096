"""Reads about invitations: one that somebody holds the link of, and those nobody accepted yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import aliased

from accounts import tokens
from accounts.invitations import accepting
from accounts.invitations.inviters import get_inviters, stands
from accounts.models import Clinic, Organization, Person, Purpose, Role, Token
from accounts.permissions import may
from accounts.places import Place, name_place
from accounts.program.reach import covered
from accounts.role_words import CAN, NAMES, as_role
from accounts.viewer import Scope, Viewer
from core import clock, tenancy
from core.db import db
from core.errors import NotFound

MOST_SHOWN = 500
LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as those see it who may see the people of its place.

    `stands`: whoever made it may still give the role.
    """

    id: int
    email: str
    name: str
    role: Role
    place: Place
    invited_by: str
    created_by: int | None
    stands: bool
    created_at: datetime
    expires_at: datetime
    mailed_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def scope(self) -> Scope:
        return self.place.scope

    @property
    def who(self) -> str:
        return self.name or self.email

    @property
    def role_name(self) -> str:
        return NAMES[self.role]

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= clock.now()


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as the invited person sees it; `has_account`: must sign in to accept."""

    email: str
    name: str
    role: Role
    place: Place
    invited_by: str
    expires_at: datetime
    has_account: bool

    @property
    def as_role(self) -> str:
        return as_role(self.role)

    @property
    def can(self) -> str:
        return CAN[self.role]


def get_offer(secret: str) -> Offer:
    """What the holder of this link is invited to; reaches the organization from here on.

    Raises tokens.DeadLink.
    """
    token = accepting.find_standing(secret)
    tenancy.enter([token.organization_id])
    row = db.session.execute(_invitations().where(Token.id == token.id)).one()
    found = _invitation(row, get_inviters([row.created_by]))
    has_account = select(Person.id).where(Person.email == found.email)
    return Offer(
        email=found.email,
        name=found.name,
        role=found.role,
        place=found.place,
        invited_by=found.invited_by,
        expires_at=found.expires_at,
        has_account=db.session.scalar(has_account) is not None,
    )


def get_invitation(invitation_id: int) -> Invitation:
    """One invitation, open or not. Raises NotFound; whether one may see it is for the caller."""
    row = db.session.execute(_invitations().where(Token.id == invitation_id)).one_or_none()
    if row is None:
        raise NotFound("This invitation does not exist. Look in the list of invitations.")
    return _invitation(row, get_inviters([row.created_by]))


def get_token(invitation_id: int) -> Token:
    """The row of an invitation that is to change."""
    return db.session.get_one(Token, invitation_id)


def find_invitation(secret: str) -> Invitation | None:
    """The invitation with this secret while it works, for those who made it."""
    token = tokens.find(secret, Purpose.INVITATION)
    return get_invitation(token.id) if token else None


def list_open_invitations(
    viewer: Viewer, *, clinic_id: int | None = None, search: str = "", expired_only: bool = False
) -> Sequence[Invitation]:
    """Invitations nobody accepted yet in the viewer's reach, the newest first, 500 at most.

    `search` is looked for in names and emails, upper and lower case alike.
    """
    query = _invitations().where(tokens.is_open(), _in_reach(viewer))
    if clinic_id is not None:
        query = query.where(Token.clinic_id == clinic_id)
    if expired_only:
        query = query.where(Token.expires_at <= clock.now())
    if search := search.strip()[:LONGEST_SEARCH].replace("\0", ""):
        query = query.where(
            or_(
                func.lower(Token.email).contains(search.lower(), autoescape=True),
                func.lower(Token.name).contains(search.lower(), autoescape=True),
            )
        )
    newest = query.order_by(Token.created_at.desc(), Token.id.desc()).limit(MOST_SHOWN)
    rows = db.session.execute(newest).all()
    inviters = get_inviters(row.created_by for row in rows)
    found = [_invitation(row, inviters) for row in rows]
    return [one for one in found if may(viewer, "people.view", one.scope)]


def _invitations() -> Select[*tuple[Any, ...]]:
    inviter = aliased(Person)
    return (
        select(
            *(Token.id, Token.email, Token.name, Token.role),
            *(Token.organization_id, Token.clinic_id),
            *(Token.created_by, Token.created_at, Token.expires_at),
            *(Token.mailed_at, Token.used_at, Token.revoked_at),
            Organization.name.label("organization"),
            Clinic.name.label("clinic"),
            Clinic.archived_at,
            inviter.name.label("invited_by"),
        )
        .outerjoin(Organization, Organization.id == Token.organization_id)
        .outerjoin(Clinic, Clinic.id == Token.clinic_id)
        .outerjoin(inviter, inviter.id == Token.created_by)
        .where(Token.purpose == Purpose.INVITATION)
    )


def _invitation(row: Row[*tuple[Any, ...]], inviters: dict[int, Viewer]) -> Invitation:
    role, place = Role(row.role), name_place(row)
    return Invitation(
        id=row.id,
        email=row.email,
        name=row.name,
        role=role,
        place=place,
        invited_by=row.invited_by or "",
        created_by=row.created_by,
        stands=stands(row.created_by, role, place.scope, inviters),
        created_at=row.created_at,
        expires_at=row.expires_at,
        mailed_at=row.mailed_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


def _in_reach(viewer: Viewer) -> ColumnElement[bool]:
    """SQL for `any grant covers the place`; which roles count is asked of the table afterwards."""
    return covered(viewer.grants, clinic=Token.clinic_id, organization=Token.organization_id)
