"""Why somebody is asked or reminded to rate; each reason reaches a person once per assessment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

OPENED = "opened"
DUE_SOON = "due_soon"
OVERDUE = "overdue"
_BY_HAND = "by_hand "

SOON = timedelta(days=3)
"""How long before the due day the first reminder goes out."""
HOUR = time(15, tzinfo=UTC)
"""Morning from Maine to California."""


def by_hand(today: date) -> str:
    """The reason of a reminder that a person sends: once a day at most."""
    return f"{_BY_HAND}{today.isoformat()}"


def is_by_hand(reason: str) -> bool:
    return reason.startswith(_BY_HAND)


def planned(due_on: date | None, now: datetime) -> Iterator[tuple[str, datetime]]:
    """The reminders that go out by themselves, with their moments; none lies in the past."""
    if due_on is None:
        return
    for reason, day in ((DUE_SOON, due_on - SOON), (OVERDUE, due_on + timedelta(days=1))):
        moment = datetime.combine(day, HOUR)
        if moment > now:
            yield reason, moment


def words(reason: str) -> str:
    """When it went out, as the list of reminders says it."""
    return {
        OPENED: "when it was opened",
        DUE_SOON: "three days before the due day",
        OVERDUE: "the day after the due day",
    }.get(reason, "by hand")
