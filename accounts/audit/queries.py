"""Reads of the audit log for the people who may: who did what, when, from where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from accounts.models import Clinic, Organization
from accounts.program.reach import Reach, within
from core.audit import PROGRAM, AuditEvent, chain_of
from core.days import day
from core.db import db

AT_ONCE = 500
COLUMNS = (
    "chain",
    "sequence",
    "at",
    "who",
    "person_id",
    "address",
    "action",
    "subject",
    "before",
    "after",
    "sha256",
)
_CLINIC = re.compile(r"\bclinic (\d{1,10})\b")


@dataclass(frozen=True, slots=True)
class Place:
    """Something that lines of the log can be about: the program, an organization or a clinic."""

    key: str
    name: str
    organization_id: int | None = None
    clinic_id: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; empty texts and None find everything. Both days are included (UTC)."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that an event changed, in words; None where there was nothing."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log, ready to read."""

    id: int
    chain: str
    sequence: int
    at: datetime
    who: str
    address: str
    action: str
    subject: str
    place: str
    changes: tuple[Change, ...]

    @property
    def when(self) -> str:
        """The moment as people write it: "Nov 21, 2026, 14:02 UTC"."""
        return f"{day(self.at.date())}, {self.at:%H:%M} UTC"


def list_places(reach: Reach) -> tuple[Place, ...]:
    """The program (for those who run all of it), then each organization and its clinics."""
    rows = db.session.execute(
        select(Organization.id, Organization.name, Clinic.id, Clinic.name)
        .outerjoin(Clinic, Clinic.organization_id == Organization.id)
        .where(within(Organization.id, reach))
        .order_by(Organization.name, Organization.id, Clinic.name, Clinic.id)
    )
    places: dict[str, Place] = {}
    if reach is None:
        places[PROGRAM] = Place(PROGRAM, "The program itself")
    for organization_id, organization, clinic_id, clinic in rows:
        key = f"organization-{organization_id}"
        places.setdefault(key, Place(key, organization, organization_id))
        if clinic_id is not None:
            key = f"clinic-{clinic_id}"
            places[key] = Place(key, clinic, organization_id, clinic_id)
    return tuple(places.values())


def list_lines(
    search: Search,
    *,
    reach: Reach,
    places: Sequence[Place],
    older_than: int | None = None,
    limit: int,
) -> tuple[Line, ...]:
    """Lines within the reach, the newest first; `older_than` is the id of the last one seen."""
    statement = _found(search, reach).order_by(AuditEvent.id.desc()).limit(limit)
    if older_than is not None:
        statement = statement.where(AuditEvent.id < older_than)
    names = {place.key: place.name for place in places}
    return tuple(_line(event, names) for event in db.session.scalars(statement))


def iterate_rows(
    search: Search, *, reach: Reach, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """Lines as they are stored, by COLUMNS, the oldest first; read a few hundred at a time."""
    statement = _found(search, reach).with_only_columns(
        *(getattr(AuditEvent, name) for name in COLUMNS)
    )
    rows = db.session.execute(
        statement.order_by(AuditEvent.id).limit(limit), execution_options={"yield_per": AT_ONCE}
    )
    for row in rows:
        yield {**row._asdict(), "sha256": row.sha256.hex()}


def _found(search: Search, reach: Reach) -> Select[AuditEvent]:
    conditions: list[ColumnElement[bool]] = []
    if reach is not None:
        conditions.append(AuditEvent.chain.in_([chain_of(key) for key in sorted(reach)]))
    if search.who:
        conditions.append(AuditEvent.who.icontains(search.who, autoescape=True))
    if search.action:
        spoken = func.replace(func.replace(AuditEvent.action, ".", " "), "_", " ")
        conditions.append(spoken.icontains(_spoken(search.action), autoescape=True))
    if search.subject:
        conditions.append(AuditEvent.subject.icontains(search.subject, autoescape=True))
    if search.since is not None:
        conditions.append(AuditEvent.at >= _midnight(search.since))
    if search.until is not None:
        conditions.append(AuditEvent.at < _midnight(search.until + timedelta(days=1)))
    if search.place is not None:
        conditions += _at_place(search.place)
    return select(AuditEvent).where(*conditions)


def _at_place(place: Place) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [AuditEvent.chain == chain_of(place.organization_id)]
    if place.clinic_id is not None:
        name = f"clinic {place.clinic_id}"
        subject = AuditEvent.subject
        named = [subject.endswith(name), *(subject.contains(name + end) for end in (" ", ",", ":"))]
        conditions.append(or_(*named))
    return conditions


def _midnight(when: date) -> datetime:
    return datetime.combine(when, time(), UTC)


def _line(event: AuditEvent, names: Mapping[str, str]) -> Line:
    return Line(
        id=event.id,
        chain=event.chain,
        sequence=event.sequence,
        at=event.at,
        who=event.who,
        address=event.address,
        action=_spoken(event.action),
        subject=event.subject,
        place=_place(event, names),
        changes=_changes(event.before, event.after),
    )


def _place(event: AuditEvent, names: Mapping[str, str]) -> str:
    organization = names.get(event.chain.replace(" ", "-"), "")
    clinic = _CLINIC.search(event.subject)
    if clinic and event.chain != PROGRAM:
        name = names.get(f"clinic-{clinic[1]}")
        return f"{name}, {organization}" if name else organization
    return organization or event.chain


def _spoken(action: str) -> str:
    return action.replace(".", " ").replace("_", " ")


def _changes(before: str | None, after: str | None) -> tuple[Change, ...]:
    old: dict[str, Any] = json.loads(before or "{}")
    new: dict[str, Any] = json.loads(after or "{}")
    return tuple(
        Change(
            name=_spoken(name),
            before=_words(old[name]) if name in old else None,
            after=_words(new[name]) if name in new else None,
        )
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name) or (name in old) != (name in new)
    )


def _words(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{_spoken(name)}: {_words(one)}" for name, one in value.items())
    return str(value)
