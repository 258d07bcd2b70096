"""Find the variances of a mixed model: Newton's method with exact derivatives, edges included.

Variances of 0 are found exactly. The deviance does not change when a column of the Cholesky factor
changes its sign, so theta may roam over negative numbers; at the edge (θ = 0) it is at rest, and is
a minimum when it curves upwards in every direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from assess.trends.mixed.blocks import Reduced
from assess.trends.mixed.likelihood import Point, evaluate
from assess.trends.mixed.reducing import INTERCEPT, NESTED, SLOPE, in_units_of
from assess.trends.observations import Matrix

STEPS = 200
REBASED = 30
FAR = 10.0
"""Beyond this many residual standard deviations slopes are measured in larger units."""
NEAR_EDGE = 0.05
"""Only a theta below this is compared with 0."""
SAME = 1e-6
"""Deviances that differ by less are taken for the same."""
SETTLED = 1e-18
"""A Newton step that would lower the deviance by less than this ends the search."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The optimum of a reduced table, and whether the search came to rest there.

    `basis` is 2 × 2 where clinics have slopes: their Cholesky factor in the units the search began
    with is basis @ the factor of `point.theta`, which belongs to `reduced`.
    """

    reduced: Reduced
    point: Point
    converged: bool
    basis: Matrix


def fit(reduced: Reduced, *, restricted: bool = True, start: Matrix | None = None) -> Fit:
    """The theta with the smallest deviance; `start` is a first guess, else the identity."""
    basis = np.eye(2)
    theta = _identity(reduced) if start is None else np.where(start == 0, 0.1, start)
    found = _search(reduced, theta, restricted)
    for _ in range(REBASED):
        if reduced.shape is not SLOPE or np.abs(found.point.theta).max() < FAR:
            break
        # Far out, intercepts and slopes that move together make a narrow valley; in units of what
        # was found so far it is wide again.
        factor = lower(found.point.theta)
        step = factor.copy()
        step[[0, 1], [0, 1]] = np.maximum(np.abs(np.diagonal(factor)), 1.0)
        reduced, basis = in_units_of(reduced, step), basis @ step
        inner = np.linalg.solve(step, factor)
        theta = np.array([inner[0, 0], inner[1, 0], inner[1, 1] or 0.1])
        found = _search(reduced, theta, restricted)
    return Fit(reduced, found.point, found.converged, basis)


def lower(theta: Matrix) -> Matrix:
    """The Cholesky factor (a 0 / b c) of intercept and slope."""
    return np.array([[theta[0], 0.0], [theta[1], theta[2]]])


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where a search ended."""

    point: Point
    converged: bool


def _search(reduced: Reduced, theta: Matrix, restricted: bool) -> Found:
    def at(theta: Matrix) -> Point:
        return evaluate(reduced, theta, restricted=restricted)

    everything = tuple(range(reduced.shape.shape[1]))
    best = _newton(at, theta, everything)
    for _ in range(3):
        if not _is_saddle(best.point):
            break
        best = _newton(at, _off_the_saddle(best.point), everything)
    # A search that lost itself may have done so along an edge.
    near = NEAR_EDGE if best.converged else 1.0
    for free in _edges(reduced, best.point.theta, near):
        edge = np.zeros(len(everything))
        edge[list(free)] = best.point.theta[list(free)]
        found = _newton(at, edge, free)
        worse = found.point.deviance > best.point.deviance + SAME
        if found.converged and not worse and not _is_saddle(found.point):
            best = found
    return best


def _newton(at: Callable[[Matrix], Point], theta: Matrix, free: tuple[int, ...]) -> Found:
    """Newton's method over the free components; always downhill, whatever the curvature."""
    point = at(theta)
    chosen = list(free)
    if not chosen:
        return Found(point, converged=True)
    for _ in range(STEPS):
        if np.abs(point.theta).max() > FAR and len(point.theta) == 3:
            break
        step, gain = _step(point, chosen)
        if gain < SETTLED * max(1.0, abs(point.deviance)):
            return Found(point, converged=True)
        found = _downhill(at, point, chosen, step, gain)
        if found is None:
            # What is left is the noise of the arithmetic.
            return Found(point, converged=gain < 1e-8)
        point = found
    return Found(point, converged=_step(point, chosen)[1] < 1e-8)


def _step(point: Point, free: list[int]) -> tuple[Matrix, float]:
    """The step against the gradient, and twice the decrease it promises."""
    gradient = point.gradient[free]
    values, vectors = np.linalg.eigh(point.hessian[np.ix_(free, free)])
    size = np.abs(values)
    step = -vectors @ ((vectors.T @ gradient) / np.maximum(size, 1e-12 * max(size.max(), 1e-12)))
    limit = 3 * max(1.0, float(np.linalg.norm(point.theta)))
    gain = float(-gradient @ step)
    return step * min(1.0, limit / max(float(np.linalg.norm(step)), 1e-300)), gain


def _downhill(
    at: Callable[[Matrix], Point], point: Point, free: list[int], step: Matrix, gain: float
) -> Point | None:
    noise = 1e-13 * max(1.0, abs(point.deviance))
    # Close to the optimum a shorter step would only read the noise of the arithmetic.
    for _ in range(40 if gain > 1e-7 else 1):
        theta = point.theta.copy()
        theta[free] += step
        found = at(theta)
        if found.deviance < point.deviance or (
            gain < 1e-6 and found.deviance <= point.deviance + noise
            and _step(found, free)[1] < gain
        ):  # fmt: skip
            return found
        step = step / 2
    return None


def _is_saddle(point: Point) -> bool:
    """Whether the deviance still falls in some direction although the gradient is 0."""
    values = np.linalg.eigvalsh(point.hessian)
    return bool(values[0] < -1e-9 * max(1.0, float(np.abs(values).max())))


def _off_the_saddle(point: Point) -> Matrix:
    vectors = np.linalg.eigh(point.hessian)[1]
    return np.asarray(point.theta + 0.1 * vectors[:, 0], dtype=np.float64)


def _identity(reduced: Reduced) -> Matrix:
    size = reduced.shape.shape[1]
    return np.array([1.0, 0.0, 1.0]) if size == 3 else np.ones(size)


def _edges(reduced: Reduced, theta: Matrix, near: float) -> Iterator[tuple[int, ...]]:
    """The edges near theta, as the components that stay free; the smallest edge last."""
    small = np.abs(theta) < near
    if reduced.shape is INTERCEPT:
        if small[0]:
            yield ()
    elif reduced.shape is NESTED:
        if small[0]:
            yield (1,)
        if small[1]:
            yield (0,)
        if small.all():
            yield ()
    else:
        if small[2]:
            yield (0, 1)
        if small[0] and small[1]:
            yield (2,)
        if small.all():
            yield ()
