"""Krippendorff's alpha: agreement of any number of raters, with gaps, on any kind of scale.

alpha = 1 - disagreement within subjects / disagreement expected when values fall on subjects by
chance. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. Only subjects with two
values or more can disagree; the others are left out ("pairable values").

The disagreement of two values is the square of their difference for interval, of the difference
of their ranks for ordinal (the sum of frequencies between c and k less half of both ends is the
difference of their mid-ranks), of their difference over their sum for ratio, and 1 for nominal.
Squares of differences sum up from variances, so that no table of all pairs is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.agreement.table import RatingTable
from assess.trends.anova import Status
from assess.trends.observations import Matrix
from assess.trends.rank_tests import average_ranks
from assess.trends.significance import NEGLIGIBLE, RANK_DECIMALS, finite

Codes = NDArray[np.intp]

_CHUNK = 500  # distinct values compared with all others at a time


@dataclass(frozen=True, slots=True)
class Alpha:
    """Alpha by level of measurement, at most 1; `values` are the pairable ones, of `subjects`.

    `ratio` is None where a value is negative, because a ratio scale has none.
    """

    status: Status
    reason: str | None = None
    values: int = 0
    subjects: int = 0
    nominal: float | None = None
    ordinal: float | None = None
    interval: float | None = None
    ratio: float | None = None


def krippendorff_alpha(table: RatingTable) -> Alpha:
    """The four alphas of a table; never raises for odd values, see the status."""
    given = ~np.isnan(table.values)
    pairable = given & (given.sum(axis=1) > 1)[:, None]
    values = np.round(table.values[pairable], RANK_DECIMALS)
    unit = np.nonzero(pairable)[0]
    _, unit = np.unique(unit, return_inverse=True)
    subjects = int(unit.max()) + 1 if unit.size else 0
    if not subjects:
        return Alpha(Status.NOT_ESTIMABLE, "no subject has two ratings")
    distinct, code = np.unique(values, return_inverse=True)
    if len(distinct) == 1:
        return Alpha(Status.NO_VARIATION, None, len(values), subjects)
    return Alpha(
        Status.OK, None, len(values), subjects,
        nominal=_nominal(code, unit),
        ordinal=_squared(average_ranks(values), unit),
        interval=_squared(values, unit),
        ratio=_ratio(values, distinct, code, unit),
    )  # fmt: skip


def _squared(values: Matrix, unit: Codes) -> float | None:
    """Alpha of squared differences: sums over pairs are sizes times sums of squares."""
    sizes = np.bincount(unit).astype(np.float64)
    centered = values - values.mean()
    total = float((centered**2).sum())
    if total <= (NEGLIGIBLE * float(np.abs(values).max())) ** 2 * len(values):
        return None
    means = np.bincount(unit, centered) / sizes
    within = np.bincount(unit, (centered - means[unit]) ** 2)
    observed = float((sizes * within / (sizes - 1)).sum()) / len(values)
    return finite(1 - observed * (len(values) - 1) / total)


def _nominal(code: Codes, unit: Codes) -> float | None:
    """Alpha of "same or not": pairs that agree are counted value by value."""
    n = len(code)
    sizes = np.bincount(unit).astype(np.float64)
    cells, counts = np.unique(np.stack([unit, code]), axis=1, return_counts=True)
    same = np.bincount(cells[0], (counts * (counts - 1)).astype(np.float64))
    observed = float(((sizes * (sizes - 1) - same) / (sizes - 1)).sum()) / n
    every = np.bincount(code).astype(np.float64)
    expected = (n**2 - float((every**2).sum())) / (n * (n - 1))
    return finite(1 - observed / expected)


def _ratio(values: Matrix, distinct: Matrix, code: Codes, unit: Codes) -> float | None:
    """Alpha of ((c - k) / (c + k))², pair by pair; 0 and 0 do not differ."""
    if distinct[0] < 0:
        return None
    n = len(values)
    order = np.argsort(unit, kind="stable")
    groups = np.split(values[order], np.cumsum(np.bincount(unit))[:-1])
    observed = sum(_relative(group, group).sum() / (len(group) - 1) for group in groups) / n
    every = np.bincount(code).astype(np.float64)
    chunks: Iterator[float] = (
        float(every[at : at + _CHUNK] @ _relative(distinct[at : at + _CHUNK], distinct) @ every)
        for at in range(0, len(distinct), _CHUNK)
    )
    return finite(1 - float(observed) * n * (n - 1) / sum(chunks))


def _relative(some: Matrix, others: Matrix) -> Matrix:
    difference = some[:, None] - others[None, :]
    total = some[:, None] + others[None, :]
    squares: Matrix = (difference / np.where(total > 0, total, 1.0)) ** 2
    return squares
