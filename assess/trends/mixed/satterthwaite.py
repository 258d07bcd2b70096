"""Degrees of freedom after Satterthwaite, as R's lmerTest has them.

Kuznetsova, Brockhoff & Christensen (2017), Journal of Statistical Software 82(13); for contrasts
with several rows Fai & Cornelius (1996).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assess.trends.mixed.likelihood import Point
from assess.trends.observations import Matrix

NO_CURVATURE = 1e-8
"""Directions in which the deviance is this flat tell nothing and are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Covariance of the p coefficients, its derivatives by the variance parameters (V × p × p),
    and the covariance of these parameters (V × V): theta and log σ."""

    covariance: Matrix
    derivatives: Matrix
    of_parameters: Matrix

    def degrees(self, contrasts: Matrix) -> Matrix:
        """Degrees of freedom of each row of the contrasts (rows × p)."""
        variance = np.einsum("ra,ab,rb->r", contrasts, self.covariance, contrasts)
        gradient = np.einsum("ra,vab,rb->rv", contrasts, self.derivatives, contrasts)
        spread = np.einsum("rv,vw,rw->r", gradient, self.of_parameters, gradient)
        return np.asarray(2 * variance**2 / spread, dtype=np.float64)


def uncertainty(point: Point, n: int) -> Uncertainty:
    """From a restricted maximum-likelihood fit to n values."""
    size = len(point.theta)
    hessian = np.empty((size + 1, size + 1))
    hessian[:size, :size] = point.curvature
    hessian[size, :size] = hessian[:size, size] = -2 * point.residual1 / point.sigma2
    hessian[size, size] = 4 * (n - len(point.fixed))
    values, vectors = np.linalg.eigh(hessian)
    known = values > NO_CURVATURE
    inverse = (vectors[:, known] / values[known]) @ vectors[:, known].T
    covariance = point.sigma2 * point.inverse
    derivatives = np.concatenate([point.sigma2 * point.inverse1, 2 * covariance[None]])
    return Uncertainty(covariance, derivatives, 2 * inverse)


def f_test(contrasts: Matrix, fixed: Matrix, known: Uncertainty) -> tuple[float, int, float] | None:
    """F, df1 and df2 of the hypothesis contrasts @ fixed = 0; None when nothing is left to test."""
    values, vectors = np.linalg.eigh(contrasts @ known.covariance @ contrasts.T)
    kept = np.flatnonzero(values > np.sqrt(np.finfo(float).eps) * max(values.max(initial=0), 0))
    if not len(kept):
        return None
    rows = vectors[:, kept].T @ contrasts
    F = float(((rows @ fixed) ** 2 / values[kept]).mean())
    return F, len(kept), denominator(known.degrees(rows))


def denominator(degrees: Matrix) -> float:
    """One df2 from those of independent t tests (Fai & Cornelius 1996); 2 when one has 2 or less.

    The mean of such an F is the sum of those of its squared t: df / (df − 2) each.
    """
    if len(degrees) == 1 or np.ptp(degrees) < 1e-8:
        return float(degrees.mean())
    if degrees.min() <= 2:
        return 2.0
    total = float((degrees / (degrees - 2)).sum())
    return 2 * total / (total - len(degrees))
