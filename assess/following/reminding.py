"""Decides who gets a mail that asks them to rate; the table of reminders lets nobody get it twice.

Whoever inserts the row sends the mail, in one transaction: two workers, or two fingers on one
button, send it once. Devices that joined by link have no address and cannot be told apart.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, case, literal, or_, select

from accounts.models import Clinic, Person
from assess.following import reasons
from assess.following.counting import SMALLEST
from assess.following.models import Reminder, ReminderRound
from assess.models import Assessment, State
from assess.queries.asked import asked_each, is_unfinished
from core import clock, jobs
from core.db import Moment, db, inserting

KIND = "ask to rate"


def plan(
    assessment_id: int,
    due_on: date | None,
    days: Collection[int],
    *,
    secret: str | bytes,
    invite: bool = False,
) -> None:
    """Let reminders go out by themselves on these days from the due day; the invitation at once.

    What was planned for an earlier due day stays, and does nothing when its time comes.
    """
    if invite:
        payload = {"assessment_id": assessment_id, "reason": reasons.OPENED}
        key = f"{reasons.OPENED} {assessment_id}"
        jobs.enqueue(KIND, payload, secret=secret, dedupe_key=key)
    for one in reasons.planned(due_on, days, clock.now()):
        payload = {"assessment_id": assessment_id, "reason": one.reason}
        key = f"{one.reason} {assessment_id}"
        jobs.enqueue(KIND, payload, secret=secret, run_at=one.at, dedupe_key=key)


def claim(assessment_id: int, reason: str, *, sent_by: int | None = None) -> Sequence[int]:
    """Ids of those who are to be mailed for this reason now and were not before (two statements).

    Those are asked, have an account that is open, and have not finished; nobody once the ratings
    are shown or the clinic is archived. The round is noted, also when it reaches nobody.
    """
    columns = ["organization_id", "clinic_id", "assessment_id", "person_id"]
    columns += ["reason", "sent_by", "sent_at"]
    adding = inserting(Reminder).from_select(columns, _unfinished(assessment_id, reason, sent_by))
    returned = adding.on_conflict_do_nothing().returning(Reminder.person_id)
    claimed = sorted(db.session.scalars(returned))
    _note_round(assessment_id, reason, len(claimed), sent_by)
    return claimed


def _unfinished(assessment_id: int, reason: str, sent_by: int | None) -> Select[*tuple[Any, ...]]:
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
        .join(Person, is_unfinished())
        .where(Assessment.id == assessment_id)
    )


def _note_round(assessment_id: int, reason: str, people: int, sent_by: int | None) -> None:
    """Keep how many it reached, where everybody is asked and they are not few.

    Elsewhere the number would tell whoever chooses the people how far each of them is.
    """
    asked = asked_each(Assessment.id == assessment_id)
    is_told = Assessment.asks_everyone.is_(True) & (asked.c.asked >= SMALLEST)
    rows = (
        select(
            Assessment.organization_id,
            Assessment.clinic_id,
            Assessment.id,
            literal(reason),
            case((is_told, literal(people))),
            literal(sent_by),
            literal(clock.now(), Moment()),
        )
        .outerjoin(asked, asked.c.id == Assessment.id)
        .where(Assessment.id == assessment_id, Assessment.state == State.OPEN)
    )
    columns = ["organization_id", "clinic_id", "assessment_id", "reason", "people"]
    adding = inserting(ReminderRound).from_select([*columns, "sent_by", "sent_at"], rows)
    # asked again, an invitation reaches those who came since
    again = adding.on_conflict_do_update(
        index_elements=["assessment_id", "reason"],
        set_={
            "people": ReminderRound.people + adding.excluded.people,
            "sent_at": adding.excluded.sent_at,
        },
        where=or_(adding.excluded.people.is_(None), adding.excluded.people > 0),
    )
    db.session.execute(again)
