"""What somebody who follows many assessments may choose to see, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assess.following.standing import Followed, Kind
from assess.models import State

RUNNING = (State.OPEN, State.REVEALED, State.AGREED)


@dataclass(frozen=True, slots=True)
class Choice:
    """Assessments in these states, and of these only what needs this; empty is any need."""

    label: str
    states: tuple[State, ...] = RUNNING
    kinds: tuple[Kind, ...] = ()

    def shows(self, one: Followed) -> bool:
        return not self.kinds or one.need.kind in self.kinds


SHOWN: Mapping[str, Choice] = {
    "": Choice("All that are running"),
    "late": Choice("Late", (State.OPEN,), (Kind.NOBODY_LATE, Kind.LATE)),
    "quiet": Choice(
        "Nobody started, or stuck", (State.OPEN,), (Kind.NOBODY_LATE, Kind.NOBODY, Kind.STUCK)
    ),
    "ready": Choice("Ready for the meeting", (State.OPEN,), (Kind.READY,)),
    "rating": Choice("Rating is open", (State.OPEN,)),
    "shown": Choice("Results are revealed", (State.REVEALED,)),
    "agreed": Choice("Levels are agreed", (State.AGREED,)),
    "closed": Choice("Closed", (State.CLOSED,)),
}

ORDERS: Mapping[str, str] = {
    "": "The most urgent first",
    "clinic": "By clinic",
    "due": "By the day to rate until",
    "rated": "The fewest finished first",
}


def arrange(followed: Iterable[Followed], order: str) -> tuple[Followed, ...]:
    """In one of ORDERS; what is equal there stays as it was, the most urgent first."""
    by = _BY.get(order)
    return tuple(followed) if by is None else tuple(sorted(followed, key=by))


def _share(one: Followed) -> float:
    """Finished of those asked; who are so few that it is not told, and what is over, come last."""
    running = one.running
    if running.state is not State.OPEN or not running.is_told:
        return 2
    return min(running.by_account / running.asked, 1) if running.asked else 1


_BY: Mapping[str, Callable[[Followed], Any]] = {
    "clinic": lambda one: (one.running.organization, one.running.clinic, one.running.id),
    "due": lambda one: one.running.due_on or date.max,
    "rated": _share,
}
