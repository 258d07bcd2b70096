"""Everything this version can say about a long table, as one mapping ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from assess.runcharts.chart import RunChart, run_chart
from assess.runcharts.signals import signals
from assess.trends.anova import (
    LinearTrend,
    RepeatedMeasures,
    Status,
    linear_trend,
    repeated_measures,
)
from assess.trends.baseline import Baseline, change_from_baseline
from assess.trends.descriptives import Description, describe
from assess.trends.groups import MixedAnova, mixed_anova
from assess.trends.mixed.models import fit_models
from assess.trends.mixed.results import MixedModels
from assess.trends.mixed.words import model_warnings
from assess.trends.observations import Observations, Time, sorted_times
from assess.trends.oneway import OneWay, one_way
from assess.trends.organizations import (
    OrganizationAnalysis,
    analyse_organizations,
    organization_warnings,
)
from assess.trends.pairs import Pairwise, pairwise
from assess.trends.precise import differences_of
from assess.trends.rank_tests import Friedman, friedman
from assess.trends.spacing import per_year
from assess.trends.warnings import Warning, table_warnings

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

_CERTIFIED = (
    "ss_between", "ms_between", "F", "df1", "df2", "ss_within", "ms_within", "r_squared",
    "residual_sd",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Analysis:
    """All results of one table; field names are the keys of the JSON.

    `mixed_anova` is None for a table without groups, `organizations` when no two clinics share one,
    `run_chart` for more than one clinic.
    """

    descriptives: tuple[Description, ...]
    rm_anova: RepeatedMeasures
    linear_trend: LinearTrend
    baseline: Baseline
    friedman: Friedman
    oneway_independent: OneWay
    pairwise: Pairwise
    lmm: MixedModels
    mixed_anova: MixedAnova | None = None
    organizations: OrganizationAnalysis | None = None
    run_chart: RunChart | None = None
    warnings: tuple[Warning, ...] = ()


def analyse(observations: Observations, scale: tuple[float, float] | None = None) -> Analysis:
    """Describe and test one long table; never raises for odd values, see each status.

    `scale` is the lowest and highest possible value, where they are known.
    """
    precise = differences_of(observations)
    table = precise.complete
    one = len(observations.subjects) == 1
    known = observations.matrix[~np.isnan(observations.matrix)]
    models, organizations = fit_models(observations), analyse_organizations(observations)
    cautions = (
        *table_warnings(table, known, scale),
        *organization_warnings(organizations),
        *model_warnings(models),
    )
    return Analysis(
        descriptives=describe(observations),
        rm_anova=repeated_measures(table),
        linear_trend=linear_trend(table),
        baseline=change_from_baseline(precise),
        friedman=friedman(table),
        oneway_independent=one_way(precise.by_time),
        pairwise=pairwise(table),
        lmm=models,
        mixed_anova=mixed_anova(table, observations.groups) if observations.groups else None,
        organizations=organizations,
        run_chart=run_chart(series(observations)[1]) if one else None,
        warnings=() if one else cautions,
    )


def series(observations: Observations) -> tuple[tuple[Time, ...], tuple[float | None, ...]]:
    """One clinic's times and values, with None where the table names a quarter without a value."""
    (clinic,) = observations.subjects
    named = {row.time: row.value for row in observations.rows if row.subject == clinic}
    times = sorted_times(named)
    return times, tuple(named[time] for time in times)


def as_json(observations: Observations, analysis: Analysis) -> dict[str, Json]:
    """The analysis as the published test cases spell it, plus who was left out."""
    found = {name: value for name, value in asdict(analysis).items() if value is not None}
    result: dict[str, Json] = {name: plain(value) for name, value in found.items()}
    independent = found["oneway_independent"]
    if independent["F"] is not None:
        result["oneway_independent_certified"] = {name: independent[name] for name in _CERTIFIED}
    year = per_year(analysis.linear_trend, observations.times)
    if year is not None:
        trend = {**found["linear_trend"], "slope_per_year": year.slope}
        result["linear_trend"] = plain({**trend, "ci95_per_year": (year.low, year.high)})
    if analysis.mixed_anova is not None:
        result["mixed_anova"] = plain(_known(found["mixed_anova"]))
    if analysis.run_chart is not None:
        times, values = series(observations)
        said = [asdict(signal) for signal in signals(analysis.run_chart, times, values)]
        result["run_chart"] = plain({**found["run_chart"], "times": times, "signals": said})
    result["left_out"] = [
        {"subject": left.subject, "missing": list(left.missing)}
        for left in observations.complete.left_out
    ]
    return result


def _known(value: Mapping[str, object]) -> dict[str, object]:
    return {name: item for name, item in value.items() if item is not None}


def plain(value: object) -> Json:
    """Dataclass content as JSON; a result that is not estimable keeps only what is known."""
    if isinstance(value, dict):
        if value.get("status") == Status.NOT_ESTIMABLE:
            value = {key: item for key, item in value.items() if item is not None}
        elif value.get("status") is not None:
            value = {key: item for key, item in value.items() if key != "reason"}
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
