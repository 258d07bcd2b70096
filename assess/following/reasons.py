"""Why somebody is asked or reminded to rate; each reason reaches a person once per assessment.

A reminder is about a due day and says so in its reason: when the day is moved, people may be
reminded again, of the new day; nobody is reminded twice of the same one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from core.days import day

OPENED = "opened"
_BY_HAND = "by_hand "
_DUE = "due "
_EARLIER = {"due_soon": -3, "overdue": 1}
"""Reasons from before they said which day they are about."""

DAYS = (-7, -3, 0, 1, 3, 7)
"""Days from the due day that may be chosen for reminders."""
USUAL = (-3, 1)
HOUR = time(15, tzinfo=UTC)
"""Morning from Maine to California."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder that will go out by itself."""

    reason: str
    at: datetime

    @property
    def words(self) -> str:
        """When it goes out, as "Tue, Nov 24"."""
        return f"{self.at:%a, %b} {self.at.day}"


def by_hand(today: date) -> str:
    """The reason of a reminder that a person sends: once a day at most."""
    return f"{_BY_HAND}{today.isoformat()}"


def about(days: int, due_on: date) -> str:
    """The reason of the reminder that goes out so many days after a due day."""
    return f"{_DUE}{days:+d} {due_on.isoformat()}"


def planned(due_on: date | None, days: Iterable[int], now: datetime) -> Iterator[Planned]:
    """The reminders that go out by themselves, in their order; none lies in the past."""
    if due_on is None:
        return
    for one in sorted(set(days)):
        moment = datetime.combine(due_on + timedelta(days=one), HOUR)
        if moment > now:
            yield Planned(about(one, due_on), moment)


def is_wanted(reason: str, due_on: date | None, days: Collection[int]) -> bool:
    """Whether it is still to go out, with the due day and the days that are set now."""
    if not reason.startswith(_DUE):
        return reason not in _EARLIER
    return due_on is not None and reason in {about(one, due_on) for one in days}


def named(reason: str, due_on: date | None) -> str:
    """The reason as it is called today, also of a job that was planned before."""
    if reason not in _EARLIER or due_on is None:
        return reason
    return about(_EARLIER[reason], due_on)


def stored(days: Iterable[int]) -> str:
    """Days as an assessment keeps them."""
    return " ".join(str(one) for one in sorted(set(days)))


def parsed(text: str) -> tuple[int, ...]:
    """The days that an assessment keeps."""
    return tuple(int(one) for one in text.split())


def label(days: int) -> str:
    """A choice of day in words: "3 days before", "On the day", "The day after"."""
    if days == 0:
        return "On the day"
    if days == 1:
        return "The day after"
    if days == -7:
        return "A week before"
    return "A week late" if days == 7 else f"{abs(days)} days {'before' if days < 0 else 'late'}"


def words(reason: str) -> str:
    """When it went out, as the list of reminders says it."""
    if reason == OPENED:
        return "when it was opened"
    if reason in _EARLIER:
        return f"{_lower(_EARLIER[reason])} (the due day of then)"
    if not reason.startswith(_DUE):
        return "by hand"
    days, due_on = reason.removeprefix(_DUE).split()
    return f"{_lower(int(days))} (due {day(date.fromisoformat(due_on))})"


def _lower(days: int) -> str:
    text = label(days)
    return text[0].lower() + text[1:]
