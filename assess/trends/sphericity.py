"""How far the repeated measures are from sphericity: Mauchly's test and the epsilon corrections.

All from the doubly centered residuals R (n × k) of the repeated-measures ANOVA: R'R/(n - 1) is the
covariance of the times with its row and column means removed, which is what every formula needs.
Residuals within g groups have n - g degrees of freedom instead of n - 1; that is all that differs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assess.trends.observations import Matrix
from assess.trends.significance import chi2_tail, finite


@dataclass(frozen=True, slots=True)
class Sphericity:
    """Greenhouse-Geisser and Huynh-Feldt epsilon, and Mauchly's W where it exists.

    `mauchly_p` is R's value; the two beside it are the first-order (SPSS) and Box's second-order
    approximation. They differ in the third digit. None with two times or too few clinics.
    """

    eps_gg: float
    eps_hf: float | None
    eps_hf_capped: float | None
    mauchly_W: float | None = None
    mauchly_chi2: float | None = None
    mauchly_df: int | None = None
    mauchly_p: float | None = None
    mauchly_p_box_second_order: float | None = None
    mauchly_p_chi2_first_order: float | None = None


def check_sphericity(residuals: Matrix, clinics: int | None = None) -> Sphericity:
    """Epsilons and Mauchly's test of doubly centered residuals with a nonzero sum of squares.

    `clinics` is one more than their degrees of freedom: their number, unless they are in groups.
    """
    rows, k = residuals.shape
    n = rows if clinics is None else clinics
    if k == 2:
        return Sphericity(1.0, 1.0, 1.0)
    scaled = residuals / np.abs(residuals).max()  # tiny values must not underflow when squared
    products = scaled.T @ scaled
    trace = float(np.trace(products))
    gg = min(1.0, trace**2 / ((k - 1) * float((products * products).sum())))
    hf = _huynh_feldt(gg, n, k)
    capped = max(1 / (k - 1), min(1.0, hf))
    if n < k:
        return Sphericity(gg, finite(hf), capped)
    return Sphericity(gg, finite(hf), capped, *_mauchly(products, n, k))


def _huynh_feldt(gg: float, n: int, k: int) -> float:
    """Huynh & Feldt (1976), uncapped; Lecoutre's (1991) form where n - 1 counts within groups."""
    if n == 2:
        return -2 / (k - 1)  # numerator and denominator are 0; this is what they always stand in
    above, below = n * (k - 1) * gg - 2, (k - 1) * (n - 1 - (k - 1) * gg)
    return above / below if abs(below) > 1e-9 else math.copysign(math.inf, above)


def _mauchly(
    products: Matrix, n: int, k: int
) -> tuple[float | None, float | None, int, float | None, float | None, float | None]:
    """W, chi-squared, df and the p-values: R's, Box's second order, first order."""
    q = k - 1
    contrasts = _orthonormal_contrasts(k)
    reduced = contrasts.T @ products @ contrasts
    df = q * (q + 1) // 2 - 1
    roots = np.linalg.eigvalsh(reduced)
    # Below this the matrix is singular as far as doubles can tell: W is 0 and chi-squared infinite.
    # R says so, too, where no rounding gets in (W = 0, p-value = 0).
    if roots[0] <= 1e-12 * roots[-1]:
        return 0.0, None, df, 0.0, 0.0, 0.0
    log_w = float(np.log(roots).sum() - q * np.log(roots.mean()))
    f = 1 - (2 * q**2 + q + 2) / (6 * q * (n - 1))
    chi2 = max(0.0, -(n - 1) * f * log_w)
    first, fourth = chi2_tail(chi2, df), chi2_tail(chi2, df + 4)
    if first is None or fourth is None or f <= 0:
        return finite(math.exp(log_w)), finite(chi2), df, None, None, first

    def second_order(last_term: int) -> float:
        top = (q + 2) * (q - 1) * (q - 2) * (2 * q**3 + 6 * q**2 + last_term + 2)
        p = first + top / (288 * ((n - 1) * q * f) ** 2) * (fourth - first)
        return min(1.0, max(0.0, p))

    # Box (1949) has 3q here; R's mauchly.test has 3k. Both are given, and differ little.
    return finite(math.exp(log_w)), chi2, df, second_order(3 * k), second_order(3 * q), first


def _orthonormal_contrasts(k: int) -> Matrix:
    """Helmert contrasts: k × (k - 1), columns of length 1, orthogonal to each other and to 1."""
    contrasts = np.zeros((k, k - 1))
    for column in range(1, k):
        contrasts[:column, column - 1] = 1.0
        contrasts[column, column - 1] = -column
        contrasts[:, column - 1] /= math.sqrt(column * (column + 1))
    return contrasts
