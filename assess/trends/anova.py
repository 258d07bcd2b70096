"""Did the same clinics change over time? Repeated-measures ANOVA and linear trend, as R has them.

Both follow the clinics that have a value in every quarter (complete cases). Degenerate input gives
a status in words instead of a number; NaN and infinity never leave this module. Values are
centered before anything is squared, so that a large common offset costs no digits.

Sources: Maxwell & Delaney (2004), Designing Experiments and Analyzing Data, ch. 11 (sums of
squares, corrections); Olejnik & Algina (2003) for generalized eta squared.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from assess.trends.noncentral import partial_eta2_interval
from assess.trends.observations import CompleteTable, Matrix
from assess.trends.significance import (
    NEGLIGIBLE,
    f_tail,
    finite,
    t_quantile,
    t_two_sided,
)
from assess.trends.sphericity import Sphericity, check_sphericity


class Status(StrEnum):
    """Whether a statistic exists, and if not, what about the values prevents it."""

    OK = "ok"
    NOT_ESTIMABLE = "not_estimable"
    NO_VARIATION = "undefined_no_variation"
    NO_VARIATION_WITHIN = "undefined_no_variation_within"
    NO_ERROR_VARIANCE = "undefined_no_error_variance"
    ALL_TIED = "undefined_all_tied"


@dataclass(frozen=True, slots=True)
class RepeatedMeasures:
    """One-way repeated-measures ANOVA; field names are those of the published test cases.

    `ss_*` are sums of squares, `p_gg` and `p_hf` the p-values with Greenhouse-Geisser and capped
    Huynh-Feldt corrected degrees of freedom, `p_lower_bound` that of the strictest correction.
    The interval of partial eta squared is at 90 %, which matches a test at 5 %.
    """

    status: Status
    n_subjects_used: int
    n_subjects_dropped: int
    n_times: int
    reason: str | None = None
    method: str = "listwise complete subjects"
    F: float | None = None
    df1: int | None = None
    df2: int | None = None
    p: float | None = None
    ss_time: float | None = None
    ss_error: float | None = None
    ss_subject: float | None = None
    eps_gg: float | None = None
    eps_hf: float | None = None
    eps_hf_capped: float | None = None
    df1_gg: float | None = None
    df2_gg: float | None = None
    p_gg: float | None = None
    p_hf: float | None = None
    p_lower_bound: float | None = None
    mauchly_W: float | None = None
    mauchly_chi2: float | None = None
    mauchly_df: int | None = None
    mauchly_p: float | None = None
    mauchly_p_box_second_order: float | None = None
    mauchly_p_chi2_first_order: float | None = None
    partial_eta2: float | None = None
    generalized_eta2: float | None = None
    partial_eta2_ci90: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class LinearTrend:
    """Mean change per time step. `_own` uses each clinic's own slope, `_pooled` the ANOVA error."""

    status: Status
    reason: str | None = None
    slope_per_time: float | None = None
    se_own: float | None = None
    t_own: float | None = None
    df_own: int | None = None
    p_own: float | None = None
    ci95_own: tuple[float, float] | None = None
    F_own: float | None = None
    se_pooled: float | None = None
    t_pooled: float | None = None
    df_pooled: int | None = None
    p_pooled: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SumsOfSquares:
    """A complete table split into additive parts: residuals (n × k) and three sums of squares."""

    residuals: Matrix
    time: float
    error: float
    subject: float


