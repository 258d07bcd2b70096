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
