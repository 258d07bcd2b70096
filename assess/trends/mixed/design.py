"""The fixed effects of a mixed model: their columns, their names in R, and what is tested.

Time is centered and scaled before it becomes a column, so that years or offsets of a billion cost
no digits; `back` turns the coefficients into those of the time as it was given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assess.trends.mixed.table import Codes, without_gaps
from assess.trends.observations import Matrix

DEPENDENT = 1e-7
"""A column is dropped when less than this share of it is new, as lme4 does."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Times as (t − center) / scale, with mean 0 and mean square 1."""

    values: Matrix
    center: float
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class FixedDesign:
    """N × p columns; `back` is p × p: coefficients as R names them = back @ ours.

    `tests` are Type III hypotheses on R's coefficients: a term and its contrasts (rows × p).
    """

    columns: Matrix
    back: Matrix
    names: tuple[str, ...]
    tests: tuple[tuple[str, Matrix], ...]


NO_TIME = Scaled(np.zeros(0), 0.0, 1.0)


def scaled(t: Matrix) -> Scaled:
    """Times with mean 0 and mean square 1; scale 1 when all are the same."""
    center = float(t[0] + (t - t[0]).mean())
    moved = t - center
    scale = float(np.sqrt((moved * moved).mean())) or 1.0
    return Scaled(moved / scale, center, scale)


def linear_time(time: Scaled) -> FixedDesign:
    """value ~ t: an intercept (at t = 0) and the change per unit of time."""
    columns = np.column_stack([np.ones(len(time.values)), time.values])
    back = np.array([[1.0, -time.center / time.scale], [0.0, 1 / time.scale]])
    return FixedDesign(columns, back, ("(Intercept)", "t"), (("t", np.array([[0.0, 1.0]])),))


def each_time(time: Codes) -> FixedDesign:
    """value ~ factor(time): every time compared with the first (treatment contrasts).

    All rows of the contrast say together that the means are equal. The df of an F test with
    several rows depend on how they are written: lmerTest has the rows of L' in X'X = L D L'.
    """
    codes, k = without_gaps(time)
    columns = np.zeros((len(codes), k))
    columns[np.arange(len(codes)), codes] = columns[:, 0] = 1.0
    names = ("(Intercept)", *(f"time{number}" for number in range(2, k + 1)))
    lower = np.linalg.cholesky(columns.T @ columns)
    contrasts = (lower / np.diagonal(lower)).T[1:]
    return FixedDesign(columns, np.eye(k), names, (("time", contrasts),))


def group_by_linear_time(group: Codes, time: Codes, t: Scaled) -> FixedDesign:
    """value ~ group * t with treatment contrasts; columns that bring nothing new are dropped."""
    codes, g = without_gaps(group)
    of_row, cells = without_gaps(codes * (int(time.max()) + 1) + time)
    example = np.zeros(cells, dtype=np.intp)
    example[of_row] = np.arange(len(of_row))
    member = (codes[example][:, None] == np.arange(g)[None, :]).astype(np.float64)
    steps = t.values[example][:, None]
    one = np.ones((cells, 1))
    treatment = np.hstack([one, member[:, 1:], steps, member[:, 1:] * steps])
    names = [f"group{number}" for number in range(2, g + 1)]
    names = ["(Intercept)", *names, "t", *(f"{name}:t" for name in names)]
    kept = new_columns(treatment)
    columns = treatment[:, kept]
    every = np.hstack([one, member, steps, member * steps])
    # Where the treatment columns stand among all: there the first group has columns of its own.
    own = [0, *range(2, g + 1), g + 1, *range(g + 3, 2 * g + 2)]
    return FixedDesign(
        columns[of_row],
        _back(g, kept, t),
        tuple(names[at] for at in kept),
        _tests(columns, every, [names[at] for at in kept], [own[at] for at in kept]),
    )


def new_columns(columns: Matrix) -> list[int]:
    """The columns, in order, that are no combination of those before them."""
    basis = np.zeros((len(columns), 0))
    kept = []
    for at in range(columns.shape[1]):
        column = columns[:, at]
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > DEPENDENT * float(np.linalg.norm(column)):
            basis = np.column_stack([basis, rest / length])
            kept.append(at)
    return kept


def _back(g: int, kept: list[int], time: Scaled) -> Matrix:
    # A column with t as given is center × (the same without t) + scale × (the same with ours).
    given = np.eye(2 * g)
    at = np.arange(g)
    given[at, g + at] = time.center
    given[g + at, g + at] = time.scale
    return np.asarray(np.linalg.inv(given[np.ix_(kept, kept)]), dtype=np.float64)


def _tests(
    columns: Matrix, every: Matrix, names: list[str], own: list[int]
) -> tuple[tuple[str, Matrix], ...]:
    """Type III: `t` at the plain mean of all groups that have a slope; the others as they are.

    The rule is that of SAS (Goodnight 1976), which R's lmerTest follows: a term that is contained
    in a higher one (t in group:t) is made orthogonal to it in the full set of columns, `every`,
    of which `own` are the ones with a coefficient. `group` is not contained in group:t, because
    that has a number (t) which `group` has not: it is tested at t = 0.
    """
    eye = np.eye(len(names))
    crossed = [at for at, name in enumerate(names) if name.endswith(":t")]
    groups = [at for at, name in enumerate(names) if name.startswith("group") and at not in crossed]
    found = [("group", eye[groups])]
    if "t" in names:
        basis = np.linalg.lstsq(columns, every, rcond=None)[0].T
        contrast, higher = basis[:, names.index("t")], basis[:, crossed]
        contrast = contrast - higher @ np.linalg.lstsq(higher, contrast, rcond=None)[0]
        found.append(("t", contrast[own][None, :]))
    if crossed:
        found.append(("group:t", eye[crossed]))
    return tuple(found)
