"""Reads for the mails that ask people to rate: what they say, to whom, and which went out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from accounts.models import Clinic, Person
from assess.following import reasons
from assess.following.models import ReminderRound
from assess.models import Assessment, State
from assess.quarters import Quarter
from assess.queries.asked import is_unfinished
from core.db import db


@dataclass(frozen=True, slots=True)
class Request:
    """What people are asked to rate, as a mail says it."""

    assessment_id: int
    clinic: str
    quarter: Quarter
    due_on: date | None
    message: str
    remind_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets a mail now."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Mails that went out for a reason: to how many people (None where not told), when, by whom."""

    reason: str
    people: int | None
    at: datetime
    by: str

    @property
    def words(self) -> str:
        return reasons.words(self.reason)

    @property
    def is_reminder(self) -> bool:
        return self.reason != reasons.OPENED


def get_request(assessment_id: int) -> Request | None:
    """What an assessment asks for; None once its ratings are shown (one statement)."""
    row = db.session.execute(
        select(
            Clinic.name,
            Assessment.quarter,
            Assessment.due_on,
            Assessment.message,
            Assessment.remind_days,
        )
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .where(
            Assessment.id == assessment_id,
            Assessment.state == State.OPEN,
            Clinic.archived_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return Request(
        assessment_id,
        row.name,
        Quarter.parse(row.quarter),
        row.due_on,
        row.message,
        reasons.parsed(row.remind_days),
    )


def get_recipient(assessment_id: int, person_id: int) -> Recipient | None:
    """This person, when they have still to rate (one statement)."""
    row = db.session.execute(
        select(Person.name, Person.email)
        .select_from(Assessment)
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .join(Person, is_unfinished())
        .where(Assessment.id == assessment_id, Person.id == person_id)
    ).one_or_none()
    return Recipient(row.name, row.email) if row else None


def list_sent(assessment_id: int) -> Sequence[Sent]:
    """The mails that went out, by reason, newest first (one statement)."""
    rows = db.session.execute(
        select(ReminderRound.reason, ReminderRound.people, ReminderRound.sent_at, Person.name)
        .outerjoin(Person, Person.id == ReminderRound.sent_by)
        .where(ReminderRound.assessment_id == assessment_id)
        .order_by(ReminderRound.sent_at.desc(), ReminderRound.reason)
    )
    return [Sent(row.reason, row.people, row.sent_at, row.name or "") for row in rows]


def was_sent(assessment_id: int, reason: str) -> bool:
    """Whether mails went out for this reason, or nobody was left to mail (one statement)."""
    return db.session.get(ReminderRound, (assessment_id, reason)) is not None
