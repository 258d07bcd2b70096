"""Whether the times of a table are one quarter apart, so that a slope per year means something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assess.quarters import Quarter
from assess.trends.anova import LinearTrend
from assess.trends.observations import Time

QUARTERS_A_YEAR = 4


@dataclass(frozen=True, slots=True)
class PerYear:
    """A slope and the limits of its 95 % interval, for four quarters."""

    slope: float
    low: float
    high: float


def one_quarter_apart(times: Sequence[Time]) -> bool:
    """Calendar quarters without a gap, or waves numbered one after the other."""
    places = [_place(time) for time in times]
    if any(place is None for place in places) or len(set(map(type, times))) > 1:
        return False
    known = [place for place in places if place is not None]
    return all(after - before == 1 for before, after in pairwise(known))


def per_year(trend: LinearTrend, times: Sequence[Time]) -> PerYear | None:
    """The trend of each clinic's own slopes for a year; None where steps are not quarters."""
    if trend.slope_per_time is None or trend.ci95_own is None or not one_quarter_apart(times):
        return None
    slope, (low, high) = trend.slope_per_time, trend.ci95_own
    return PerYear(*(number * QUARTERS_A_YEAR for number in (slope, low, high)))


def _place(time: Time) -> float | None:
    if not isinstance(time, str):
        return float(time)
    try:
        quarter = Quarter.parse(time)
    except ValueError:
        return None
    return quarter.year * QUARTERS_A_YEAR + quarter.number
