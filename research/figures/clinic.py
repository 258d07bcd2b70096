"""From one clinic's trend to the numbers of its figures: the run chart and its place. PURE."""

from __future__ import annotations

from collections import Counter

from assess.figures import place_in_program, run_chart
from assess.figures.axes import Scale
from assess.figures.place_in_program import PlaceInProgram, Spread
from assess.figures.run_chart import Action, RunChart, Signal
from assess.figures.timeline import Break, Timeline
from assess.runcharts.chart import ENOUGH_FOR_RULES
from research.clinic_trend import ClinicTrend
from research.figures.offering import Offered, offer

NAMES = {"run-chart": "Run chart", "program": "Beside the program"}
"""Figures of a clinic by the name in their address, in the order of the page."""
MOST_TITLES = 6
"""Titles of actions below a chart; beyond, the page's own list is easier to read."""
NOTE = "The middle half of all clinics of the program: a quarter of them above, a quarter below."


def figures_of(trend: ClinicTrend) -> tuple[Offered, ...]:
    """The figures that the clinic's scores can carry."""
    found = [offer("run-chart", NAMES["run-chart"], run_chart, _run_chart(trend))]
    if trend.has_spread:
        found.append(offer("program", NAMES["program"], place_in_program, _place(trend)))
    return tuple(found)


def _run_chart(trend: ClinicTrend) -> RunChart:
    chart = trend.chart
    lower, upper = chart.xmr.lower, chart.xmr.upper
    has_limits = chart.enough_points_for_limits and lower is not None and upper is not None
    return RunChart(
        title=f"{trend.measure.title} of {trend.clinic.label}",
        scale=_scale(trend),
        timeline=_timeline(trend),
        values=trend.values,
        median=chart.median if chart.n >= ENOUGH_FOR_RULES else None,
        limits=(lower, upper) if has_limits else None,  # type: ignore[arg-type]
        signals=tuple(Signal(one.text, one.positions) for one in trend.signals),
        actions=_marks(trend),
        rules=trend.advice or "",
    )


def _marks(trend: ClinicTrend) -> tuple[Action, ...]:
    """What was done, by title as long as the titles can be read, else how much in each quarter."""
    done = [one for one in trend.actions if one.is_done]
    if len(done) <= MOST_TITLES:
        return tuple(Action(one.title, trend.times.index(one.quarter)) for one in done)
    counts = Counter(trend.times.index(one.quarter) for one in done)
    return tuple(Action(f"Actions done: {counts[at]}", at) for at in sorted(counts))


def _place(trend: ClinicTrend) -> PlaceInProgram:
    return PlaceInProgram(
        title=f"{trend.measure.title} beside the program",
        scale=_scale(trend),
        timeline=_timeline(trend),
        values=trend.values,
        spreads=tuple(
            None if one is None else Spread(one.p25, one.p50, one.p75, one.clinics)
            for one in trend.spreads
        ),
        note=NOTE,
    )


def _scale(trend: ClinicTrend) -> Scale:
    return Scale(trend.measure.title, trend.measure.minimum, trend.measure.maximum)


def _timeline(trend: ClinicTrend) -> Timeline:
    breaks = tuple(
        Break(trend.times.index(one.time), f"After version {one.version}")
        for one in trend.breaks
        if one.time in trend.times[1:] and not one.left_out
    )
    return Timeline(tuple(quarter.label for quarter in trend.times), breaks)
