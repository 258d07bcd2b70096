"""Reads what was set when an assessment was opened, and who can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select

from accounts.models import Grant, Person, Role
from assess.following import reasons
from assess.following.models import AskedPerson
from assess.models import Assessment
from assess.quarters import Quarter
from assess.queries.asked import rates
from core.db import db


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set when the assessment was opened, and may change while it is open."""

    opened_at: datetime
    due_on: date | None
    message: str
    asks_everyone: bool
    remind_days: tuple[int, ...]
    is_imported: bool


@dataclass(frozen=True, slots=True)
class Askable:
    """Somebody who works in a clinic and could be asked."""

    id: int
    name: str
    job_role: str
    is_lead: bool


def get_settings(assessment_id: int) -> Settings:
    """The settings of an assessment that exists (one statement)."""
    row = db.session.execute(
        select(
            Assessment.opened_at,
            Assessment.due_on,
            Assessment.message,
            Assessment.asks_everyone,
            Assessment.remind_days,
            Assessment.source,
        ).where(Assessment.id == assessment_id)
    ).one()
    return Settings(
        row.opened_at,
        row.due_on,
        row.message,
        row.asks_everyone,
        reasons.parsed(row.remind_days),
        is_imported=row.source == "imported",
    )


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
        .where(Grant.clinic_id == clinic_id, rates())
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
