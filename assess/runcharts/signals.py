"""What a run chart says, in one plain sentence per signal, no more than its points can carry.

Below 6 points no rule is looked at; with 6 to 11 a pattern is "possible" only; from 12 on the
Anhøj rules and the XmR limits join in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assess.quarters import Quarter
from assess.runcharts.chart import (
    ENOUGH_FOR_LIMITS,
    ENOUGH_FOR_RULES,
    SHIFT,
    TREND,
    RunChart,
    Stretch,
    median_runs,
    trend_runs,
)
from assess.trends.observations import Time

_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip


class Kind(StrEnum):
    """Which rule a signal comes from."""

    SHIFT = "shift"
    TREND = "trend"
    LONG_RUN = "long_run"
    FEW_CROSSINGS = "few_crossings"
    OUTSIDE_LIMITS = "outside_limits"


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: `positions` are the places of its points, `possible` with too few of them."""

    kind: Kind
    positions: tuple[int, ...]
    text: str
    possible: bool = False


def signals(
    chart: RunChart, times: Sequence[Time], values: Sequence[float | None]
) -> tuple[Signal, ...]:
    """Signals of a chart in the order of its rules; `times` and `values` include empty quarters."""
    if chart.n < ENOUGH_FOR_RULES:
        return ()
    found = [*_shifts(times, values), *_trends(times, values)]
    if chart.n < ENOUGH_FOR_LIMITS:
        return tuple(
            Signal(one.kind, one.positions, f"Possible signal: {_lower(one.text)}", possible=True)
            for one in found
        )
    return (*found, *_anhoej(chart, times, values), *_outside(chart, times, values))


def advice(chart: RunChart) -> str | None:
    """How far the points of this chart carry, or None when they carry everything."""
    points = "1 quarter" if chart.n == 1 else f"{chart.n} quarters"
    if chart.n < ENOUGH_FOR_RULES:
        return f"With {points}, look at the line alone. The rules start at {ENOUGH_FOR_RULES}."
    if chart.n_useful == 0:
        return "Every score is the same as the median, so there is no run to count."
    if chart.n < ENOUGH_FOR_LIMITS:
        return (
            f"With {points}, a pattern is a possible signal only. "
            f"Limits can be drawn from {ENOUGH_FOR_LIMITS} on."
        )
    return None


def name_of(time: Time) -> str:
    """A quarter as people read it: "Q1 2025"; "quarter 3" for a number."""
    if not isinstance(time, str):
        return f"quarter {time}"
    try:
        return Quarter.parse(time).label
    except ValueError:
        return time


def _shifts(times: Sequence[Time], values: Sequence[float | None]) -> Iterator[Signal]:
    for run in median_runs(values):
        if run.count >= SHIFT:
            side = "above" if run.upward else "below"
            yield Signal(
                Kind.SHIFT,
                _places(run, values),
                f"{_quarters(run.count)} in a row {side} the median, {_span(run, times)}"
                f"{_skipped(run, values, 'Quarters on the median do not count')}.",
            )


def _trends(times: Sequence[Time], values: Sequence[float | None]) -> Iterator[Signal]:
    for run in trend_runs(values):
        if run.count >= TREND:
            way = "rising" if run.upward else "falling"
            yield Signal(
                Kind.TREND,
                _places(run, values),
                f"{_quarters(run.count)} in a row {way}, {_span(run, times)}"
                f"{_skipped(run, values, 'Quarters equal to the one before do not count')}.",
            )


def _anhoej(
    chart: RunChart, times: Sequence[Time], values: Sequence[float | None]
) -> Iterator[Signal]:
    rule = chart.anhoej
    most, crossings, fewest = rule.longest_run_max, rule.n_crossings, rule.n_crossings_min
    for run in median_runs(values):
        if most is not None and run.count > most:
            yield Signal(
                Kind.LONG_RUN,
                _places(run, values),
                f"The run from {_span(run, times)} on one side of the median is longer than "
                f"the {_number(most)} quarters that chance allows for.",
            )
    if crossings is not None and fewest is not None and crossings < fewest:
        often = "never" if crossings == 0 else f"only {_times(crossings)}"
        yield Signal(
            Kind.FEW_CROSSINGS,
            tuple(place for place, value in enumerate(values) if value is not None),
            f"The line crosses the median {often}; by chance it would cross it "
            f"at least {_times(fewest)}.",
        )


def _outside(
    chart: RunChart, times: Sequence[Time], values: Sequence[float | None]
) -> Iterator[Signal]:
    lower, upper = chart.xmr.lower, chart.xmr.upper
    if lower is None or upper is None or lower == upper:
        return
    for place, value in enumerate(values):
        if value is not None and not lower <= value <= upper:
            side = "above the upper" if value > upper else "below the lower"
            text = f"{name_of(times[place])} is {side} limit of the usual ups and downs."
            yield Signal(Kind.OUTSIDE_LIMITS, (place,), text[0].upper() + text[1:])


def _places(run: Stretch, values: Sequence[float | None]) -> tuple[int, ...]:
    return tuple(p for p in range(run.first, run.last + 1) if values[p] is not None)


def _skipped(run: Stretch, values: Sequence[float | None], rule: str) -> str:
    return "" if len(_places(run, values)) == run.count else f". {rule}"


def _span(run: Stretch, times: Sequence[Time]) -> str:
    return f"{name_of(times[run.first])} to {name_of(times[run.last])}"


def _quarters(count: int) -> str:
    return f"{_number(count).capitalize()} quarters"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{_number(count)} times"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
