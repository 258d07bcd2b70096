"""Reduce a long table to the blocks of its mixed model: clinics, clinics with slopes, nested."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from assess.trends.mixed.blocks import Blocks, Reduced
from assess.trends.mixed.table import Codes, clinics_in_orgs, without_gaps
from assess.trends.observations import Matrix

INTERCEPT = np.ones((1, 1, 1))
"""φ = θ²: one variance."""

NESTED = np.array([[[1.0, 0], [0, 0]], [[0, 0], [0, 1.0]]])
"""φ = (θ₁², θ₂²): the clinic's and the organization's variance."""

SLOPE = np.array(
    [
        [[1.0, 0, 0], [0, 0, 0], [0, 0, 0]],
        [[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]],
        [[0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]],
    ]
)
"""φ = (a², ab, b² + c²): variances and covariance of the factor (a 0 / b c)."""


def random_intercept(columns: Matrix, subject: Codes) -> Reduced:
    """One level per clinic: V = I + φ 11' for each. `columns` is N × P, fixed effects and value."""
    codes, clinics = without_gaps(subject)
    sizes, means, within = _centered(columns, codes, clinics)
    kinds, of_clinic = np.unique(sizes, return_inverse=True)
    units = kinds.astype(np.float64)[None, :, None, None]
    scaled = means * np.sqrt(sizes)[:, None]
    moments = [scaled[of_clinic == kind] for kind in range(len(kinds))]
    blocks = Blocks(_counts(of_clinic), units, np.array([_products(part) for part in moments]))
    return _reduced(within, (blocks,), INTERCEPT, len(columns) - clinics)


def random_slope(columns: Matrix, subject: Codes, time: Codes, t: Matrix) -> Reduced:
    """A straight line of its own per clinic: V = I + Z Σ Z', Z = (1, t)."""
    codes, clinics = without_gaps(subject)
    sizes, means, within = _centered(columns, codes, clinics)
    _, mean_t, centered_t = _centered(t[:, None], codes, clinics)
    spread = np.sqrt(np.bincount(codes, centered_t[:, 0] ** 2))
    along = centered_t[:, 0] / np.where(spread > 0, spread, 1)[codes]
    slopes = _sums(within * along[:, None], codes, clinics)
    within = within - along[:, None] * slopes[codes]
    times, k = without_gaps(time)
    seen = np.zeros((clinics, k), dtype=bool)
    seen[codes, times] = True
    _, first, of_clinic = np.unique(
        np.packbits(seen, axis=1), axis=0, return_index=True, return_inverse=True
    )
    of_clinic = of_clinic.ravel()
    root = np.sqrt(sizes[first])
    down = np.stack([root, np.zeros_like(root)], axis=1)
    across = np.stack([root * mean_t[first, 0], spread[first]], axis=1)
    both = down[:, :, None] * across[:, None, :]
    units = np.stack([
        down[:, :, None] * down[:, None, :],
        both + both.swapaxes(1, 2),
        across[:, :, None] * across[:, None, :],
    ])  # fmt: skip
    directions = np.stack([means * np.sqrt(sizes)[:, None], slopes], axis=1)
    blocks = Blocks(_counts(of_clinic), units, _moments(directions, of_clinic, len(first)))
    free = len(columns) - clinics - int(np.count_nonzero(spread))
    return _reduced(within, (blocks,), SLOPE, free)


def in_units_of(reduced: Reduced, factor: Matrix) -> Reduced:
    """Intercepts and slopes in units of a 2 × 2 lower triangular factor: Σ = factor Σ' factor'.

    Each block is turned so that its first axis is the direction of the first unit: a block with
    one huge and one small variance is then inverted without loss.
    """
    (across, _), (along, down) = factor
    (blocks,) = reduced.blocks
    first, both, last = blocks.units
    units = np.stack([
        across**2 * first + across * along * both + along**2 * last,
        across * down * both + 2 * along * down * last,
        down**2 * last,
    ])  # fmt: skip
    kinds, columns = len(first), len(reduced.rest)
    turn = np.linalg.eigh(units[0])[1][:, :, ::-1]
    units = turn.swapaxes(1, 2) @ units @ turn
    units[0, :, 1, :] = units[0, :, :, 1] = 0.0
    moments = blocks.moments.reshape(kinds, 2, 2, -1)
    turned = np.einsum("bxa,byc,bxyz->bacz", turn, turn, moments)
    moments = turned.reshape(kinds * 4, columns * columns)
    return replace(reduced, blocks=(replace(blocks, units=units, moments=moments),))


