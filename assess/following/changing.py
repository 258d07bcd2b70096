"""Verbs that change what is asked while rating runs: day, words, people and reminders."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import delete

from assess import trail
from assess.following import reasons, reminding
from assess.following.asking import ask
from assess.following.models import AskedPerson
from assess.holding import hold
from assess.joining import links
from assess.models import Assessment, State
from assess.queries.following import list_asked_ids
from core.days import day
from core.db import db
from core.errors import Conflict


def change(
    *,
    assessment_id: int,
    due_on: date | None,
    message: str,
    asked: Collection[int] | None,
    secret: str | bytes,
    remind_days: tuple[int, ...] | None = None,
    invite: bool = False,
) -> bool:
    """Set due day, message, reminders and who is asked; False when all of it stood so already.

    A later due day lets the join link work longer, too. `remind_days` None leaves the reminders as
    they are. `invite` mails those asked who got no invitation yet. Raises NotFound, or Conflict
    once the ratings are shown.
    """
    assessment = hold(assessment_id)
    _refuse_when_shown(assessment)
    before = _facts(assessment)
    changes = [*_day_words(assessment.due_on, due_on)]
    changes += ["Message to the raters changed."] if message != assessment.message else []
    changes += _ask_again(assessment, asked)
    changes += _remind_on(assessment, remind_days)
    changes += _link_words(assessment, due_on)
    if changes:
        assessment.due_on, assessment.message = due_on, message
        _note(assessment, before, changes)
    if changes or invite:
        days = reasons.parsed(assessment.remind_days)
        reminding.plan(assessment_id, due_on, days, secret=secret, invite=invite)
    return bool(changes)


def stop_reminders(*, assessment_id: int) -> bool:
    """Let no reminders go out by themselves any more; False when none did.

    Raises NotFound, or Conflict once the ratings are shown.
    """
    assessment = hold(assessment_id)
    _refuse_when_shown(assessment)
    before = _facts(assessment)
    if not (changes := _remind_on(assessment, ())):
        return False
    _note(assessment, before, changes)
    return True


def _refuse_when_shown(assessment: Assessment) -> None:
    if assessment.state != State.OPEN:
        raise Conflict("The ratings are revealed, so nothing is asked any more.")


def _ask_again(assessment: Assessment, asked: Collection[int] | None) -> list[str]:
    """Store who is asked from now on, and say what that changed."""
    before = None if assessment.asks_everyone else list_asked_ids(assessment.id)
    after = None if asked is None else frozenset(asked)
    if before == after:
        return []
    mine = AskedPerson.assessment_id == assessment.id
    db.session.execute(delete(AskedPerson).where(mine))
    assessment.asks_everyone = after is None
    ask(assessment, after or ())
    if after is None:
        return ["Everyone in the clinic is asked now."]
    return [f"{len(after)} {'person is' if len(after) == 1 else 'people are'} asked now."]


def _remind_on(assessment: Assessment, days: tuple[int, ...] | None) -> list[str]:
    """Set on which days reminders go out by themselves, and say so."""
    if days is None or reasons.stored(days) == assessment.remind_days:
        return []
    assessment.remind_days = reasons.stored(days)
    if not days:
        return ["No reminders go out by themselves now."]
    named = ", ".join(reasons.label(one).lower() for one in sorted(set(days)))
    return [f"Reminders go out by themselves: {named}."]


def _link_words(assessment: Assessment, due_on: date | None) -> list[str]:
    """Let the join link work longer when the due day moves on, and say so."""
    before = assessment.due_on
    if due_on is None or (before is not None and due_on <= before):
        return []
    last_day = links.lengthen(assessment_id=assessment.id, due_on=due_on)
    return [f"The join link works until {day(last_day)} now."] if last_day else []


def _note(assessment: Assessment, before: Mapping[str, object], changes: Sequence[str]) -> None:
    after = _facts(assessment)
    trail.note_step("changed", assessment, before=before, after=after, reason=" ".join(changes))
    db.session.flush()


def _facts(assessment: Assessment) -> dict[str, object]:
    return {
        "due_on": assessment.due_on,
        "asks_everyone": assessment.asks_everyone,
        "remind_days": assessment.remind_days,
    }


def _day_words(before: date | None, after: date | None) -> list[str]:
    if before == after:
        return []
    named = [day(one) if one else "none" for one in (before, after)]
    return [f"Due day: {named[0]}, now {named[1]}."]
