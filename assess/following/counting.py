"""Counts who has rated by job, in groups in which nobody stands alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SMALLEST = 3
"""People in a group that is shown; of one pharmacist, a count would tell who has not rated."""
OTHERS = "Other job roles"
NOT_SAID = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked to rate: their job ("" when not said) and how far they are."""

    job_role: str
    has_started: bool
    has_finished: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a group were asked, have started and have finished (who finished has started)."""

    name: str
    asked: int
    started: int
    finished: int


def count_by_job(people: Iterable[Asked]) -> tuple[Count, ...]:
    """The groups by size, then name; small ones stand together as "Other job roles", last.

    When those are too few even together, the next smallest group joins them. One group alone is
    left out: the total says the same.
    """
    groups: dict[str, list[Asked]] = defaultdict(list)
    for one in people:
        groups[one.job_role].append(one)
    ranked = sorted(groups, key=lambda name: (-len(groups[name]), name))
    shown = [name for name in ranked if len(groups[name]) >= SMALLEST and name != NOT_SAID]
    rest = [one for name in ranked if name not in shown for one in groups[name]]
    while rest and len(rest) < SMALLEST and shown:
        rest += groups[shown.pop()]
    counts = [count(name, groups[name]) for name in shown]
    counts += [count(OTHERS, rest)] if rest else []
    return tuple(counts) if len(counts) > 1 else ()


def count(name: str, people: Sequence[Asked]) -> Count:
    """The counts of one group."""
    return Count(
        name,
        asked=len(people),
        started=sum(one.has_started for one in people),
        finished=sum(one.has_finished for one in people),
    )