def nested(columns: Matrix, subject: Codes, org: Codes) -> Reduced:
    """A level per clinic and one per organization: V = I + φ₁ (clinics) + φ₂ (organizations)."""
    codes, clinics = clinics_in_orgs(subject, org)
    sizes, means, within = _centered(columns, codes, clinics)
    org_of_clinic = np.zeros(clinics, dtype=np.intp)
    org_of_clinic[codes] = org
    # Clinics of one organization with the same number of assessments form one row of its block.
    rows, of_clinic = np.unique(
        np.column_stack([org_of_clinic, sizes]), axis=0, return_inverse=True
    )
    of_clinic = of_clinic.ravel()
    many, row_means, apart = _centered(means * np.sqrt(sizes)[:, None], of_clinic, len(rows))
    kinds, of_size = np.unique(sizes, return_inverse=True)
    parts = [_products(apart[of_size == kind]) for kind in range(len(kinds))]
    alone = np.bincount(of_size) - np.bincount(np.searchsorted(kinds, rows[:, 1]))
    units = np.stack([kinds, np.zeros_like(kinds)]).astype(np.float64)[:, :, None, None]
    scatter = Blocks(alone.astype(np.float64), units, np.array(parts))
    directions = row_means * np.sqrt(many)[:, None]
    by_org = _organizations(rows[:, 0], rows[:, 1].astype(np.float64), many, directions)
    return _reduced(within, (scatter, *by_org), NESTED, len(columns) - clinics)


def _organizations(org: Codes, size: Matrix, many: Matrix, directions: Matrix) -> list[Blocks]:
    """One block per organization, those with as many rows together."""
    _, start, q_of_org = np.unique(org, return_index=True, return_counts=True)
    found = []
    for q in np.unique(q_of_org):
        rows = start[q_of_org == q][:, None] + np.arange(q)[None, :]
        reach = np.sqrt(size[rows] * many[rows])
        clinic = size[rows][:, :, None] * np.eye(q)[None]
        units = np.stack([clinic, reach[:, :, None] * reach[:, None, :]])
        ones = np.arange(len(rows))
        moments = _moments(directions[rows], ones, len(rows))
        found.append(Blocks(np.ones(len(rows)), units, moments))
    return found


def _reduced(within: Matrix, blocks: tuple[Blocks, ...], shape: Matrix, free: int) -> Reduced:
    return Reduced(len(within), within.T @ within, blocks, shape, within, free)


def _centered(columns: Matrix, codes: Codes, levels: int) -> tuple[Matrix, Matrix, Matrix]:
    """How many rows each level has, their means, and the rows without them."""
    sizes = np.bincount(codes, minlength=levels)
    if len(codes) and bool((codes[1:] >= codes[:-1]).all()):  # clinic by clinic: much quicker
        sums = np.add.reduceat(columns, np.cumsum(sizes) - sizes, axis=0)
        means = sums / sizes[:, None]
        return sizes.astype(np.float64), means, columns - np.repeat(means, sizes, axis=0)
    means = _sums(columns, codes, levels) / sizes[:, None]
    return sizes.astype(np.float64), means, columns - means[codes]


def _sums(columns: Matrix, codes: Codes, levels: int) -> Matrix:
    return np.stack([np.bincount(codes, column, minlength=levels) for column in columns.T], axis=1)


def _counts(codes: Codes) -> Matrix:
    return np.bincount(codes).astype(np.float64)


def _products(rows: Matrix) -> Matrix:
    return np.asarray(rows.T @ rows, dtype=np.float64).ravel()


def _moments(directions: Matrix, kind: Codes, kinds: int) -> Matrix:
    """Sums over the clinics of each kind of the products of their q × P directions."""
    _, q, columns = directions.shape
    flat = directions.reshape(len(directions), -1)
    order = np.argsort(kind, kind="stable")
    edges = np.searchsorted(kind[order], np.arange(kinds + 1))
    sums = [flat[order[low:high]].T @ flat[order[low:high]] for low, high in pairwise(edges)]
    products = np.array(sums).reshape(kinds, q, columns, q, columns)
    return np.ascontiguousarray(products.transpose(0, 1, 3, 2, 4)).reshape(
        kinds * q * q, columns * columns
    )
