"""Which quarter an assessment counts for: the rule that forms offer and docs/coaches.md states.

It counts for the quarter that its ratings describe, which is named when it is opened. Nothing is
ever moved silently: this module proposes, a person decides and gives a reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assess.quarters import Quarter
from core.days import day

LOOKS_BACK = timedelta(days=30)
"""How long into a quarter a clinic that left out the one before is offered that one."""
LATE = timedelta(days=45)
"""Ratings given longer after a quarter's end than this describe another quarter."""

RULE = "It counts for the quarter that the ratings describe."
RULES = (
    "The running quarter is offered. In its first "
    f"{LOOKS_BACK.days} days a clinic that has rated before, but not the quarter that has just "
    "ended, is offered that one.",
    "A clinic has one assessment of a questionnaire in a quarter. An extra one goes to the nearest "
    "free quarter, before or after; when both are taken, wait for the next.",
    f"Ratings given more than {LATE.days} days after a quarter’s end describe another one. When "
    "most are, the page that follows rating says so.",
    "Nothing is moved by itself. You can move an assessment, with a reason, until its results are "
    "revealed.",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """The quarter a form proposes, and why; None when the clinic should wait."""

    quarter: Quarter | None
    why: str


def offer(today: date, taken: Collection[Quarter]) -> Offer:
    """The quarter that an assessment opened today should count for.

    `taken` are the quarters in which the clinic has this questionnaire.
    """
    now = Quarter.of(today)
    before, after = now - 1, now + 1
    is_early = today - now.first_day < LOOKS_BACK
    if is_early and before not in taken and any(one < before for one in taken):
        return Offer(before, f"{before.label} is not rated yet and has only just ended.")
    if now not in taken:
        return Offer(now, f"{now.label} is the running quarter.")
    free = [one for one in (before, after) if one not in taken]
    if not free:
        why = f"{before.label}, {now.label} and {after.label} are taken."
        return Offer(None, f"{why} Wait until {day(after.first_day)}.")
    nearest = min(free, key=lambda one: (_days_away(one, today), one))
    return Offer(nearest, f"{now.label} is taken. {nearest.label} is the nearest free quarter.")


def propose_move(
    quarter: Quarter, given: Sequence[date], taken: Collection[Quarter]
) -> Quarter | None:
    """The quarter in which late ratings were given, when most of them came that late.

    `given` are the days of the finished ratings, `taken` the clinic's quarters with this
    questionnaire. None when most came in time, or when that quarter is taken.
    """
    late = [one for one in given if one - quarter.last_day > LATE]
    if 2 * len(late) <= len(given):
        return None
    counts = Counter(Quarter.of(one) for one in late)
    most = min(counts, key=lambda one: (-counts[one], one))
    return None if most in taken else most


def other_quarters(
    quarter: Quarter, today: date, taken: Collection[Quarter]
) -> tuple[Quarter, ...]:
    """The free quarters that an assessment may be moved to: its neighbors and those of today."""
    now = Quarter.of(today)
    near = {quarter - 1, quarter + 1, now - 1, now}
    return tuple(sorted(near - {quarter} - set(taken)))


def _days_away(quarter: Quarter, today: date) -> int:
    if quarter.first_day > today:
        return (quarter.first_day - today).days
    return max((today - quarter.last_day).days, 0)
