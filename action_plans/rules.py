"""Turns the gaps of an assessment into suggested goals, in an order anyone can explain.

PURE: no web, no database. One :class:`Gap` per milestone goes in; the milestones worth a goal come
out as :class:`Suggestion`, best first, each with the plain reasons for its place.

The order is lexicographic, so that a coach can say why one stands above another:

1. the lowest level reached first;
2. among those, the smallest step to the next level;
3. then the widest disagreement between raters;
4. then the larger share of raters who did not know;
5. then the order of the questionnaire (number, key): a total order, no ties.

Milestones without any level come last, and only when somebody answered "don't know": finding out
is a goal too. Milestones that are met or do not apply are never suggested.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SMALL_STEP = 0.5  # of the width of a level
WIDE_SPREAD = 2  # levels between the lowest and the highest rating


@dataclass(frozen=True, slots=True)
class Step:
    """One level of a milestone: its number, the value it starts at, its word and its text."""

    level: int
    low: float
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Where one milestone stands. `value` and `spread` are in units of the milestone's scale."""

    key: str
    number: int
    title: str
    block_id: str
    block_title: str
    value: float | None
    agreed: bool
    spread: float
    raters: int
    unknown: int
    steps: tuple[Step, ...]  # ascending, at least one
    met: float  # the milestone counts as met from this value
    tips: tuple[str, ...] = ()
    not_applicable: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A milestone worth a goal: the level it has (None: nobody knows), the next one, and why."""

    gap: Gap
    standing: Step | None
    target: Step
    reasons: tuple[str, ...]


def suggest(gaps: Iterable[Gap], limit: int | None = None) -> tuple[Suggestion, ...]:
    """The milestones worth a goal, best first; at most `limit` of them when it is given."""
    ordered = sorted((gap for gap in gaps if is_open(gap)), key=_place)
    chosen = ordered if limit is None else ordered[: max(limit, 0)]
    return tuple(
        Suggestion(gap, standing(gap), next_step(gap), tuple(_reasons(gap))) for gap in chosen
    )


def is_open(gap: Gap) -> bool:
    """Whether there is something to gain: it applies, is not met, and somebody answered."""
    if gap.not_applicable:
        return False
    if gap.value is None:
        return gap.unknown > 0
    return gap.value < gap.met


def standing(gap: Gap) -> Step | None:
    """The highest level whose start the value has reached; None without a value."""
    if gap.value is None:
        return None
    reached = [step for step in gap.steps if step.low <= gap.value]
    return reached[-1] if reached else gap.steps[0]


def next_step(gap: Gap) -> Step:
    """The level to aim for: the first that starts above the value, else the top one when met."""
    if gap.value is None:
        return gap.steps[0]
    for step in gap.steps:
        if step.low > gap.value:
            return step
    top = gap.steps[-1]
    return Step(top.level, max(top.low, gap.met), top.label, top.description)


def step_size(gap: Gap) -> float:
    """The way to the next level as a share of one level: 1 = a whole level, 0.1 = nearly there."""
    if gap.value is None:
        return 1.0
    return (next_step(gap).low - gap.value) / _level_width(gap)


def levels_apart(gap: Gap) -> int:
    """How many whole levels lie between the lowest and the highest rating."""
    return int(gap.spread / _level_width(gap) + 1e-9)


def _level_width(gap: Gap) -> float:
    lows = [step.low for step in gap.steps]
    if len(lows) < 2:
        return 1.0
    return (lows[-1] - lows[0]) / (len(lows) - 1)


def _place(gap: Gap) -> tuple[bool, float, float, float, float, int, str]:
    reached = standing(gap)
    share = gap.unknown / gap.raters if gap.raters else 0.0
    # Rounded, so that 1.9 and 1.9000000001 (a mean over raters in another order) stay neighbors.
    return (
        reached is None,
        reached.low if reached else 0.0,
        round(step_size(gap), 6),
        -round(gap.spread, 6),
        -round(share, 6),
        gap.number,
        gap.key,
    )


def _reasons(gap: Gap) -> Iterable[str]:
    reached, target = standing(gap), next_step(gap)
    if gap.value is None or reached is None:
        yield "No level yet"
    elif gap.agreed:
        yield f"The team agreed on {gap.value:g}, {reached.label.lower()}"
    else:
        yield f"Stands at {gap.value:.1f}, the mean of the ratings"
    if gap.value is not None and step_size(gap) <= SMALL_STEP:
        yield f"One small step to level {target.level}"
    apart = levels_apart(gap)
    if apart >= WIDE_SPREAD:
        yield f"Ratings differ by {apart} levels"
    if gap.unknown:
        yield f"{gap.unknown} of {gap.raters} did not know"
