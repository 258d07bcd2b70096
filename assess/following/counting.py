"""Counts who has rated, by job, so that nobody's rating can be told from the counts.

Started and finished count everybody with an account, whether they are asked or not: whoever
chooses the people who are asked must not read off, by choosing one or by changing one, how far
that one is.
"""

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
    """Somebody with an account: their job ("" when not said), how far they are, and if asked."""

    job_role: str
    has_started: bool
    has_finished: bool
    is_asked: bool = True


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a group are asked, have started and have finished (who finished has started)."""

    name: str
    asked: int
    started: int
    finished: int

    @property
    def is_told(self) -> bool:
        """Whether pages say how many have started and finished; see is_told."""
        return is_told(self.asked, self.finished)


def is_told(asked: int, finished: int) -> bool:
    """Whether it may be said how many have finished: not of one or two, until all have."""
    return not 0 < asked < SMALLEST or finished >= asked


def count_by_job(people: Iterable[Asked]) -> tuple[Count, ...]:
    """The groups by size, then name; small ones stand together as "Other job roles", last.

    Sizes are of everybody with an account, so that the groups do not follow who is asked. When
    those that stand together are too few, the next smallest group joins them. One group alone is
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
        asked=sum(one.is_asked for one in people),
        started=sum(one.has_started for one in people),
        finished=sum(one.has_finished for one in people),
    )
