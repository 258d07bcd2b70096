"""Verbs that open assessments, one or many at once, and plan the mails that go with that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from assess import service, trail
from assess.answered_texts import keep_questionnaire
from assess.following import reasons, reminding
from assess.following.asking import ask
from assess.models import Assessment, State
from assess.quarters import Quarter
from assess.queries.openable import Openable
from core import audit, clock
from core.db import db, inserting
from questionnaires.instrument import Instrument

LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked, until when, and with which words."""

    instrument: Instrument
    quarter: Quarter
    due_on: date | None = None
    message: str = ""
    remind_days: tuple[int, ...] = reasons.USUAL


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A clinic for which nothing was opened, and why."""

    clinic: Openable
    why: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening for many clinics did: (clinic, assessment id) of each, and those left alone."""

    opened: tuple[tuple[Openable, int], ...]
    left_alone: tuple[LeftAlone, ...]


def open_one(
    *,
    clinic_id: int,
    terms: Terms,
    secret: str | bytes,
    asked: Collection[int] | None = None,
    invite: bool = False,
) -> Assessment:
    """Let a clinic's staff rate, and plan the reminders.

    `asked` are ids of its members and leads, None for everyone; others may rate as well. `invite`
    mails those asked. Raises NotFound, or Conflict as service.open_assessment.
    """
    assessment = service.open_assessment(
        clinic_id=clinic_id,
        instrument=terms.instrument,
        quarter=terms.quarter,
        due_on=terms.due_on,
        message=terms.message,
        asks_everyone=asked is None,
    )
    assessment.remind_days = reasons.stored(terms.remind_days)
    ask(assessment, asked or ())
    days = terms.remind_days
    reminding.plan(assessment.id, terms.due_on, days, secret=secret, invite=invite)
    return assessment


def open_many(
    *, clinics: Sequence[Openable], terms: Terms, secret: str | bytes, invite: bool = False
) -> Opened:
    """Open an assessment for each of these clinics that can have one; everybody there is asked.

    What is there already is left alone, so that repeating this is safe. The reads do not grow with
    the clinics. Whether the viewer may is for the caller to ask.
    """
    slug = terms.instrument.slug
    free = [one for one in clinics if not one.is_archived and one.held(slug) is None]
    made = _insert(free, terms)
    rows = {row.id: row for row in _added(list(made.values()))}
    for assessment_id in made.values():
        version = f"{slug} {terms.instrument.version}"
        after = {"questionnaire": version, "due_on": terms.due_on}
        trail.note_step("opened", rows[assessment_id], after=after)
        days = terms.remind_days
        reminding.plan(assessment_id, terms.due_on, days, secret=secret, invite=invite)
    db.session.flush()
    return Opened(
        opened=tuple((one, made[one.id]) for one in clinics if one.id in made),
        left_alone=tuple(LeftAlone(one, _why(one, terms)) for one in clinics if one.id not in made),
    )


def _insert(clinics: Sequence[Openable], terms: Terms) -> dict[int, int]:
    """Ids of the new assessments by clinic; without those that somebody else has just opened."""
    if not clinics:
        return {}
    same = {
        "questionnaire": terms.instrument.slug,
        "questionnaire_version_id": keep_questionnaire(terms.instrument),
        "quarter": str(terms.quarter),
        "state": State.OPEN.value,
        "source": "rated",
        "opened_at": clock.now(),
        "opened_by": audit.acting_person(),
        "due_on": terms.due_on,
        "message": terms.message,
        "asks_everyone": True,
        "remind_days": reasons.stored(terms.remind_days),
    }
    rows = [same | {"clinic_id": one.id, "organization_id": one.organization_id} for one in clinics]
    adding = inserting(Assessment).values(rows).on_conflict_do_nothing()
    found = db.session.execute(adding.returning(Assessment.clinic_id, Assessment.id)).all()
    return {row.clinic_id: row.id for row in found}


def _added(ids: Sequence[int]) -> Sequence[Assessment]:
    return db.session.scalars(
        select(Assessment).where(Assessment.id.in_(ids)).order_by(Assessment.id)
    ).all()


def _why(clinic: Openable, terms: Terms) -> str:
    if clinic.is_archived:
        return "It is archived."
    return f"It has “{terms.instrument.title}” in {terms.quarter.label} already."
