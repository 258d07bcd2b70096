"""Everything this version can say about a long table, as one mapping ready for JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from assess.trends.anova import (
    LinearTrend,
    RepeatedMeasures,
    Status,
    linear_trend,
    repeated_measures,
)
from assess.trends.descriptives import Description, describe
from assess.trends.observations import Observations
from assess.trends.oneway import OneWay, one_way
from assess.trends.pairs import Pairwise, pairwise
from assess.trends.rank_tests import Friedman, friedman

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """All results of one table; field names are the keys of the JSON."""

    descriptives: tuple[Description, ...]
    rm_anova: RepeatedMeasures
    linear_trend: LinearTrend
    friedman: Friedman
    oneway_independent: OneWay
    pairwise: Pairwise


def analyse(observations: Observations) -> Analysis:
    """Describe and test one long table; never raises for odd values, see each status."""
    table = observations.complete
    return Analysis(
        descriptives=describe(observations),
        rm_anova=repeated_measures(table),
        linear_trend=linear_trend(table),
        friedman=friedman(table),
        oneway_independent=one_way(observations.by_time),
        pairwise=pairwise(table),
    )


def as_json(observations: Observations, analysis: Analysis) -> dict[str, Json]:
    """The analysis as the published test cases spell it, plus who was left out."""
    result: dict[str, Json] = {name: plain(value) for name, value in asdict(analysis).items()}
    result["left_out"] = [
        {"subject": left.subject, "missing": list(left.missing)}
        for left in observations.complete.left_out
    ]
    return result


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
