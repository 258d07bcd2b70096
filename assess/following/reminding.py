"""Decides who gets a mail that asks them to rate; the table of reminders lets nobody get it twice.

Whoever inserts the row sends the mail, in one transaction: two workers, or two fingers on one
button, send it once. Devices that joined by link have no address and cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from accounts.models import Clinic, Grant, Person, Role
from assess.following import reasons
from assess.following.models import AskedPerson, Reminder
from assess.models import Assessment, Rating, State
from core import clock, jobs
from core.db import Moment, db

KIND = "ask to rate"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets this mail now."""

    name: str
    email: str


def plan(
    assessment_id: int, due_on: date | None, *, secret: str | bytes, invite: bool = False
) -> None:
    """Let the reminders go out by themselves, and the invitation at once when that is wanted.

    Jobs of an earlier due day stay and do nothing when their time comes.
    """
    if invite:
        _enqueue(assessment_id, reasons.OPENED, due_on, secret)
    for reason, moment in reasons.planned(due_on, clock.now()):
        payload = _payload(assessment_id, reason, due_on)
        key = f"{reason} {assessment_id} {due_on}"
        jobs.enqueue(KIND, payload, secret=secret, run_at=moment, dedupe_key=key)


def claim(assessment_id: int, reason: str, *, sent_by: int | None = None) -> Sequence[Recipient]:
    """Who is to be mailed for this reason now and was not before, by name (two statements).

    Those are asked, have an account that is open, and have not finished; nobody once the ratings
    are shown or the clinic is archived.
    """
    session = db.session()
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    columns = ["organization_id", "clinic_id", "assessment_id", "person_id"]
    columns += ["reason", "sent_by", "sent_at"]
    adding = build(Reminder).from_select(columns, _unfinished(assessment_id, reason, sent_by))
    claimed = session.scalars(adding.on_conflict_do_nothing().returning(Reminder.person_id)).all()
    rows = session.execute(
        select(Person.name, Person.email)
        .where(Person.id.in_(claimed))
        .order_by(Person.name, Person.id)
    )
    return [Recipient(row.name, row.email) for row in rows]


def is_asked() -> ColumnElement[bool]:
    """SQL: this person works in the clinic of this assessment, can sign in, and is asked to rate.

    For a select from Person and Assessment.
    """
    works_there = exists().where(
        Grant.person_id == Person.id,
        Grant.clinic_id == Assessment.clinic_id,
        Grant.role.in_((Role.MEMBER, Role.LEAD)),
    )
    chosen = exists().where(
        AskedPerson.assessment_id == Assessment.id, AskedPerson.person_id == Person.id
    )
    return (
        works_there & Person.disabled_at.is_(None) & or_(Assessment.asks_everyone.is_(True), chosen)
    )


def _unfinished(assessment_id: int, reason: str, sent_by: int | None) -> Select[*tuple[Any, ...]]:
    finished = exists().where(
        Rating.assessment_id == Assessment.id,
        Rating.person_id == Person.id,
        Rating.submitted_at.is_not(None),
    )
    return (
        select(
            Assessment.organization_id,
            Assessment.clinic_id,
            Assessment.id,
            Person.id,
            literal(reason),
            literal(sent_by),
            literal(clock.now(), Moment()),
        )
        .select_from(Assessment)
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .join(Person, is_asked())
        .where(
            Assessment.id == assessment_id,
            Assessment.state == State.OPEN,
            Clinic.archived_at.is_(None),
            ~finished,
        )
    )


def _enqueue(assessment_id: int, reason: str, due_on: date | None, secret: str | bytes) -> None:
    payload = _payload(assessment_id, reason, due_on)
    jobs.enqueue(KIND, payload, secret=secret, dedupe_key=f"{reason} {assessment_id}")


def _payload(assessment_id: int, reason: str, due_on: date | None) -> dict[str, object]:
    return {
        "assessment_id": assessment_id,
        "reason": reason,
        "due_on": due_on.isoformat() if due_on else None,
    }
