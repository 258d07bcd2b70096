"""One mixed model made ready to fit: values scaled, rows reduced, or why it cannot be fitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assess.trends.anova import Status
from assess.trends.mixed.blocks import Reduced, less
from assess.trends.mixed.design import FixedDesign
from assess.trends.mixed.table import Codes, LongTable, clinics_in_orgs, levels
from assess.trends.observations import Matrix
from assess.trends.significance import NEGLIGIBLE

SMALLEST = 1e-150
MOST_LEVELS = 100
"""More groups or quarters are names in the wrong column, and would fill the memory."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no result: a status, and words when the status does not say it all."""

    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A model to be fitted to n values, all numbers near 1.

    A value as given is `center` + `scale` × (columns @ `start` + what `reduced` has as its last
    column).
    """

    fixed: FixedDesign
    reduced: Reduced
    center: float
    scale: float
    start: Matrix


def prepare(
    table: LongTable, fixed: FixedDesign, reduce: Callable[[Matrix], Reduced]
) -> Problem | Refused:
    """Scale and reduce a table that has at least one row; `reduce` gets the columns (N × P)."""
    n, p = fixed.columns.shape
    if n <= p:
        return Refused(Status.NOT_ESTIMABLE, f"{n} assessments are too few for {p} coefficients")
    moved, center = _centered(table.value)
    largest = float(np.abs(moved).max())
    noise = NEGLIGIBLE * float(np.abs(table.value).max())
    if largest <= noise:
        return Refused(Status.NO_VARIATION)
    if not SMALLEST < largest < 1 / SMALLEST:
        return Refused(Status.NOT_ESTIMABLE, "the values are too large or too small to be squared")
    scale = float(np.sqrt((moved * moved).mean()))
    value = moved / scale
    # What the fixed effects explain is taken off first: were it left in, a small residual would be
    # the difference of two large numbers.
    plain = np.linalg.solve(fixed.columns.T @ fixed.columns, fixed.columns.T @ value)
    rest = value - fixed.columns @ plain
    reduced = reduce(np.column_stack([fixed.columns, rest]))
    start, residual, free = _within(reduced)
    if free <= 0:
        return Refused(Status.NOT_ESTIMABLE, "too few clinics were assessed more than once")
    negligible = n * (noise / scale) ** 2
    if _squares_within(value, table.subject) <= negligible:
        return Refused(Status.NO_VARIATION_WITHIN)
    if residual <= negligible:
        return Refused(Status.NO_ERROR_VARIANCE)
    return Problem(fixed, less(reduced, start), center, scale, plain + start)


def _centered(values: Matrix) -> tuple[Matrix, float]:
    """Values without their mean, and the mean; the first one goes first, it costs no digits."""
    moved = values - values[0]
    mean = float(moved.mean())
    return moved - mean, float(values[0]) + mean


def _squares_within(value: Matrix, subject: Codes) -> float:
    """How much the clinics move around their own means."""
    rows = np.bincount(subject)
    means = np.bincount(subject, value) / np.where(rows > 0, rows, 1)
    return float(np.sum((value - means[subject]) ** 2))


def _within(reduced: Reduced) -> tuple[Matrix, float, int]:
    """Least squares where no random effect reaches: coefficients, residual squares, their df."""
    *_, value = range(len(reduced.rest))
    among = reduced.rest[:value, :value]
    values, vectors = np.linalg.eigh(among)
    known = values > 1e-10 * max(1.0, reduced.n)
    turned = vectors[:, known]
    start = turned @ ((turned.T @ reduced.rest[:value, value]) / values[known])
    residual = reduced.within[:, value] - reduced.within[:, :value] @ start
    return start, float(residual @ residual), reduced.free - int(np.count_nonzero(known))


def why_not(table: LongTable) -> str | None:
    """Why clinics cannot be followed at all, in words; lme4 refuses the same tables."""
    n, clinics = len(table.value), levels(table.subject)
    if n == 0:
        return "no values"
    if clinics == 1:
        return "one clinic"
    if levels(table.time) == 1:
        return "one quarter"
    if clinics >= n:
        return "no clinic was assessed more than once"
    return None


def why_no_slopes(table: LongTable) -> str | None:
    """Why clinics cannot have slopes of their own."""
    n, clinics = len(table.value), levels(table.subject)
    if n <= 2 * clinics:
        return "slopes of their own need more than two assessments per clinic"
    return None


def why_not_nested(table: LongTable) -> str | None:
    """Why there is nothing to say about organizations."""
    if len(table.value) == 0:
        return "no organizations are named"
    clinics = clinics_in_orgs(table.subject, table.org)[1]
    orgs = levels(table.org)
    if orgs == 1:
        return "one organization"
    if orgs == clinics:
        return "every organization has one clinic only"
    return None if clinics < len(table.value) else "no clinic was assessed more than once"


def why_no_groups(table: LongTable) -> str | None:
    """Why there are no groups to compare."""
    groups = levels(table.group)
    if groups < 2:
        return "one group" if groups else "no groups are named"
    if groups > MOST_LEVELS:
        return f"{groups} groups are too many to compare"
    return None


def why_not_each_time(table: LongTable) -> str | None:
    """Why quarters cannot be compared one by one."""
    times = levels(table.time)
    return f"{times} quarters are too many to compare one by one" if times > MOST_LEVELS else None
