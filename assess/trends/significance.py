"""Tail probabilities of the distributions in use, from scipy.special (scipy.stats loads slowly).

Every function returns None instead of NaN or infinity, so that neither can reach a page or a file.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

NEGLIGIBLE = 16 * 2.220446049250313e-16
"""Relative size of the floating-point noise of a computed mean, generously bounded."""

RANK_DECIMALS = 9
"""Values are rounded to this before ranking: otherwise float noise decides what is a tie."""


def finite(number: float | np.floating[Any]) -> float | None:
    """The number as a plain float, or None when it is NaN or infinite."""
    number = float(number)
    return number if math.isfinite(number) else None


def f_tail(F: float, df1: float, df2: float) -> float | None:
    """P(F' >= F) of an F distribution. An infinite F has probability 0."""
    return 0.0 if math.isinf(F) else finite(special.fdtrc(df1, df2, F))


def chi2_tail(chi2: float, df: float) -> float | None:
    """P(X >= chi2) of a chi-squared distribution."""
    return finite(special.chdtrc(df, chi2))


def t_two_sided(t: float, df: float) -> float | None:
    """P(|T| >= |t|) of a Student t distribution."""
    return finite(2 * special.stdtr(df, -abs(t)))


def t_quantile(probability: float, df: float) -> float:
    """The t value below which the given probability lies; NaN when df is 0."""
    return float(special.stdtrit(df, probability)) if df > 0 else math.nan


def normal_two_sided(z: float) -> float | None:
    """P(|Z| >= |z|) of a standard normal distribution."""
    return finite(2 * special.ndtr(-abs(z)))


def partial_eta2_interval(
    F: float, df1: float, df2: float, level: float = 0.90
) -> tuple[float, float] | None:
    """Confidence interval of partial eta squared: noncentral F inverted, ncp / (ncp + df2).

    Steiger (2004), Psychological Methods 9, 164-182. None when F is too extreme to invert.
    """
    tail = (1 - level) / 2
    limits = [_noncentrality(F, df1, df2, probability) for probability in (1 - tail, tail)]
    if None in limits:
        return None
    low, high = (limit / (limit + df2) for limit in limits if limit is not None)
    return low, high


def _noncentrality(F: float, df1: float, df2: float, probability: float) -> float | None:
    """The noncentrality at which P(F' <= F) is the probability; 0 when none is that small.

    Plain bisection on the distribution function: scipy's own inverse is good to 5 digits only.
    """
    if special.ncfdtr(df1, df2, 0.0, F) <= probability:
        return 0.0
    low, high = 0.0, 10.0
    while special.ncfdtr(df1, df2, high, F) > probability:
        low, high = high, high * 2
        if high > 1e7:
            return None
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if special.ncfdtr(df1, df2, middle, F) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
