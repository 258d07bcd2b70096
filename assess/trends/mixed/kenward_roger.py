"""F tests after Kenward and Roger: variances are estimates themselves, and few clinics tell little.

Kenward & Roger (1997), Biometrics 53, 983-997, as R's pbkrtest has it (Halekoh & Højsgaard 2014,
Journal of Statistical Software 59(9)): the covariance of the coefficients is made larger by what
the variances are uncertain about, F is scaled, and df2 follows from its first two moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assess.trends.mixed.blocks import Cross, Reduced, cross
from assess.trends.mixed.likelihood import Point
from assess.trends.observations import Matrix

ALMOST_TWO = 0.1
"""So close to 2, df2 / (df2 − 2) says nothing, and F stays unscaled, as in pbkrtest."""


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """Covariance of the p coefficients, the larger one, and what links them to the V variances.

    `moved` (V × p × p) says how the covariance moves with each variance; `of_variances` (V × V) is
    the covariance of their estimates. All for σ² = 1: a ratio of variances does not depend on it.
    """

    covariance: Matrix
    adjusted: Matrix
    moved: Matrix
    of_variances: Matrix


def adjust(reduced: Reduced, point: Point) -> Adjusted | None:
    """From a restricted maximum-likelihood fit; None where the information has no inverse."""
    ratios = (reduced.shape @ point.theta) @ point.theta
    found = cross(reduced, ratios)
    phi = point.inverse
    first, second, traces = _by_variances(reduced.n, found, ratios, len(phi))
    moved = phi @ first @ phi
    # tr(Φ Q_ij) and tr(Φ P_i Φ P_j) for every two variances.
    of_second = second.reshape(*traces.shape, -1) @ phi.ravel()
    of_first = np.einsum("iab,jba->ij", moved, first)
    information = traces - 2 * of_second + of_first
    try:
        of_variances = 2 * np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return None
    pairs = second - first[:, None] @ phi @ first[None, :]
    spread = np.einsum("ij,ijab->ab", of_variances, pairs)
    adjusted = phi + 2 * phi @ spread @ phi
    return Adjusted(phi, (adjusted + adjusted.T) / 2, moved, of_variances)


def _by_variances(n: int, found: Cross, ratios: Matrix, p: int) -> tuple[Matrix, Matrix, Matrix]:
    """P_i (V × p × p), Q_ij (V × V × p × p) and tr(V⁻¹G_iV⁻¹G_j), the residual variance last.

    What is known are derivatives by the ratios φ of V = I + Σ φ_j U_j. The residual's G is I, and
    I = V − Σ φ_j U_j gives its products.
    """
    A, A1, A2 = (part[..., :p, :p] for part in (found.product, found.product1, found.product2))
    by_first, by_second = np.tensordot(ratios, A1, 1), np.tensordot(ratios, A2, 1)
    both = np.tensordot(ratios, by_second, 1)
    size = len(ratios)
    first = np.concatenate([A1, -(A + by_first)[None]])
    second = np.empty((size + 1, size + 1, p, p))
    second[:size, :size] = A2 / 2
    second[size, :size] = second[:size, size] = -A1 - by_second / 2
    second[size, size] = A + 2 * by_first + both / 2
    traces = np.empty((size + 1, size + 1))
    along = found.log_det2 @ ratios
    traces[:size, :size] = -found.log_det2
    traces[size, :size] = traces[:size, size] = found.log_det1 + along
    traces[size, size] = n - 2 * ratios @ found.log_det1 - ratios @ along
    return first, second, traces


def f_test(
    contrasts: Matrix, fixed: Matrix, sigma2: float, known: Adjusted
) -> tuple[float, int, float] | None:
    """Scaled F, df1 and df2 of contrasts @ fixed = 0; None when it has no finite value."""
    q = len(contrasts)
    middle = np.linalg.inv(contrasts @ known.covariance @ contrasts.T)
    theta = contrasts.T @ middle @ contrasts
    turned = theta @ known.moved
    first = turned.trace(axis1=1, axis2=2)
    A1 = first @ known.of_variances @ first
    A2 = np.sum(known.of_variances * np.einsum("iab,jba->ij", turned, turned))
    df2, scale = _moments(q, A1, A2)
    effect = contrasts @ fixed
    between = contrasts @ known.adjusted @ contrasts.T
    F = scale * float(effect @ np.linalg.solve(between, effect)) / (q * sigma2)
    return (F, q, df2) if math.isfinite(F) and math.isfinite(df2) and df2 > 0 else None


@np.errstate(divide="ignore", invalid="ignore")
def _moments(q: int, A1: np.float64, A2: np.float64) -> tuple[float, float]:
    """df2 and the factor of F, from the two sums of Kenward & Roger's section 3.2.

    A division by 0 is meant: df2 is exactly 4 where the last factor vanishes.
    """
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    base = 3 * q + 2 * (1 - g)
    V0, V1, V2 = 1 + g / base * B, 1 - (q - g) / base * B, 1 - (q + 2 - g) / base * B
    V0 = np.float64(0) if abs(V0) < 1e-10 else V0
    mean = 1 - A2 / q
    ratio = np.float64(1) if abs(mean) < 1e-14 and abs(V1) < 1e-14 else mean / V1
    rho = ratio**2 * V0 / V2 / q
    df2 = 4 + (q + 2) / (q * rho - 1)
    scale = 1.0 if abs(df2 - 2) < ALMOST_TWO else df2 * mean / (df2 - 2)
    return float(df2), float(scale)
