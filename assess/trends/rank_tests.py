"""Tests on ranks, for levels that are ordered but not evenly spaced: Friedman, Wilcoxon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assess.trends.anova import Status, why_not_estimable
from assess.trends.observations import CompleteTable, Matrix
from assess.trends.significance import RANK_DECIMALS, chi2_tail, f_tail, normal_two_sided


@dataclass(frozen=True, slots=True)
class Friedman:
    """Friedman's test with Kendall's W (agreement of clinics) and the Iman-Davenport F."""

    status: Status
    reason: str | None = None
    chi2: float | None = None
    df: int | None = None
    p: float | None = None
    kendall_W: float | None = None
    iman_davenport_F: float | None = None
    iman_df1: int | None = None
    iman_df2: int | None = None
    iman_p: float | None = None


def friedman(table: CompleteTable) -> Friedman:
    """Rank the times within each complete clinic and compare the rank sums, corrected for ties."""
    n, k = table.values.shape
    if reason := why_not_estimable(table):
        return Friedman(Status.NOT_ESTIMABLE, reason=reason)
    rows: Matrix = np.round(table.values, RANK_DECIMALS)
    ranks, ties = _row_ranks(rows)
    spread = n * k * (k + 1) - ties / (k - 1)
    if spread <= 0:
        return Friedman(Status.ALL_TIED)
    sums = ranks.sum(axis=0) - n * (k + 1) / 2
    chi2 = 12 * float(sums @ sums) / spread
    df2 = (n - 1) * (k - 1)
    rest = n * (k - 1) - chi2
    # All clinics in the same order: F grows without bound, its p-value to zero.
    bounded = rest > 1e-9 * n * k
    F = (n - 1) * chi2 / rest if bounded else float("inf")
    return Friedman(
        Status.OK, chi2=chi2, df=k - 1, p=chi2_tail(chi2, k - 1), kendall_W=chi2 / (n * (k - 1)),
        iman_davenport_F=F if bounded else None, iman_df1=k - 1, iman_df2=df2,
        iman_p=f_tail(F, k - 1, df2),
    )  # fmt: skip


def _row_ranks(rows: Matrix) -> tuple[Matrix, float]:
    """Ranks within each row (n × k), and the sum of t³ - t over its ties, a column at a time."""
    below, equal = np.zeros(rows.shape), np.zeros(rows.shape)
    for column in rows.T:
        below += column[:, None] < rows
        equal += column[:, None] == rows
    # a group of t ties counts t² - 1 at each of its t values
    return below + (equal + 1) / 2, float((equal * equal - 1).sum())


def wilcoxon_signed_rank(differences: Matrix) -> tuple[float, float | None]:
    """V and the two-sided p: normal approximation, continuity correction, zeros dropped, as in R.

    The p is None when every difference is zero.
    """
    rounded: Matrix = np.round(differences, RANK_DECIMALS)
    rounded = rounded[rounded != 0]
    n = len(rounded)
    if n == 0:
        return 0.0, None
    size = np.abs(rounded)
    ranks = average_ranks(size)
    v = float(ranks[rounded > 0].sum())
    z = v - n * (n + 1) / 4
    sigma = np.sqrt(n * (n + 1) * (2 * n + 1) / 24 - tie_sum(size) / 48)
    p = normal_two_sided((z - np.sign(z) * 0.5) / sigma)
    return v, p if p is None else min(1.0, p)


def average_ranks(values: Matrix) -> Matrix:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: Matrix = last - (counts - 1) / 2
    return shared[place]


def tie_sum(values: Matrix) -> float:
    """Sum of t³ - t over groups of t equal values: what ties take away from the variance."""
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((counts**3 - counts).sum())
