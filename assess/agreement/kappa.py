"""Cohen's kappa of every two raters: agreement beyond what their habits alone would give.

Unweighted: Cohen (1960), Educational and Psychological Measurement 20, 37-46. Weighted by the
square of the distance: Cohen (1968), Psychological Bulletin 70, 213-220; the distance is that of
the values themselves, so a level that neither rater used still counts as a step.

The 95 % intervals use the large-sample standard error of Fleiss, Cohen & Everitt (1969),
Psychological Bulletin 72, 323-327. They are rough for small tables, see `enough_subjects`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special

from assess.agreement.table import RatingTable
from assess.trends.anova import Status
from assess.trends.observations import Matrix
from assess.trends.significance import NEGLIGIBLE, RANK_DECIMALS, finite

MOST_RATERS = 60
"""Beyond this many raters there are too many pairs for anybody to read, or to wait for."""

_NORMAL = float(special.ndtri(0.975))

Limits = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Two raters on the `n` subjects that both rated; None with a status where it has no value.

    Intervals are cut off at -1 and 1. Where the standard error is 0, as with raters who agree in
    everything, there is none: it would claim that nothing is left to chance.
    """

    a: str
    b: str
    n: int
    status: Status
    kappa: float | None
    kappa_quadratic: float | None
    lower95: float | None = None
    upper95: float | None = None
    quadratic_lower95: float | None = None
    quadratic_upper95: float | None = None


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


def enough_subjects(levels: int) -> int:
    """From how many subjects on the interval of a kappa with `levels` levels can be trusted.

    Twice the squared number of levels: Cicchetti (1981), Perceptual and Motor Skills 52, 883-889.
    """
    return 2 * levels**2


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
    kappa = (agreed - by_chance) / (n**2 - by_chance)
    # how far each value lies from all values of the other rater: the distance of the means, squared
    x_to_y, y_to_x = (x - y.mean()) ** 2 + y.var(), (y - x.mean()) ** 2 + x.var()
    apart = (x - y) ** 2
    quadratic = finite(1 - float(apart.mean()) / float(x_to_y.mean()))
    return Kappa(
        a, b, n, Status.OK, kappa, quadratic,
        *_limits(kappa, (x != y).astype(np.float64), 2 - (q[codes[:n]] + p[codes[n:]]) / n),
        *_limits(quadratic, apart, x_to_y + y_to_x),
    )  # fmt: skip


def _limits(kappa: float | None, apart: Matrix, by_chance: Matrix) -> Limits:
    """Kappa ± 1.96 standard errors; both arguments have one value for each subject.

    `apart`: the disagreement of both raters; `by_chance`: that of the first with all values of the
    second, plus that of the second with all of the first. Fleiss, Cohen & Everitt's sum over cells
    is the variance of kappa's slope in the share of each cell, here summed over subjects instead.
    """
    if kappa is None:
        return None, None
    expected = float(by_chance.mean()) / 2
    slopes = by_chance * (1 - kappa) / expected - apart / expected
    error = float(np.sqrt(slopes.var() / len(apart)))
    if error <= NEGLIGIBLE:
        return None, None
    return max(-1.0, kappa - _NORMAL * error), min(1.0, kappa + _NORMAL * error)
