"""The five mixed models of a table, fitted by REML, as lme4 and lmerTest report them in R.

`value ~ t` with a level per clinic is the headline. The others ask whether it hangs on the straight
line (every quarter by itself), on equal slopes, on organizations, or differs between groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from assess.trends.anova import Status
from assess.trends.mixed import design, reducing
from assess.trends.mixed.blocks import Reduced
from assess.trends.mixed.design import FixedDesign
from assess.trends.mixed.problem import (
    Refused,
    prepare,
    why_no_groups,
    why_no_slopes,
    why_not,
    why_not_each_time,
    why_not_nested,
)
from assess.trends.mixed.reporting import solve
from assess.trends.mixed.results import MixedModel, MixedModels
from assess.trends.mixed.table import NOBODY, LongTable, levels, long_table
from assess.trends.observations import Matrix, Observations

INTERCEPT_ONLY = np.eye(1)


def fit_models(observations: Observations) -> MixedModels:
    """All five models of a long table; never raises for odd values, see each status."""
    table = long_table(observations)
    return MixedModels(
        linear_time_random_intercept=_linear(table),
        factor_time_random_intercept=_by_clinic(
            "value ~ time + (1 | subject)",
            table,
            lambda: design.each_time(table.time),
            why_not_each_time(table),
        ),
        linear_time_random_slope=_slopes(table),
        linear_time_org_nested=_nested(table.where(table.org != NOBODY)),
        group_by_linear_time=_groups(table.where(table.group != NOBODY)),
    )


def fit_linear(observations: Observations) -> MixedModel:
    """The headline model alone: value ~ t with a level per clinic."""
    return _linear(long_table(observations))


def _linear(table: LongTable) -> MixedModel:
    return _by_clinic("value ~ t + (1 | subject)", table, lambda: _line(table))


def _by_clinic(
    formula: str, table: LongTable, fixed: Callable[[], FixedDesign], reason: str | None = None
) -> MixedModel:
    return _fit(
        formula, table, reason or why_not(table), fixed,
        lambda columns: reducing.random_intercept(columns, table.subject),
        ("subject",), INTERCEPT_ONLY,
    )  # fmt: skip


def _slopes(table: LongTable) -> MixedModel:
    reason = why_not(table) or why_no_slopes(table)
    time = design.scaled(table.t) if reason is None else design.NO_TIME
    return _fit(
        "value ~ t + (t | subject)", table, reason, lambda: _line(table),
        lambda columns: reducing.random_slope(columns, table.subject, table.time, time.values),
        ("subject",), np.array([[1.0, -time.center / time.scale], [0.0, 1 / time.scale]]),
    )  # fmt: skip


def _nested(table: LongTable) -> MixedModel:
    return _fit(
        "value ~ t + (1 | org/subject)", table, why_not_nested(table) or why_not(table),
        lambda: _line(table),
        lambda columns: reducing.nested(columns, table.subject, table.org),
        ("subject:org", "org"), INTERCEPT_ONLY,
    )  # fmt: skip


def _groups(table: LongTable) -> MixedModel:
    return _by_clinic(
        "value ~ group * t + (1 | subject)", table,
        lambda: design.group_by_linear_time(table.group, table.time, design.scaled(table.t)),
        why_no_groups(table),
    )  # fmt: skip


def _line(table: LongTable) -> FixedDesign:
    return design.linear_time(design.scaled(table.t))


def _fit(
    formula: str,
    table: LongTable,
    reason: str | None,
    fixed: Callable[[], FixedDesign],
    reduce: Callable[[Matrix], Reduced],
    names: tuple[str, ...],
    random: Matrix,
) -> MixedModel:
    """One model; `fixed` and `reduce` are asked only when there is no reason against it."""
    if reason:
        return MixedModel(formula, Status.NOT_ESTIMABLE, reason)
    problem = prepare(table, fixed(), reduce)
    if isinstance(problem, Refused):
        return MixedModel(formula, problem.status, problem.reason)
    return replace(
        solve(formula, problem, names, random),
        n_subjects=levels(table.subject),
        n_orgs=levels(table.org) if "org" in names else None,
    )
