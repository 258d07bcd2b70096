"""What the page of one clinic's trend says, part by part, without markup."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from action_plans.marks import ActionMark
from assess.basis import basis_note
from assess.runcharts.chart import ENOUGH_FOR_RULES
from research.clinic_trend import ClinicTrend
from research.figures.clinic import figures_of
from research.figures.offering import Offered
from research.quartiles import SMALLEST_SPREAD
from research.words import span
from research.workspace import raters as again
from research.workspace.checks import changed
from research.workspace.parts import Table


@dataclass(frozen=True, slots=True)
class ClinicReport:
    """Sentences first, then the figures; `actions` by quarter as people read it, newest first."""

    span: str
    sentence: str
    signals: tuple[str, ...]
    advice: str | None
    warnings: tuple[str, ...]
    has_median: bool
    run_chart: Offered
    program: Offered | None
    too_few: str
    actions: tuple[tuple[str, tuple[ActionMark, ...]], ...]
    raters: Table | None
    basis: str


def report_on(trend: ClinicTrend) -> ClinicReport:
    """Everything the page says about a clinic's trend."""
    figures = {one.name: one for one in figures_of(trend)}
    return ClinicReport(
        span=span(trend.times),
        sentence=trend.sentence,
        signals=_signals(trend),
        advice=trend.advice,
        warnings=tuple(
            one.text for one in (*map(changed, trend.breaks), *again.warnings(trend.raters))
        ),
        has_median=trend.chart.n >= ENOUGH_FOR_RULES,
        run_chart=figures["run-chart"],
        program=figures.get("program"),
        too_few=(
            "The program is shown in quarters in which this clinic and at least "
            f"{SMALLEST_SPREAD - 1} others have a score. There is none yet."
        ),
        actions=tuple(
            (quarter.label, tuple(marks))
            for quarter, marks in groupby(reversed(trend.actions), lambda one: one.quarter)
        ),
        raters=again.table(trend.raters, one_clinic=True),
        basis=basis_note(
            (quarter.label, basis) for quarter, basis in zip(trend.times, trend.bases, strict=True)
        ),
    )


def _signals(trend: ClinicTrend) -> tuple[str, ...]:
    """One sentence for each signal, or one that says that there is none."""
    if trend.signals or trend.chart.n < ENOUGH_FOR_RULES or trend.chart.n_useful == 0:
        return tuple(one.text for one in trend.signals)
    return ("The ups and downs so far could be chance: no rule shows a signal.",)
