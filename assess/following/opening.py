"""Verbs that open assessments, one or many at once, and change what was set while rating runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from assess import service, trail
from assess.answered_texts import keep_questionnaire
from assess.following import reminding
from assess.following.models import AskedPerson
from assess.holding import hold
from assess.models import Assessment, State
from assess.quarters import Quarter
from assess.queries.following import list_asked_ids
from assess.queries.openable import Openable
from core import audit, clock
from core.days import day
from core.db import db
from core.errors import Conflict
from questionnaires.instrument import Instrument

LONGEST_MESSAGE = 2000


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked, until when, and with which words."""

    instrument: Instrument
    quarter: Quarter
    due_on: date | None = None
    message: str = ""


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
    _ask(assessment, asked or ())
    reminding.plan(assessment.id, terms.due_on, secret=secret, invite=invite)
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
        reminding.plan(assessment_id, terms.due_on, secret=secret, invite=invite)
    db.session.flush()
    return Opened(
        opened=tuple((one, made[one.id]) for one in clinics if one.id in made),
        left_alone=tuple(LeftAlone(one, _why(one, terms)) for one in clinics if one.id not in made),
    )


def change(
    *,
    assessment_id: int,
    due_on: date | None,
    message: str,
    asked: Collection[int] | None,
    secret: str | bytes,
    invite: bool = False,
) -> bool:
    """Set the due day, the message and who is asked; False when all of it stood so already.

    `invite` mails those asked who got no invitation yet. Raises NotFound, or Conflict once the
    ratings are shown.
    """
    assessment = hold(assessment_id)
    if assessment.state != State.OPEN:
        raise Conflict("The ratings are revealed, so nothing is asked any more.")
    before = _facts(assessment)
    changes = [*_day_words(assessment.due_on, due_on)]
    changes += ["Message to the raters changed."] if message != assessment.message else []
    changes += _ask_again(assessment, asked)
    if changes:
        assessment.due_on, assessment.message = due_on, message
        db.session.flush()
        facts = _facts(assessment)
        words = " ".join(changes)
        trail.note_step("changed", assessment, before=before, after=facts, reason=words)
    if changes or invite:
        reminding.plan(assessment_id, due_on, secret=secret, invite=invite)
    db.session.flush()
    return bool(changes)


def _ask(assessment: Assessment, people: Collection[int]) -> None:
    db.session.add_all(
        AskedPerson(
            organization_id=assessment.organization_id,
            clinic_id=assessment.clinic_id,
            assessment_id=assessment.id,
            person_id=person_id,
        )
        for person_id in sorted(set(people))
    )
    db.session.flush()


def _ask_again(assessment: Assessment, asked: Collection[int] | None) -> list[str]:
    """Store who is asked from now on, and say what that changed."""
    before = None if assessment.asks_everyone else list_asked_ids(assessment.id)
    after = None if asked is None else frozenset(asked)
    if before == after:
        return []
    mine = AskedPerson.assessment_id == assessment.id
    db.session.execute(delete(AskedPerson).where(mine))
    assessment.asks_everyone = after is None
    _ask(assessment, after or ())
    if after is None:
        return ["Everyone in the clinic is asked now."]
    return [f"{len(after)} {'person is' if len(after) == 1 else 'people are'} asked now."]


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
    }
    session = db.session()
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [same | {"clinic_id": one.id, "organization_id": one.organization_id} for one in clinics]
    adding = build(Assessment).values(rows).on_conflict_do_nothing()
    found = session.execute(adding.returning(Assessment.clinic_id, Assessment.id)).all()
    return {row.clinic_id: row.id for row in found}


def _added(ids: Sequence[int]) -> Sequence[Assessment]:
    return db.session.scalars(
        select(Assessment).where(Assessment.id.in_(ids)).order_by(Assessment.id)
    ).all()


def _why(clinic: Openable, terms: Terms) -> str:
    if clinic.is_archived:
        return "It is archived."
    return f"It has “{terms.instrument.title}” in {terms.quarter.label} already."


def _facts(assessment: Assessment) -> dict[str, object]:
    return {"due_on": assessment.due_on, "asks_everyone": assessment.asks_everyone}


def _day_words(before: date | None, after: date | None) -> list[str]:
    if before == after:
        return []
    named = [day(one) if one else "none" for one in (before, after)]
    return [f"Due day: {named[0]}, now {named[1]}."]
