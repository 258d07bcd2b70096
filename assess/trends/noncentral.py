"""Confidence interval of partial eta squared: the noncentral F distribution, inverted.

Two values of the distribution function are at hand. `scipy.special.ncfdtr` is exact to 1e-13. R's
`pf` adds up Poisson-weighted beta probabilities until at most 1e-9 is missing (Lenth 1987, AS 226;
Frick 1990, AS R84), so its interval differs from the exact one by up to 2e-7 of a small limit. As
people compare their numbers with R's, we take the exact root and move it to where the sum, cut off
where R cuts it off, has the wanted probability. That changes no digit anybody prints.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

_MISSING = 1e-9  # what AS 226 leaves off at most
_START = 7.0  # standard deviations of the Poisson weights below their mean where the sum begins
_HIGHEST = 1e7


def partial_eta2_interval(
    F: float, df1: float, df2: float, level: float = 0.90
) -> tuple[float, float] | None:
    """Limits ncp / (ncp + df2) of the noncentralities that put F at the tails.

    Steiger (2004), Psychological Methods 9, 164-182. None when F is too extreme to invert.
    """
    tail = (1 - level) / 2
    low = _noncentrality(F, df1, df2, 1 - tail)
    high = _noncentrality(F, df1, df2, tail)
    if low is None or high is None:
        return None
    return low / (low + df2), high / (high + df2)


def _noncentrality(F: float, df1: float, df2: float, probability: float) -> float | None:
    """The noncentrality at which P(F' <= F) is the probability; 0 when none is that small.

    Plain bisection on the distribution function: scipy's own inverse is good to 5 digits only.
    """
    if special.ncfdtr(df1, df2, 0.0, F) <= probability:
        return 0.0
    low, high = 0.0, 10.0
    while special.ncfdtr(df1, df2, high, F) > probability:
        low, high = high, high * 2
        if high > _HIGHEST:
            return None
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if special.ncfdtr(df1, df2, middle, F) > probability:
            low = middle
        else:
            high = middle
    return _as_r_has_it((low + high) / 2, F, df1, df2, probability)


def _as_r_has_it(exact: float, F: float, df1: float, df2: float, probability: float) -> float:
    """One Newton step from the exact root to that of the sum that R cuts off."""
    below, slope = _cut_off_sum(F, df1, df2, exact)
    step = (probability - below) / slope if slope < 0 else 0.0
    return max(0.0, exact + step) if abs(step) < 1e-4 * max(1.0, exact) else exact


def _cut_off_sum(F: float, df1: float, df2: float, ncp: float) -> tuple[float, float]:
    """P(F' <= F) as R's pf adds it up, and its derivative in the noncentrality."""
    a, b, mean = df1 / 2, df2 / 2, ncp / 2
    x = df1 * F / (df1 * F + df2)
    first = math.floor(max(mean - _START * math.sqrt(mean), 0.0))
    terms = np.arange(first, mean + 8 * math.sqrt(mean) + 60)
    weights = np.exp(special.xlogy(terms, mean) - mean - special.gammaln(terms + 1))
    beta = special.betainc(a + np.arange(first, first + len(terms) + 1), b, x)
    missing = beta[1:] * (1 - np.cumsum(weights))
    last = 1 + int(np.argmax(missing[1:] <= _MISSING))  # the second term is always added
    kept, shares = weights[: last + 1], beta[: last + 2]
    return float(kept @ shares[:-1]), float(kept @ (shares[1:] - shares[:-1])) / 2
