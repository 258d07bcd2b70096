"""Intraclass correlations: how much of what the ratings vary by lies between the subjects.

The six forms of Shrout & Fleiss (1979), Psychological Bulletin 86, 420-428, with the confidence
intervals of McGraw & Wong (1996), Psychological Methods 1, 30-46, in the order and with the names
of R's psych::ICC(lmer = FALSE): 1 = every subject may have other raters, 2 = raters drawn from
many, 3 = exactly these raters; k = the mean of all raters instead of a single one.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy import special

from assess.agreement.table import CompleteRatings
from assess.trends.anova import Status, split_squares
from assess.trends.significance import f_tail, finite

Limits = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Intraclass:
    """One form; the 95 % interval is two-sided. A value below 0 means less alike than by chance.

    With no disagreement at all (`undefined_no_error_variance`) F is infinite, so F, p and limits
    are None; the coefficient is 1. Without any difference between the subjects some forms have no
    value (`undefined_no_variation`).
    """

    type: str
    status: Status
    ICC: float | None
    F: float | None
    df1: int
    df2: int
    p: float | None
    lower95: float | None
    upper95: float | None


@dataclass(frozen=True, slots=True)
class IntraclassTable:
    """All six forms, or a status that says why there are none; counts are those used."""

    status: Status
    subjects: int
    raters: int
    reason: str | None = None
    rows: tuple[Intraclass, ...] | None = None

    def form(self, name: str) -> Intraclass | None:
        """The form called ICC1, ICC2, ICC3, ICC1k, ICC2k or ICC3k."""
        return next((row for row in self.rows or () if row.type == name), None)


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    """Mean squares of n subjects times k raters; `within` is raters and error together."""

    n: int
    k: int
    subjects: float
    raters: float
    error: float
    within: float


def intraclass(table: CompleteRatings) -> IntraclassTable:
    """The six intraclass correlations of a table without gaps."""
    n, k = table.values.shape
    if reason := _why_not(table):
        return IntraclassTable(Status.NOT_ESTIMABLE, n, k, reason)
    parts = split_squares(table.values)
    if parts.subject == parts.time == parts.error == 0:
        return IntraclassTable(Status.NO_VARIATION, n, k)
    squares = _MeanSquares(
        n, k,
        subjects=parts.subject / (n - 1),
        raters=parts.time / (k - 1),
        error=parts.error / ((n - 1) * (k - 1)),
        within=(parts.time + parts.error) / (n * (k - 1)),
    )  # fmt: skip
    return IntraclassTable(Status.OK, n, k, rows=_rows(squares))


def _why_not(table: CompleteRatings) -> str | None:
    n, k = table.values.shape
    every = n + len(table.left_out)
    if every == 0:
        return "no values"
    if k < 2:
        return "one rater"
    if every == 1:
        return "one subject"
    if n < 2:
        return f"{'no' if n == 0 else 'only one'} subject has a rating from every rater"
    return None


def _rows(ms: _MeanSquares) -> tuple[Intraclass, ...]:
    n, k = ms.n, ms.k
    one = _limits_of_f(ms.subjects, ms.within, n - 1, n * (k - 1))
    three = _limits_of_f(ms.subjects, ms.error, n - 1, (n - 1) * (k - 1))
    between = ms.subjects + (k - 1) * ms.error + k * (ms.raters - ms.error) / n
    average = ms.subjects + (ms.raters - ms.error) / n
    icc2 = _ratio(ms.subjects - ms.error, between)
    two = _limits_of_icc2(ms, icc2)
    return (
        _row("ICC1", ms, _ratio(ms.subjects - ms.within, ms.subjects + (k - 1) * ms.within),
             tuple(_single(limit, k) for limit in one)),
        _row("ICC2", ms, icc2, two),
        _row("ICC3", ms, _ratio(ms.subjects - ms.error, ms.subjects + (k - 1) * ms.error),
             tuple(_single(limit, k) for limit in three)),
        _row("ICC1k", ms, _ratio(ms.subjects - ms.within, ms.subjects),
             tuple(_mean(limit) for limit in one)),
        _row("ICC2k", ms, _ratio(ms.subjects - ms.error, average),
             tuple(_stepped_up(limit, k) for limit in two)),
        _row("ICC3k", ms, _ratio(ms.subjects - ms.error, ms.subjects),
             tuple(_mean(limit) for limit in three)),
    )  # fmt: skip


def _row(
    name: str, ms: _MeanSquares, icc: float | None, limits: tuple[float | None, ...]
) -> Intraclass:
    one_way = name.startswith("ICC1")
    below = ms.within if one_way else ms.error
    df1, df2 = ms.n - 1, (ms.n if one_way else ms.n - 1) * (ms.k - 1)
    F = _ratio(ms.subjects, below)
    if F is None:
        status = Status.NO_VARIATION if icc is None else Status.NO_ERROR_VARIANCE
        return Intraclass(name, status, icc, None, df1, df2, None, None, None)
    status = Status.NO_VARIATION if icc is None else Status.OK
    return Intraclass(name, status, icc, F, df1, df2, f_tail(F, df1, df2), *limits)


def _limits_of_f(above: float, below: float, df1: int, df2: int) -> Limits:
    """F divided by its upper quantile, and multiplied by that of the inverse distribution."""
    F = _ratio(above, below)
    if F is None:
        return None, None
    return _ratio(F, _quantile(df1, df2)), finite(F * _quantile(df2, df1))


def _limits_of_icc2(ms: _MeanSquares, icc2: float | None) -> Limits:
    """McGraw & Wong (1996), table 7, case 2A: degrees of freedom after Satterthwaite."""
    n, k = ms.n, ms.k
    ratio = _ratio(ms.raters, ms.error)
    if icc2 is None or ratio is None:
        return None, None
    a = k * icc2 * ratio
    b = n * (1 + (k - 1) * icc2) - k * icc2
    v = _ratio((k - 1) * (n - 1) * (a + b) ** 2, (n - 1) * a**2 + b**2)
    if not v:
        return None, None
    upper, lower = _quantile(n - 1, v), _quantile(v, n - 1)
    rest = k * ms.raters + (k * n - k - n) * ms.error
    return (
        _ratio(n * (ms.subjects - upper * ms.error), upper * rest + n * ms.subjects),
        _ratio(n * (lower * ms.subjects - ms.error), rest + n * lower * ms.subjects),
    )


def _single(F: float | None, k: int) -> float | None:
    return None if F is None else _ratio(F - 1, F + k - 1)


def _mean(F: float | None) -> float | None:
    return None if F is None else _ratio(F - 1, F)


def _stepped_up(icc: float | None, k: int) -> float | None:
    """Spearman and Brown: what the mean of k raters reaches when one reaches `icc`."""
    return None if icc is None else _ratio(icc * k, 1 + icc * (k - 1))


def _quantile(df1: float, df2: float) -> float:
    return float(special.fdtri(df1, df2, 0.975))


def _ratio(above: float, below: float) -> float | None:
    return finite(above / below) if below else None
