"""Restricted and full maximum likelihood of a mixed model, with exact derivatives by theta.

σ² and the fixed effects are profiled out, as in Bates et al. (2015), Journal of Statistical
Software 67(1), eq. 34 and 42; theta are their relative Cholesky factors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assess.trends.mixed.blocks import Cross, Reduced, cross, weighted
from assess.trends.observations import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The deviance (−2 log-likelihood) at theta, its gradient (T) and Hessian (T × T).

    `fixed` are the coefficients, `inverse` is (X'V⁻¹X)⁻¹ and `inverse1` its derivatives by theta
    (T × p × p); `residual1` are the derivatives of the residual sum of squares, which is
    `sigma2` × (n − p), or × n for full maximum likelihood. `curvature` is the Hessian by theta at
    fixed σ².
    """

    theta: Matrix
    deviance: float
    gradient: Matrix
    hessian: Matrix
    curvature: Matrix
    fixed: Matrix
    inverse: Matrix
    inverse1: Matrix
    residual1: Matrix
    sigma2: float


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """The fixed effects at given variance ratios φ; three sums with two derivatives by φ each."""

    fixed: Matrix
    inverse: Matrix
    residual: tuple[float, Matrix, Matrix]
    log_det: tuple[float, Matrix, Matrix]


def evaluate(reduced: Reduced, theta: Matrix, *, restricted: bool = True) -> Point:
    """The deviance and all that follows from it at one theta; P − 1 columns are fixed effects."""
    turned = reduced.shape @ theta
    found = cross(reduced, turned @ theta)
    solved = _solve(found, restricted)
    residual, residual1, residual2 = solved.residual
    log_det, log1, log2 = solved.log_det
    p = len(solved.fixed)
    df = reduced.n - p if restricted else reduced.n
    sigma2 = residual / df
    slope = log1 + residual1 / sigma2
    bend = log2 + residual2 / sigma2
    profiled = bend - np.outer(residual1, residual1) * (df / residual**2)
    # From the variance ratios φ_j = θ' S_j θ to theta.
    to_theta = 2 * turned
    by_shape = 2 * weighted(slope, reduced.shape)
    moved = solved.inverse @ found.product1[:, :p, :p] @ solved.inverse
    return Point(
        theta=theta,
        deviance=log_det + df * (1 + math.log(math.tau * sigma2)) if sigma2 > 0 else math.inf,
        gradient=to_theta.T @ slope,
        hessian=to_theta.T @ profiled @ to_theta + by_shape,
        curvature=to_theta.T @ bend @ to_theta + by_shape,
        fixed=solved.fixed,
        inverse=solved.inverse,
        inverse1=-weighted(to_theta.T, moved),
        residual1=to_theta.T @ residual1,
        sigma2=sigma2,
    )


def _solve(found: Cross, restricted: bool) -> _Solved:
    p = len(found.product) - 1
    inverse: Matrix = np.linalg.inv(found.product[:p, :p]).astype(np.float64, copy=False)
    fixed = inverse @ found.product[:p, p]
    log_det = (found.log_det, found.log_det1, found.log_det2)
    if restricted:
        first, second = _log_det_fixed(found, inverse)
        value = float(np.linalg.slogdet(found.product[:p, :p])[1])
        log_det = (log_det[0] + value, log_det[1] + first, log_det[2] + second)
    return _Solved(fixed, inverse, _residual(found, inverse, np.append(-fixed, 1.0)), log_det)


def _residual(found: Cross, inverse: Matrix, inner: Matrix) -> tuple[float, Matrix, Matrix]:
    """The residual sum of squares, and its first and second derivatives by φ."""
    p = len(inverse)
    moved = found.product1 @ inner
    first = moved @ inner
    second = found.product2 @ inner @ inner - 2 * moved[:, :p] @ inverse @ moved[:, :p].T
    return float(inner @ found.product @ inner), first, second


def _log_det_fixed(found: Cross, inverse: Matrix) -> tuple[Matrix, Matrix]:
    """First and second derivatives of log|X'V⁻¹X| by φ."""
    p = len(inverse)
    moved = inverse @ found.product1[:, :p, :p]
    size = len(moved)
    # tr(AB) is the sum of products of A with B turned over; all here is symmetric.
    first = found.product1[:, :p, :p].reshape(size, -1) @ inverse.ravel()
    second = found.product2[:, :, :p, :p].reshape(size, size, -1) @ inverse.ravel()
    turned = moved.swapaxes(1, 2).reshape(size, -1)
    return first, second - moved.reshape(size, -1) @ turned.T
