"""ANOVA that treats every quarter as different clinics: right only when different clinics answer.

Shown beside the repeated-measures result because published reports often used it. Also the
versions without equal variances (Welch), on ranks (Kruskal-Wallis) and of the spread
(Brown-Forsythe).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assess.trends.anova import Status
from assess.trends.observations import Matrix
from assess.trends.rank_tests import average_ranks, tie_sum
from assess.trends.significance import NEGLIGIBLE, RANK_DECIMALS, chi2_tail, f_tail, finite


@dataclass(frozen=True, slots=True)
class OneWay:
    """One-way ANOVA of independent groups, with its relatives; None where one does not exist."""

    status: Status
    reason: str | None = None
    F: float | None = None
    df1: int | None = None
    df2: int | None = None
    p: float | None = None
    ss_between: float | None = None
    ss_within: float | None = None
    ms_between: float | None = None
    ms_within: float | None = None
    residual_sd: float | None = None
    eta2: float | None = None
    r_squared: float | None = None
    welch_F: float | None = None
    welch_df1: int | None = None
    welch_df2: float | None = None
    welch_p: float | None = None
    kruskal_H: float | None = None
    kruskal_df: int | None = None
    kruskal_p: float | None = None
    kruskal_epsilon2: float | None = None
    brown_forsythe_F: float | None = None
    brown_forsythe_p: float | None = None


@dataclass(frozen=True, slots=True)
class _Squares:
    between: float
    within: float
    df1: int
    df2: int

    @property
    def ratio(self) -> float | None:
        if self.within == 0:
            return None
        return finite((self.between / self.df1) / (self.within / self.df2))

    @property
    def p(self) -> float | None:
        return None if self.ratio is None else f_tail(self.ratio, self.df1, self.df2)


def one_way(groups: Sequence[Matrix]) -> OneWay:
    """Compare the values of each time as if they came from different clinics."""
    total = sum(len(group) for group in groups)
    if len(groups) < 2 or total <= len(groups):
        reason = "one quarter" if len(groups) == 1 else "too few values"
        return OneWay(Status.NOT_ESTIMABLE, reason=reason)
    squares = _squares(groups)
    spread = _squares([_from_median(group) for group in groups], _size(groups))
    welch_F, welch_df1, welch_df2 = _welch(groups, _noise(_size(groups), 1))
    H = _kruskal(groups)
    whole = squares.between + squares.within
    df1, df2 = squares.df1, squares.df2
    share = squares.between / whole if whole > 0 else None
    return OneWay(
        _status(squares), F=squares.ratio, df1=df1, df2=df2, p=squares.p,
        ss_between=squares.between, ss_within=squares.within,
        ms_between=squares.between / df1, ms_within=squares.within / df2,
        residual_sd=float(np.sqrt(squares.within / df2)), eta2=share, r_squared=share,
        welch_F=welch_F, welch_df1=welch_df1, welch_df2=welch_df2,
        welch_p=None if welch_F is None or welch_df2 is None else f_tail(welch_F, df1, welch_df2),
        kruskal_H=H, kruskal_df=df1, kruskal_p=None if H is None else chi2_tail(H, df1),
        kruskal_epsilon2=None if H is None else H / (total - 1),
        brown_forsythe_F=spread.ratio, brown_forsythe_p=spread.p,
    )  # fmt: skip


def _squares(groups: Sequence[Matrix], size: float | None = None) -> _Squares:
    """Sums of squares; `size` is the largest raw value, which sets what counts as zero."""
    values = np.concatenate(groups)
    noise = _noise(_size(groups) if size is None else size, len(values))
    centered = [group - values.mean() for group in groups]
    offset = np.concatenate(centered).mean()
    means = [float((group - offset).mean()) for group in centered]
    within = sum(
        float(((group - offset - mean) ** 2).sum())
        for group, mean in zip(centered, means, strict=True)
    )
    between = sum(len(group) * mean**2 for group, mean in zip(centered, means, strict=True))
    return _Squares(
        between if between > noise else 0.0,
        within if within > noise else 0.0,
        len(groups) - 1,
        len(values) - len(groups),
    )


def _status(squares: _Squares) -> Status:
    if squares.within > 0:
        return Status.OK
    return Status.NO_ERROR_VARIANCE if squares.between > 0 else Status.NO_VARIATION


def _welch(groups: Sequence[Matrix], noise: float) -> tuple[float | None, int | None, float | None]:
    """Welch's F and both df; none when a group has one value, only df1 when one has no spread."""
    k = len(groups)
    if any(len(group) < 2 for group in groups):
        return None, None, None
    if any(np.var(group, ddof=1) <= noise for group in groups):
        return None, k - 1, None
    center = float(np.concatenate(groups).mean())
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    means = np.array([(group - center).mean() for group in groups])
    weights = sizes / np.array([np.var(group - center, ddof=1) for group in groups])
    share = weights / weights.sum()
    lack = float(((1 - share) ** 2 / (sizes - 1)).sum()) / (k**2 - 1)
    between = float((weights * (means - share @ means) ** 2).sum()) / (k - 1)
    return finite(between / (1 + 2 * (k - 2) * lack)), k - 1, finite(1 / (3 * lack))


def _kruskal(groups: Sequence[Matrix]) -> float | None:
    """Kruskal-Wallis H corrected for ties; none when all values are equal."""
    pooled: Matrix = np.concatenate(groups)
    values: Matrix = np.round(pooled, RANK_DECIMALS)
    n = len(values)
    left = 1 - tie_sum(values) / (n**3 - n)
    if left <= 0:
        return None
    ends = np.cumsum([len(group) for group in groups])[:-1]
    centered = np.split(average_ranks(values) - (n + 1) / 2, ends)
    between = sum(float(ranks.sum()) ** 2 / len(ranks) for ranks in centered)
    return 12 * between / (n * (n + 1)) / left


def _from_median(group: Matrix) -> Matrix:
    """How far each value lies from the median, as Brown and Forsythe (1974) compare spread."""
    near = group - group[0]  # the median of large values would be rounded
    distances: Matrix = np.abs(near - np.median(near))
    return distances


def _size(groups: Sequence[Matrix]) -> float:
    return max(float(np.abs(group).max()) for group in groups)


def _noise(size: float, count: int) -> float:
    return (NEGLIGIBLE * size) ** 2 * count
