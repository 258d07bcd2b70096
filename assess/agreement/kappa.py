"""Cohen's kappa of every two raters: agreement beyond what their habits alone would give.

Unweighted: Cohen (1960), Educational and Psychological Measurement 20, 37-46. Weighted by the
square of the distance: Cohen (1968), Psychological Bulletin 70, 213-220; the distance is that of
the values themselves, so a level that neither rater used still counts as a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from assess.agreement.table import RatingTable
from assess.trends.anova import Status
from assess.trends.observations import Matrix
from assess.trends.significance import RANK_DECIMALS, finite

MOST_RATERS = 60
"""Beyond this many raters there are too many pairs for anybody to read, or to wait for."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Two raters on the `n` subjects that both rated; None with a status where it has no value."""

    a: str
    b: str
    n: int
    status: Status
    kappa: float | None
    kappa_quadratic: float | None


@dataclass(frozen=True, slots=True)
class Kappas:
    """All pairs in the raters' order, or a status that says why there are none."""

    status: Status
    reason: str | None = None
    rows: tuple[Kappa, ...] | None = None


def cohen_kappas(table: RatingTable) -> Kappas:
    """Kappa of every two raters."""
    if len(table.raters) < 2:
        return Kappas(Status.NOT_ESTIMABLE, "one rater" if table.raters else "no values", ())
    if len(table.raters) > MOST_RATERS:
        return Kappas(Status.NOT_ESTIMABLE, f"more than {MOST_RATERS} raters")
    columns = zip(table.raters, np.round(table.values, RANK_DECIMALS).T, strict=True)
    return Kappas(
        Status.OK,
        rows=tuple(_kappa(a, b, x, y) for (a, x), (b, y) in combinations(columns, 2)),
    )


def _kappa(a: str, b: str, x: Matrix, y: Matrix) -> Kappa:
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    n = len(x)
    if n == 0:
        return Kappa(a, b, 0, Status.NOT_ESTIMABLE, None, None)
    distinct, codes = np.unique(np.concatenate([x, y]), return_inverse=True)
    if len(distinct) == 1:
        return Kappa(a, b, n, Status.NO_VARIATION, None, None)
    p = np.bincount(codes[:n], minlength=len(distinct))
    q = np.bincount(codes[n:], minlength=len(distinct))
    agreed, by_chance = n * int((x == y).sum()), int(p @ q)  # both times n²
    # all pairs of a value of a and one of b: both variances and the distance of the means
    apart = float(x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    return Kappa(
        a, b, n, Status.OK,
        kappa=(agreed - by_chance) / (n**2 - by_chance),
        kappa_quadratic=finite(1 - float(((x - y) ** 2).mean()) / apart),
    )  # fmt: skip
