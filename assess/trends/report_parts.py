"""The tables and sections of the terminal report, each as lines of text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from assess.runcharts.chart import RunChart
from assess.runcharts.signals import advice, signals
from assess.trends import apa
from assess.trends.analysis import Analysis, series
from assess.trends.anova import LinearTrend, Status
from assess.trends.groups import MixedAnova
from assess.trends.mixed import words as mixed
from assess.trends.observations import Observations, Time
from assess.trends.spacing import per_year

_MOST_PAIRS = 28  # those of eight quarters; beyond, only pairs that differ are listed
_GROUP_WORDS = {
    "group": "Groups, all quarters together",
    "time": "Quarters, all groups together",
    "group:time": "Whether the groups changed differently",
}


def decimals_of(analysis: Analysis) -> int:
    """Two for scores as we know them; more where clinics differ by less than two would show."""
    spread = max(row.sd or 0.0 for row in analysis.descriptives)
    # Differences below a billionth are the noise of the arithmetic, as they are for the ranks.
    return 1 + math.ceil(-math.log10(spread)) if 1e-9 < spread < 0.05 else 2


def trend_sentence(trend: LinearTrend, times: Sequence[Time], decimals: int) -> str | None:
    """ "On average scores rose by 0.24 a year (95% CI 0.10 to 0.38).", or None."""
    year = per_year(trend, times)
    if year is None:
        return None
    slope, low, high = (
        apa.decimal(number, decimals) for number in (abs(year.slope), year.low, year.high)
    )
    if float(slope) == 0:
        return f"On average scores stayed about level (95% CI {low} to {high} a year)."
    way = "rose" if year.slope > 0 else "fell"
    return f"On average scores {way} by {slope} a year (95% CI {low} to {high})."


def baseline_table(analysis: Analysis) -> Iterator[str]:
    """Change of each quarter from the first with its paired interval, or nothing."""
    baseline, decimals = analysis.baseline, decimals_of(analysis)
    if baseline.rows is None:
        return
    width = max(7, *(len(str(row.time)) for row in baseline.rows))
    yield f"Change from {baseline.first} (clinics with a value then and in the quarter)"
    yield f"  {'quarter':<{width}} {'n':>5} {'change':>9} {'95% CI':>20}  p (Holm)"
    for row in baseline.rows:
        change = "none" if row.mean_change is None else apa.decimal(row.mean_change, decimals)
        interval = _interval(row.ci_lo, row.ci_hi, decimals)
        p = "" if row.p_holm is None else f"  {apa.p_value(row.p_holm)}"
        yield f"  {row.time!s:<{width}} {row.n:>5} {change:>9} {interval:>20}{p}"


def pairs_table(analysis: Analysis) -> Iterator[str]:
    """Every two quarters compared; beyond eight quarters only the pairs that differ."""
    rows, decimals = analysis.pairwise.rows or (), decimals_of(analysis)
    shown = [row for row in rows if row.p_holm is not None]
    if len(shown) < 2:
        return  # two quarters have one pair, and the ANOVA has said it
    rest = ""
    if len(shown) > _MOST_PAIRS:
        shown = [row for row in shown if row.p_holm is not None and row.p_holm < 0.05]
        rest = f", the {len(shown)} of {len(rows)} that differ"
    width = max(7, *(len(row.a) for row in rows), *(len(row.b) for row in rows))
    yield f"Quarters in pairs (same clinics, p corrected by Holm){rest}"
    yield "  d_z: the change in sd of changes; d_av: the change in the mean sd of both quarters"
    for row in shown:
        yield (
            f"  {row.a:<{width}} {row.b:<{width}} {apa.decimal(row.mean_diff, decimals):>9} "
            f"{_interval(row.ci_lo, row.ci_hi, decimals):>20}  {apa.p_value(row.p_holm)}, "
            f"d_z {apa.decimal(row.cohen_dz)}, d_av {apa.decimal(row.cohen_dav)}"
        )


def models_part(observations: Observations, analysis: Analysis) -> Iterator[str]:
    """The mixed model with one line for all clinics; nested in organizations, where there are."""
    times, decimals = observations.times, decimals_of(analysis)
    headline, nested = (
        analysis.lmm.linear_time_random_intercept,
        analysis.lmm.linear_time_org_nested,
    )
    yield "Mixed model (REML; all assessments, also those of clinics that missed a quarter)"
    yield f"  {mixed.sentence(headline, times, decimals)}"
    if headline.status is Status.OK:
        yield f"  {mixed.line(headline, times, decimals)}"
    if found := mixed.variance_line(headline):
        yield f"  {found}"
    if nested.status is Status.OK:
        yield f"  With organizations: {mixed.line(nested, times, decimals)}"
        if found := mixed.variance_line(nested):
            yield f"  {found}"


def organizations_part(observations: Observations, analysis: Analysis) -> Iterator[str]:
    """The tests on organization means, where clinics share organizations."""
    result = analysis.organizations
    if result is None:
        return
    times, decimals = observations.times, decimals_of(analysis)
    yield "Organizations instead of clinics (mean of the complete clinics of each)"
    yield f"  {apa.repeated_measures(result.rm_anova, 'organization')}"
    yield f"  {apa.linear_trend(result.linear_trend, times, decimals)}"


def groups_part(result: MixedAnova) -> Iterator[str]:
    """Group × quarter: the sentence, then one line per effect."""
    yield "Groups over quarters (mixed ANOVA, Type III)"
    if result.status is not Status.OK or result.effects is None:
        yield f"  Not possible: {apa.why(result.status, result.reason)}"
        return
    corrections = {row.effect: row for row in result.corrections or ()}
    both = result.effects[-1]
    p = corrections[both.effect].p_gg if both.effect in corrections else both.p
    if p is not None:
        yield (
            "  The groups changed in different ways, by more than chance alone would explain."
            if p < 0.05
            else "  How differently the groups changed could be chance."
        )
    for row in result.effects:
        yield f"  {_GROUP_WORDS[row.effect]}: {apa.effect(row, corrections.get(row.effect))}"
    outside = f"; {result.n_without_group} without a group" if result.n_without_group else ""
    yield f"  {result.n_subjects} clinics in {result.n_groups} groups{outside}"


def run_chart_part(observations: Observations, chart: RunChart) -> Iterator[str]:
    """One clinic: median, what the points can carry, signals, and limits where there are any."""
    times, values = series(observations)
    points = "1 quarter" if chart.n == 1 else f"{chart.n} quarters"
    yield "Run chart (one clinic: there is no test of change)"
    yield f"  Median {apa.decimal(chart.median)} over {points}"
    if note := advice(chart):
        yield f"  {note}"
    found = signals(chart, times, values)
    yield from (f"  {signal.text}" for signal in found)
    if not found and note is None:
        yield "  No signal: these ups and downs are the usual ones."
    if chart.enough_points_for_limits:
        lower, upper = (apa.decimal(limit) for limit in (chart.xmr.lower, chart.xmr.upper))
        yield f"  XmR limits {lower} to {upper} around the mean {apa.decimal(chart.xmr.mean)}"


def value_table(analysis: Analysis) -> Iterator[str]:
    """Count, mean, spread and intervals of each quarter; one clinic has its values alone."""
    decimals = decimals_of(analysis)
    width = max(7, *(len(str(row.time)) for row in analysis.descriptives))
    if analysis.run_chart is not None:
        yield "All values by quarter"
        for row in analysis.descriptives:
            yield f"  {row.time!s:<{width}} {apa.decimal(row.mean, decimals):>9}"
        return
    yield "All values by quarter (±: half a 95% confidence interval)"
    yield (
        f"  {'quarter':<{width}} {'n':>5} {'mean':>9} {'sd':>8} {'median':>9} "
        f"{'± between':>10} {'± within':>9}"
    )
    for row in analysis.descriptives:
        numbers = (row.mean, row.sd, row.median, row.ci95_between_half, row.ci95_within_half_morey)
        mean, sd, median, between, within = (
            "none" if number is None else apa.decimal(number, decimals) for number in numbers
        )
        yield (
            f"  {row.time!s:<{width}} {row.n:>5} {mean:>9} {sd:>8} {median:>9} "
            f"{between:>10} {within:>9}"
        )


def _interval(low: float | None, high: float | None, decimals: int) -> str:
    if low is None or high is None:
        return "no interval"
    return f"{apa.decimal(low, decimals)} to {apa.decimal(high, decimals)}"
