"""Turn a fitted mixed model into what R prints: coefficients, variances, tests."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from assess.trends.anova import Status
from assess.trends.mixed import kenward_roger
from assess.trends.mixed.fitting import Fit, fit, lower
from assess.trends.mixed.likelihood import Point
from assess.trends.mixed.problem import Problem
from assess.trends.mixed.results import FixedEffect, MixedModel, TermTest, VarianceComponent
from assess.trends.mixed.satterthwaite import Uncertainty, f_test, uncertainty
from assess.trends.observations import Matrix
from assess.trends.significance import f_tail, finite, t_two_sided

SINGULAR = 1e-5
"""lme4::isSingular's limit for a theta that might as well be 0."""

Names = tuple[str, ...]
Test = Callable[[Matrix, Matrix], tuple[float, int, float] | None]


def solve(formula: str, problem: Problem, levels: Names, random: Matrix) -> MixedModel:
    """Fit and report. `levels` name the random effects as R does ("subject", or
    "subject:org", "org"); `random` turns our relative Cholesky factor into that of R's units."""
    restricted = fit(problem.reduced)
    point = restricted.point
    full = fit(restricted.reduced, restricted=False, start=point.theta)
    n, p = problem.reduced.n, len(point.fixed)
    known = uncertainty(point, n)
    factor = relative_factor(point.theta, random @ restricted.basis[: len(random), : len(random)])
    criterion = point.deviance + 2 * (n - p) * math.log(problem.scale)
    criterion -= 2 * float(np.linalg.slogdet(problem.fixed.back)[1])
    whole = full.point.deviance + 2 * n * math.log(problem.scale)
    return MixedModel(
        formula,
        Status.OK,
        nobs=n,
        singular=bool((np.diagonal(factor, axis1=1, axis2=2) < SINGULAR).any()),
        converged=restricted.converged and full.converged,
        fixed=_coefficients(problem, point, known),
        variance=_variances(levels, factor, problem.scale**2 * point.sigma2),
        reml_loglik=-criterion / 2,
        reml_criterion=criterion,
        ml_loglik=-whole / 2,
        anova_satterthwaite=_tests(problem, point, lambda rows, fixed: f_test(rows, fixed, known)),
        anova_kenward_roger=_adjusted_tests(problem, restricted),
    )


def relative_factor(theta: Matrix, random: Matrix) -> Matrix:
    """Cholesky factors of the random effects relative to σ, levels × q × q, in R's units."""
    if random.shape == (1, 1):
        return np.abs(theta)[:, None, None]
    given = random @ lower(theta)
    # A rotation makes it triangular again; the sign of a column is free.
    length = math.hypot(given[0, 0], given[0, 1])
    if length == 0:
        return np.array([[[0.0, 0.0], [0.0, math.hypot(given[1, 0], given[1, 1])]]])
    across = float(given[1] @ given[0]) / length
    down = abs(float(np.linalg.det(random)) * theta[0] * theta[2]) / length
    return np.array([[[length, 0.0], [across, down]]])


def _coefficients(problem: Problem, point: Point, known: Uncertainty) -> tuple[FixedEffect, ...]:
    back = problem.fixed.back
    estimates = problem.scale * (back @ (problem.start + point.fixed))
    estimates[0] += problem.center
    variances = np.einsum("ra,ab,rb->r", back, known.covariance, back)
    errors = problem.scale * np.sqrt(variances)
    degrees = known.degrees(back)
    rows = zip(problem.fixed.names, estimates, errors, degrees, strict=True)
    return tuple(
        FixedEffect(
            name,
            float(estimate),
            float(error),
            finite(df),
            finite(estimate / error),
            t_two_sided(float(estimate / error), float(df)),
        )
        for name, estimate, error, df in rows
    )


def _adjusted_tests(problem: Problem, found: Fit) -> tuple[TermTest, ...] | None:
    known = kenward_roger.adjust(found.reduced, found.point)
    if known is None:
        return None
    sigma2 = found.point.sigma2
    return _tests(
        problem, found.point, lambda rows, fixed: kenward_roger.f_test(rows, fixed, sigma2, known)
    )


def _tests(problem: Problem, point: Point, test_of: Test) -> tuple[TermTest, ...]:
    fixed = problem.start + point.fixed
    found = []
    for term, contrasts in problem.fixed.tests:
        test = test_of(contrasts @ problem.fixed.back, fixed)
        if test is not None:
            F, df1, df2 = test
            found.append(TermTest(term, F, df1, finite(df2), f_tail(F, df1, df2)))
    return tuple(found)


def _variances(levels: Names, factors: Matrix, sigma2: float) -> tuple[VarianceComponent, ...]:
    """In lme4's order: level by level the variances, then the covariance, the residual last."""
    rows = []
    for level, factor in zip(levels, factors, strict=True):
        covariance = sigma2 * (factor @ factor.T)
        deviations = np.sqrt(np.diagonal(covariance))
        terms = ("(Intercept)", "t")[: len(factor)]
        for at, term in enumerate(terms):
            vcov, sd = float(covariance[at, at]), float(deviations[at])
            rows.append(VarianceComponent(level, term, "", vcov, sd))
        if len(factor) > 1:
            vcov, correlation = float(covariance[1, 0]), _correlation(factor)
            rows.append(VarianceComponent(level, terms[0], terms[1], vcov, correlation))
    rows.append(VarianceComponent("Residual", "", "", sigma2, math.sqrt(sigma2)))
    return tuple(rows)


def _correlation(factor: Matrix) -> float | None:
    """Of intercept and slope; None when one of them does not vary. Exactly ±1 when singular."""
    length = math.hypot(factor[1, 0], factor[1, 1])
    return None if factor[0, 0] == 0 or length == 0 else float(factor[1, 0]) / length
