"""How far grants reach, as a value and as a condition of queries."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Role
from accounts.viewer import HeldGrant, Viewer

Reach = frozenset[int] | None
"""Ids of the organizations somebody administers; None is the whole program."""


def administered(viewer: Viewer) -> Reach:
    """The organizations this person administers."""
    grants = [
        grant
        for grant in viewer.grants
        if grant.role is Role.ADMINISTRATOR and grant.clinic_id is None
    ]
    if any(grant.organization_id is None for grant in grants):
        return None
    return frozenset(grant.organization_id for grant in grants if grant.organization_id is not None)


def within(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], reach: Reach
) -> ColumnElement[bool]:
    """The condition that an organization lies within the reach."""
    if reach is None:
        return true()
    return column.in_(sorted(reach)) if reach else false()


def covered(
    grants: Iterable[HeldGrant],
    *,
    clinic: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    organization: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """The condition that any of the grants covers the place that these columns name."""
    reached: list[ColumnElement[bool]] = []
    for grant in grants:
        if grant.clinic_id is not None:
            reached.append(clinic == grant.clinic_id)
        elif grant.organization_id is not None:
            reached.append(organization == grant.organization_id)
        else:
            reached.append(true())
    return or_(false(), *reached)


def within_reach(organization_id: int | None, reach: Reach) -> bool:
    """Whether an organization (None: the program itself) lies within the reach."""
    return reach is None or organization_id in reach
