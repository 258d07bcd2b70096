"""An analysis in plain words for the terminal: the sentence first, then the statistics line."""

from __future__ import annotations

from collections.abc import Iterator

from assess.trends import apa
from assess.trends.analysis import Analysis
from assess.trends.anova import RepeatedMeasures
from assess.trends.observations import Observations
from assess.trends.report_parts import (
    baseline_table,
    decimals_of,
    groups_part,
    models_part,
    organizations_part,
    pairs_table,
    run_chart_part,
    trend_sentence,
    value_table,
)

_SHOWN = 30  # clinics listed by name before the list is cut


def report(observations: Observations, analysis: Analysis) -> str:
    """The whole report as lines of text; each sentence is one line, for the terminal to wrap."""
    parts = [
        change_sentence(observations, analysis),
        *(warning.text for warning in analysis.warnings),
        *_tests(observations, analysis),
        "",
        *value_table(analysis),
    ]
    return "\n".join(parts)


def _tests(observations: Observations, analysis: Analysis) -> Iterator[str]:
    if analysis.run_chart is not None:
        yield from ("", *run_chart_part(observations, analysis.run_chart))
        return
    decimals, times = decimals_of(analysis), observations.times
    yield from ("", "Repeated-measures ANOVA (follows the same clinics through every quarter)")
    yield f"  {apa.repeated_measures(analysis.rm_anova)}"
    yield from _indented(apa.sphericity(analysis.rm_anova))
    yield from ("", *_left_out(observations))
    yield from ("", "Straight-line trend (same clinics, each with its own slope)")
    yield f"  {apa.linear_trend(analysis.linear_trend, times, decimals)}"
    yield from _indented(trend_sentence(analysis.linear_trend, times, decimals))
    yield from ("", *models_part(observations, analysis))
    yield from _after_a_gap(organizations_part(observations, analysis))
    yield from _after_a_gap(baseline_table(analysis))
    if analysis.mixed_anova is not None:
        yield from ("", *groups_part(analysis.mixed_anova))
    yield from _after_a_gap(pairs_table(analysis))
    yield from ("", "Friedman test (ranks, same clinics)", f"  {apa.friedman(analysis.friedman)}")
    yield from ("", "One-way ANOVA (treats every quarter as different clinics)")
    yield f"  {apa.one_way(analysis.oneway_independent)}"
    yield from (f"  {line}" for line in apa.one_way_relatives(analysis.oneway_independent))


def change_sentence(observations: Observations, analysis: Analysis) -> str:
    """ "Over 6 quarters the mean rose from 2.3 to 2.6 in 20 clinics." and how sure that is."""
    table = observations.complete
    n, k = table.values.shape
    if analysis.run_chart is not None and k > 1:
        first, last = float(table.values[0, 0]), float(table.values[0, -1])
        change = moved(first, last, decimals_of(analysis) - 1)
        return f"Over {k} quarters the value of the one clinic {change}."
    if n == 0 or k < 2:
        total = len(observations.subjects)
        clinics = "1 clinic" if total == 1 else f"{total} clinics"
        quarters = "1 quarter" if k == 1 else f"{k} quarters"
        return f"{clinics}, {quarters}: there are no clinics to follow from quarter to quarter."
    first, last = float(table.values[:, 0].mean()), float(table.values[:, -1].mean())
    change = moved(first, last, decimals_of(analysis) - 1)
    clinics = "1 clinic" if n == 1 else f"{n} clinics"
    sentence = f"Over {k} quarters the mean {change} in {clinics}."
    return " ".join(filter(None, (sentence, certainty(analysis.rm_anova))))


def moved(first: float, last: float, decimals: int = 1) -> str:
    """ "rose from 2.3 to 2.6", "fell from …", "stayed at 2.3": by what the decimals show."""
    before, after = apa.decimal(first, decimals), apa.decimal(last, decimals)
    if before == after:
        return f"stayed at {before}"
    return f"{'rose' if last > first else 'fell'} from {before} to {after}"


def certainty(result: RepeatedMeasures) -> str | None:
    """How sure the change is, by the Greenhouse-Geisser corrected p; None without a test."""
    if result.p_gg is None:
        return None
    if result.p_gg < 0.05:
        return "The quarters differ by more than chance alone would explain."
    return "Differences of this size between quarters could be chance."


def _left_out(observations: Observations) -> Iterator[str]:
    table = observations.complete
    total = len(table.subjects) + len(table.left_out)
    if table.left_out:
        yield f"Left out: {len(table.left_out)} of {total} clinics without a value in every quarter"
        for left in table.left_out[:_SHOWN]:
            yield f"  {left.subject}: no value for {', '.join(str(time) for time in left.missing)}"
        if len(table.left_out) > _SHOWN:
            yield f"  and {len(table.left_out) - _SHOWN} more"
    else:
        yield f"Left out: none of {total}; every clinic has a value in every quarter"
    if observations.without_values:
        yield f"No value at all: {', '.join(observations.without_values[:_SHOWN])}"


def _after_a_gap(lines: Iterator[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", *found)


def _indented(line: str | None) -> list[str]:
    return [] if line is None else [f"  {line}"]
