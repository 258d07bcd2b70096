"""The numbers of a run chart: median, runs, trends, Anhøj's limits and XmR limits of one clinic.

Sources: Perla, Provost & Murray (2011), BMJ Quality & Safety 20, 46-51 (shift of 6, trend of 5);
Anhøj & Olesen (2014), PLoS ONE 9, e113825 (longest run, crossings; R's qicharts2); NHS England,
Making Data Count (XmR limits with 2.66; R's NHSRplotthedots).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from assess.trends.significance import NEGLIGIBLE

SHIFT = 6
TREND = 5
ENOUGH_FOR_RULES = 6
"""Below this many points no rule is looked at; a pattern is only possible below the next one."""
ENOUGH_FOR_LIMITS = 12
ENOUGH_USEFUL = 10
_TO_LIMITS = 2.66  # 3 / 1.128, as NHS England rounds it
_D2 = 1.128
_SCREEN = 3.267  # moving ranges from this many times their mean on are freaks (Nelson 1982)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Points in a row that agree: the places of the first and last, how many count, and which way.

    Points on the median, or equal to the one before, lie within but do not count.
    """

    first: int
    last: int
    count: int
    upward: bool


@dataclass(frozen=True, slots=True)
class Anhoej:
    """Longest run and crossings of the median, and how far chance takes them; None without runs."""

    n_useful: int
    longest_run: int | None
    longest_run_max: int | None
    n_crossings: int | None
    n_crossings_min: int | None
    runs_signal: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """XmR: the mean and the natural process limits from the moving range; None for one point.

    `_screened` leaves moving ranges of 3.267 times their mean or more out once, `_qicharts2`
    divides by 1.128 where the others multiply by 2.66.
    """

    mean: float
    mean_moving_range: float | None
    lower: float | None
    upper: float | None
    lower_screened: float | None
    upper_screened: float | None
    lower_qicharts2: float | None
    upper_qicharts2: float | None


@dataclass(frozen=True, slots=True)
class RunChart:
    """One clinic's points; field names are those of the published test cases.

    The numbers are there for any series. Whether there are enough points to read them is said by
    the last two fields, and the words in runcharts.signals go by it.
    """

    n: int
    median: float
    n_useful: int
    n_runs: int
    longest_run: int
    ihi_shift_signal: bool
    longest_trend_points: int
    ihi_trend_signal: bool
    anhoej: Anhoej
    xmr: Limits
    enough_points_for_limits: bool
    enough_points_for_runs_rules: bool


def run_chart(values: Sequence[float | None]) -> RunChart:
    """Count one clinic's values in the order of time; None is a quarter without a score.

    Raises ValueError when there is no value at all.
    """
    known = [value for value in values if value is not None]
    if not known:
        raise ValueError("a run chart needs a value")
    runs, trends = median_runs(values), trend_runs(values)
    n, useful = len(known), sum(run.count for run in runs)
    longest = max((run.count for run in runs), default=0)
    trend = max((run.count for run in trends), default=1)
    return RunChart(
        n=n, median=float(np.median(known)), n_useful=useful, n_runs=len(runs),
        longest_run=longest, ihi_shift_signal=longest >= SHIFT,
        longest_trend_points=trend, ihi_trend_signal=trend >= TREND,
        anhoej=_anhoej(useful, longest, len(runs)), xmr=_limits(known),
        enough_points_for_limits=n >= ENOUGH_FOR_LIMITS,
        enough_points_for_runs_rules=useful >= ENOUGH_USEFUL,
    )  # fmt: skip


def median_runs(values: Sequence[float | None]) -> list[Stretch]:
    """Runs of points on one side of the median; points on it neither continue nor end a run."""
    known = [value for value in values if value is not None]
    median, noise = float(np.median(known)), _noise(known)
    runs: list[Stretch] = []
    for place, value in enumerate(values):
        if value is None or abs(value - median) <= noise:
            continue
        above = value > median
        if runs and runs[-1].upward == above:
            runs[-1] = Stretch(runs[-1].first, place, runs[-1].count + 1, above)
        else:
            runs.append(Stretch(place, place, 1, above))
    return runs


def trend_runs(values: Sequence[float | None]) -> list[Stretch]:
    """Points that keep rising, or falling; a point equal to the one before does not count."""
    points = [(place, value) for place, value in enumerate(values) if value is not None]
    noise = _noise([value for _, value in points])
    trends: list[Stretch] = []
    for (before, old), (place, new) in pairwise(points):
        if abs(new - old) <= noise:
            continue
        rising = new > old
        if trends and trends[-1].upward == rising:
            trends[-1] = Stretch(trends[-1].first, place, trends[-1].count + 1, rising)
        else:
            trends.append(Stretch(before, place, 2, rising))
    return trends


def _noise(known: Sequence[float]) -> float:
    """What floating point alone makes of equal scores."""
    return NEGLIGIBLE * max((abs(value) for value in known), default=0.0)


def _anhoej(useful: int, longest: int, runs: int) -> Anhoej:
    if useful == 0:
        return Anhoej(0, None, None, None, None, runs_signal=False)
    most = round(math.log2(useful)) + 3
    crossings, fewest = runs - 1, _binomial_quantile(0.05, useful - 1)
    return Anhoej(useful, longest, most, crossings, fewest, longest > most or crossings < fewest)


def _binomial_quantile(probability: float, n: int) -> int:
    """The smallest k with P(X <= k) >= probability, X from n throws of a coin."""
    below = special.bdtr(np.arange(n + 1, dtype=np.float64), n, 0.5)
    return int(np.searchsorted(below, probability))


def _limits(known: Sequence[float]) -> Limits:
    mean = math.fsum(known) / len(known)
    if len(known) < 2:
        return Limits(mean, None, None, None, None, None, None, None)
    ranges = [abs(after - before) for before, after in pairwise(known)]
    moving = math.fsum(ranges) / len(ranges)
    usual = [one for one in ranges if one < _SCREEN * moving]
    strict = _TO_LIMITS * math.fsum(usual) / len(usual) if usual else None
    plain, exact = _TO_LIMITS * moving, 3 * moving / _D2
    return Limits(
        mean, moving, mean - plain, mean + plain,
        None if strict is None else mean - strict, None if strict is None else mean + strict,
        mean - exact, mean + exact,
    )  # fmt: skip