def repeated_measures(table: CompleteTable) -> RepeatedMeasures:
    """Analyze the same clinics over all times; see RepeatedMeasures."""
    n, k = table.values.shape
    counts = (n, len(table.left_out), k)
    if reason := why_not_estimable(table):
        return RepeatedMeasures(Status.NOT_ESTIMABLE, *counts, reason=reason)
    parts = split_squares(table.values)
    df1, df2 = k - 1, (n - 1) * (k - 1)
    status = _status(parts)
    if status is not Status.OK:
        return RepeatedMeasures(
            status, *counts, df1=df1, df2=df2,
            ss_time=parts.time, ss_error=parts.error, ss_subject=parts.subject,
        )  # fmt: skip
    F = (parts.time / df1) / (parts.error / df2)
    sphericity = check_sphericity(parts.residuals)
    gg, hf = sphericity.eps_gg, sphericity.eps_hf_capped
    return RepeatedMeasures(
        status, *counts,
        F=finite(F), df1=df1, df2=df2, p=f_tail(F, df1, df2),
        ss_time=parts.time, ss_error=parts.error, ss_subject=parts.subject,
        df1_gg=df1 * gg, df2_gg=df2 * gg,
        p_gg=f_tail(F, df1 * gg, df2 * gg),
        p_hf=None if hf is None else f_tail(F, df1 * hf, df2 * hf),
        p_lower_bound=f_tail(F, 1, n - 1),
        partial_eta2=parts.time / (parts.time + parts.error),
        generalized_eta2=parts.time / (parts.time + parts.error + parts.subject),
        partial_eta2_ci90=partial_eta2_interval(F, df1, df2),
        **_fields(sphericity),
    )  # fmt: skip


def linear_trend(table: CompleteTable) -> LinearTrend:
    """Test whether the mean moves along a straight line over equally spaced times."""
    n, k = table.values.shape
    if reason := why_not_estimable(table):
        return LinearTrend(Status.NOT_ESTIMABLE, reason=reason)
    steps = np.arange(k) - (k - 1) / 2
    weight = float(steps @ steps)
    slopes = (table.values - table.values.mean()) @ steps / weight
    slope = float(slopes.mean())
    se = float(slopes.std(ddof=1) / np.sqrt(n))
    parts = split_squares(table.values)
    df = (n - 1) * (k - 1)
    se_pooled = float(np.sqrt(parts.error / df / (n * weight)))
    noise = NEGLIGIBLE * float(np.abs(table.values).max())
    if se <= noise or se_pooled <= noise:
        return LinearTrend(Status.NO_ERROR_VARIANCE, slope_per_time=slope, df_own=n - 1)
    t, t_pooled = slope / se, slope / se_pooled
    half = t_quantile(0.975, n - 1) * se
    return LinearTrend(
        Status.OK, slope_per_time=slope, se_own=se, t_own=t, df_own=n - 1,
        p_own=t_two_sided(t, n - 1), ci95_own=(slope - half, slope + half), F_own=t * t,
        se_pooled=se_pooled, t_pooled=t_pooled, df_pooled=df, p_pooled=t_two_sided(t_pooled, df),
    )  # fmt: skip


def why_not_estimable(table: CompleteTable) -> str | None:
    """Why no repeated-measures statistic exists, in words, or None when one does."""
    n, k = table.values.shape
    if n + len(table.left_out) == 0:
        return "no values"
    if n + len(table.left_out) == 1:
        return "one clinic"
    if k < 2:
        return "one quarter"
    if n < 2:
        return f"{'no' if n == 0 else 'only one'} clinic has a value in every quarter"
    return None


def split_squares(values: Matrix) -> SumsOfSquares:
    """Split a table without gaps; sums below the noise of the arithmetic are exactly 0."""
    n, k = values.shape
    centered = values - values.mean()
    centered -= centered.mean()  # the first mean is rounded to the offset's precision
    subject, time = centered.mean(axis=1), centered.mean(axis=0)
    residuals = centered - subject[:, None] - time[None, :]
    # What is smaller than the noise of the arithmetic is zero: every clinic moving by exactly .1
    # must not give F = 1e29.
    noise = (NEGLIGIBLE * float(np.abs(values).max())) ** 2 * n * k

    def square_sum(part: Matrix, times: int) -> float:
        total = times * float((part * part).sum())
        return total if total > noise else 0.0

    return SumsOfSquares(
        residuals, square_sum(time, n), square_sum(residuals.ravel(), 1), square_sum(subject, k)
    )


def _status(parts: SumsOfSquares) -> Status:
    if parts.error > 0:
        return Status.OK
    if parts.time > 0:
        return Status.NO_ERROR_VARIANCE
    return Status.NO_VARIATION_WITHIN if parts.subject > 0 else Status.NO_VARIATION


def _fields(sphericity: Sphericity) -> dict[str, Any]:
    return {name: getattr(sphericity, name) for name in Sphericity.__slots__}
