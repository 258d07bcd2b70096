"""The numbers that the scripts of a bundle must find again, as JSON and, for base R, as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from assess.trends.analysis import Analysis
from assess.trends.anova import Status
from assess.trends.apa import why
from assess.trends.mixed.results import MixedModel
from assess.trends.observations import Observations
from research.bundle.content import BundleContent
from research.bundle.csv_files import csv_bytes
from research.bundle.layout import GROUPABLE
from research.bundle.tables import Cell

Number = float | int | None
HEADER = ("clock", "group", "measure", "title", "times", "reason", "name", "value")
_RM = ("F", "df1", "df2", "p", "eps_gg", "p_gg", "partial_eta2")
_MODELS = (
    "linear_time_random_intercept", "linear_time_random_slope", "linear_time_org_nested",
)  # fmt: skip


def expected_json(content: BundleContent) -> bytes:
    """Clock, group, and of each measure its times and every number by name."""
    return (json.dumps(_expected(content), indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def expected_csv(content: BundleContent) -> bytes:
    """The same as rows; a measure without any number has one row without a name."""
    return csv_bytes(HEADER, _rows(_expected(content)))


def _rows(expected: dict[str, Any]) -> Iterator[tuple[Cell, ...]]:
    for one in expected["measures"]:
        start = (expected["clock"], expected["group"], one["key"], one["title"])
        about = (*start, " ".join(one["times"]), one["reason"])
        for name, value in one["numbers"].items() or (("", None),):
            yield (*about, name, value)


def _expected(content: BundleContent) -> dict[str, Any]:
    study = content.study
    return {
        "title": content.title,
        "clock": study.clock.value,
        "group": study.group if study.group in GROUPABLE else "",
        "headline": study.measure.key,
        "measures": [
            {
                "key": measure.key,
                "title": measure.title,
                "times": [str(time) for time in content.observations[measure.key].times],
                "reason": _reason(content.analyses[measure.key]),
                "numbers": {
                    name: value
                    for name, value in _numbers(
                        content.observations[measure.key], content.analyses[measure.key]
                    )
                    if value is not None
                },
            }
            for measure in study.measures
        ],
    }


def _reason(analysis: Analysis) -> str:
    result = analysis.rm_anova
    return "" if result.status is Status.OK else why(result.status, result.reason)


def _numbers(observations: Observations, analysis: Analysis) -> Iterator[tuple[str, Number]]:
    table = observations.complete
    yield "n", len(table.subjects)
    yield "left_out", len(table.left_out)
    yield "k", len(table.times)
    for one in analysis.descriptives:
        yield f"descriptives.{one.time}.n", one.n
        yield f"descriptives.{one.time}.mean", one.mean
        yield f"descriptives.{one.time}.sd", one.sd
    yield from _repeated_measures(analysis)
    yield from _trend(analysis)
    yield from _pairs(analysis)
    yield from _baseline(analysis)
    yield from _groups(analysis)
    for name in _MODELS:
        yield from _model(f"lmm.{name}", getattr(analysis.lmm, name))


def _repeated_measures(analysis: Analysis) -> Iterator[tuple[str, Number]]:
    result = analysis.rm_anova
    if result.status is Status.OK:
        for name in _RM:
            yield f"rm_anova.{name}", getattr(result, name)
        low, high = result.partial_eta2_ci90 or (None, None)
        yield "rm_anova.partial_eta2_lo", low
        yield "rm_anova.partial_eta2_hi", high
    ranks = analysis.friedman
    if ranks.status is Status.OK:
        for name in ("chi2", "df", "p", "kendall_W"):
            yield f"friedman.{name}", getattr(ranks, name)


def _trend(analysis: Analysis) -> Iterator[tuple[str, Number]]:
    trend = analysis.linear_trend
    if trend.status is not Status.OK:
        return
    yield "linear_trend.slope", trend.slope_per_time
    for name in ("se", "t", "df", "p"):
        yield f"linear_trend.{name}", getattr(trend, f"{name}_own")
    low, high = trend.ci95_own or (None, None)
    yield "linear_trend.ci_lo", low
    yield "linear_trend.ci_hi", high


def _pairs(analysis: Analysis) -> Iterator[tuple[str, Number]]:
    for pair in analysis.pairwise.rows or ():
        start = f"pairwise.{pair.a}.{pair.b}"
        yield f"{start}.mean", pair.mean_diff
        for name in ("n", "ci_lo", "ci_hi", "t", "p", "p_holm"):
            yield f"{start}.{name}", getattr(pair, name)


def _baseline(analysis: Analysis) -> Iterator[tuple[str, Number]]:
    for change in analysis.baseline.rows or ():
        start = f"baseline.{change.time}"
        yield f"{start}.mean", change.mean_change
        for name in ("ci_lo", "ci_hi", "t", "p", "p_holm"):
            yield f"{start}.{name}", getattr(change, name)


def _groups(analysis: Analysis) -> Iterator[tuple[str, Number]]:
    result = analysis.mixed_anova
    if result is None or result.status is not Status.OK:
        return
    for effect in result.effects or ():
        for name in ("F", "df1", "df2", "p"):
            yield f"mixed_anova.{effect.effect}.{name}", getattr(effect, name)
    for correction in result.corrections or ():
        yield f"mixed_anova.{correction.effect}.p_gg", correction.p_gg


def _model(start: str, model: MixedModel) -> Iterator[tuple[str, Number]]:
    """Degrees of freedom only where no variance is 0: there programs differ about them."""
    if model.status is not Status.OK or model.converged is False:
        return
    for effect in model.fixed or ():
        yield f"{start}.{effect.term}.estimate", effect.estimate
        yield f"{start}.{effect.term}.se", effect.se
        if not model.singular:
            yield f"{start}.{effect.term}.df", effect.df_satterthwaite
            yield f"{start}.{effect.term}.p", effect.p_satterthwaite
    names = {"subject": "clinic", "subject:org": "clinic", "org": "organization"}
    for part in model.variance or ():
        if part.term in ("(Intercept)", "") and not part.term2:
            group = names.get(part.group, "residual")
            yield f"{start}.var_{group}", part.vcov
