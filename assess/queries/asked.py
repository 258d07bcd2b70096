"""SQL for who is asked to rate: one rule for pages, counts and mails."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, or_, select

from accounts.models import Clinic, Grant, Person, Role
from assess.following.models import AskedPerson
from assess.models import Assessment, Rating, State


def rates() -> ColumnElement[bool]:
    """SQL: this grant lets somebody rate who can sign in. For a select from Grant and Person."""
    return and_(Grant.role.in_((Role.MEMBER, Role.LEAD)), Person.disabled_at.is_(None))


def is_chosen() -> ColumnElement[bool]:
    """SQL: the assessment asks everybody, or this person. For a select from both."""
    chosen = exists().where(
        AskedPerson.assessment_id == Assessment.id, AskedPerson.person_id == Person.id
    )
    return or_(Assessment.asks_everyone.is_(True), chosen)


def works_there() -> ColumnElement[bool]:
    """SQL: this person rates in the clinic of this assessment. For a select from both."""
    return exists().where(
        Grant.person_id == Person.id, Grant.clinic_id == Assessment.clinic_id, rates()
    )


def is_asked() -> ColumnElement[bool]:
    """SQL: this person is asked to rate. For a select from Person and Assessment."""
    return works_there() & is_chosen()


def is_unfinished() -> ColumnElement[bool]:
    """SQL: this person has still to rate. For a select from Person, Assessment and Clinic."""
    finished = exists().where(
        Rating.assessment_id == Assessment.id,
        Rating.person_id == Person.id,
        Rating.submitted_at.is_not(None),
    )
    return is_asked() & (Assessment.state == State.OPEN) & Clinic.archived_at.is_(None) & ~finished


def asked_each(*wanted: ColumnElement[bool]) -> Subquery:
    """SQL: `id` and how many are `asked`, of the assessments wanted that ask anybody."""
    return (
        select(Assessment.id, func.count(func.distinct(Grant.person_id)).label("asked"))
        .join(Grant, Grant.clinic_id == Assessment.clinic_id)
        .join(Person, Person.id == Grant.person_id)
        .where(rates(), is_chosen(), *wanted)
        .group_by(Assessment.id)
        .subquery()
    )


def raters_each() -> Subquery:
    """SQL: `clinic_id` and how many `people` rate there, of the clinics that have any."""
    return (
        select(Grant.clinic_id, func.count(func.distinct(Grant.person_id)).label("people"))
        .join(Person, Person.id == Grant.person_id)
        .where(rates())
        .group_by(Grant.clinic_id)
        .subquery()
    )
