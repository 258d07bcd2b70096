"""Reads about how rating goes: who is asked, how many have finished, reminders. No answers.

Nothing here may tell who has or has not rated: pages get counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, case, exists, func, select

from accounts.models import Clinic, Grant, Person, Role
from assess.following import reasons
from assess.following.counting import NOT_SAID, Asked, Count, count, count_by_job
from assess.following.models import AskedPerson, Reminder
from assess.following.reminding import is_asked
from assess.models import Assessment, Rating, State
from assess.quarters import Quarter
from core import clock
from core.db import db

WAYS = {
    "web": "By the join link, without an account",
    "paper": "On paper",
    "import": "From an Excel file",
}
NOT_ASKED = "With an account, without being asked"


@dataclass(frozen=True, slots=True)
class Request:
    """What people are asked to rate, as a mail says it."""

    assessment_id: int
    clinic: str
    quarter: Quarter
    due_on: date | None
    message: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set when the assessment was opened, and may change while it is open."""

    opened_at: datetime
    due_on: date | None
    message: str
    asks_everyone: bool
    is_imported: bool


@dataclass(frozen=True, slots=True)
class Askable:
    """Somebody who works in a clinic and could be asked."""

    id: int
    name: str
    job_role: str
    is_lead: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far rating is: those asked, by job, and ratings that no asked person's account holds.

    `to_remind` people would get a mail now; `given` are the days of all finished ratings.
    """

    asked: Count
    jobs: tuple[Count, ...]
    others: tuple[Count, ...]
    to_remind: int
    given: tuple[date, ...]

    @property
    def finished(self) -> int:
        return self.asked.finished + sum(one.finished for one in self.others)

    @property
    def started(self) -> int:
        return self.asked.started + sum(one.started for one in self.others)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many people got a mail for a reason, and when."""

    reason: str
    people: int
    at: datetime

    @property
    def words(self) -> str:
        return reasons.words(self.reason)

    @property
    def is_reminder(self) -> bool:
        return self.reason != reasons.OPENED


def get_request(assessment_id: int) -> Request | None:
    """What an assessment asks for; None once its ratings are shown (one statement)."""
    row = db.session.execute(
        select(Clinic.name, Assessment.quarter, Assessment.due_on, Assessment.message)
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .where(
            Assessment.id == assessment_id,
            Assessment.state == State.OPEN,
            Clinic.archived_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    return Request(assessment_id, row.name, Quarter.parse(row.quarter), row.due_on, row.message)


def get_settings(assessment_id: int) -> Settings:
    """The settings of an assessment that exists (one statement)."""
    row = db.session.execute(
        select(
            Assessment.opened_at,
            Assessment.due_on,
            Assessment.message,
            Assessment.asks_everyone,
            Assessment.source,
        ).where(Assessment.id == assessment_id)
    ).one()
    return Settings(*row[:-1], is_imported=row.source == "imported")


def list_askable(clinic_id: int) -> Sequence[Askable]:
    """The members and leads of a clinic whose account is open, by name (one statement)."""
    rows = db.session.execute(
        select(
            Person.id,
            Person.name,
            Person.job_role,
            func.max(case((Grant.role == Role.LEAD, 1), else_=0)).label("is_lead"),
        )
        .join(Grant, Grant.person_id == Person.id)
        .where(
            Grant.clinic_id == clinic_id,
            Grant.role.in_((Role.MEMBER, Role.LEAD)),
            Person.disabled_at.is_(None),
        )
        .group_by(Person.id, Person.name, Person.job_role)
        .order_by(func.lower(Person.name), Person.id)
    )
    return [Askable(row.id, row.name, row.job_role or "", bool(row.is_lead)) for row in rows]


def list_asked_ids(assessment_id: int) -> frozenset[int]:
    """Who was chosen to be asked; nobody where everybody is (one statement)."""
    rows = db.session.scalars(
        select(AskedPerson.person_id).where(AskedPerson.assessment_id == assessment_id)
    )
    return frozenset(rows)


def list_taken(clinic_id: int) -> Sequence[tuple[str, Quarter]]:
    """The questionnaires and quarters the clinic has assessments of (one statement)."""
    rows = db.session.execute(
        select(Assessment.questionnaire, Assessment.quarter)
        .where(Assessment.clinic_id == clinic_id)
        .order_by(Assessment.quarter, Assessment.id)
    )
    return [(row.questionnaire, Quarter.parse(row.quarter)) for row in rows]


def get_progress(assessment_id: int) -> Progress:
    """How far rating is (two statements, whatever the number of raters)."""
    today = reasons.by_hand(clock.today())
    reminded = exists().where(
        Reminder.assessment_id == Assessment.id,
        Reminder.person_id == Person.id,
        Reminder.reason == today,
    )
    people = db.session.execute(
        select(Person.id, Person.job_role, reminded.label("is_reminded"))
        .select_from(Assessment)
        .join(Person, is_asked())
        .where(Assessment.id == assessment_id)
    ).all()
    ratings = db.session.execute(
        select(Rating.person_id, Rating.source, Rating.submitted_at, Rating.paper_on).where(
            Rating.assessment_id == assessment_id
        )
    ).all()
    finished = {row.person_id: row.submitted_at is not None for row in ratings if row.person_id}
    asked = [
        Asked(row.job_role or NOT_SAID, row.id in finished, finished.get(row.id, False))
        for row in people
    ]
    ids = {row.id for row in people}
    left = [row for row in people if not finished.get(row.id)]
    return Progress(
        asked=count("Everybody asked", asked),
        jobs=count_by_job(asked),
        others=_others(row for row in ratings if row.person_id not in ids),
        to_remind=sum(not row.is_reminded for row in left),
        given=tuple(
            row.paper_on or row.submitted_at.date()
            for row in ratings
            if row.submitted_at is not None
        ),
    )


def list_sent(assessment_id: int) -> Sequence[Sent]:
    """The mails that went out, by reason, newest first (one statement)."""
    newest = func.max(Reminder.sent_at)
    rows = db.session.execute(
        select(Reminder.reason, func.count(), newest)
        .where(Reminder.assessment_id == assessment_id)
        .group_by(Reminder.reason)
        .order_by(newest.desc(), Reminder.reason)
    )
    return [Sent(*row) for row in rows]


def _others(ratings: Iterable[Row[*tuple[Any, ...]]]) -> tuple[Count, ...]:
    """Ratings of people who were not asked, of joined devices, from paper and from files."""
    groups: dict[str, list[Asked]] = {name: [] for name in (*WAYS.values(), NOT_ASKED)}
    for row in ratings:
        way = WAYS[row.source] if row.person_id is None else NOT_ASKED
        groups[way].append(Asked(NOT_SAID, True, row.submitted_at is not None))
    return tuple(count(way, rated) for way, rated in groups.items() if rated)
