"""The data of a mixed model, reduced to what its likelihood needs, whatever the number of clinics.

With random effects the covariance of the values of one clinic is σ² (I + Z Σ Z'). In an orthonormal
basis of Z's columns that is a small block per clinic (1 × 1 for an intercept, 2 × 2 for intercept
and slope; for clinics in organizations one row per distinct number of assessments), and the
identity elsewhere. Clinics assessed at the same times have equal blocks, so only the sums of their
cross products are kept. All sums are of squares of centered numbers: nothing cancels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from assess.trends.observations import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """B kinds of blocks I + Σ_j φ_j units_j, each q × q, for J variance ratios φ.

    `count` (B) is how many there are of each kind, `units` is J × B × q × q, and `moments`
    (B q q) × (P P) has the sums of products of the P columns (fixed effects and value) along the
    q directions.
    """

    count: Matrix
    units: Matrix
    moments: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """What is left of N rows: `rest` (P × P) where no random effect reaches, and the blocks.

    `shape` is J × T × T: φ_j = θ' shape_j θ, the variance ratios as squares of what R calls theta.
    `within` (N × P) are the columns without the random effects' directions, `free` their number
    of dimensions.
    """

    n: int
    rest: Matrix
    blocks: tuple[Blocks, ...]
    shape: Matrix
    within: Matrix
    free: int


@dataclass(frozen=True, slots=True, eq=False)
class Cross:
    """Cross products X'V⁻¹X (P × P) and log|V|, with first and second derivatives by φ."""

    product: Matrix
    product1: Matrix
    product2: Matrix
    log_det: float
    log_det1: Matrix
    log_det2: Matrix


def less(reduced: Reduced, fixed: Matrix) -> Reduced:
    """The same with the value lessened by what these coefficients of the fixed effects say."""
    columns = len(reduced.rest)
    turn = np.eye(columns)
    turn[:-1, -1] = -fixed
    within = reduced.within @ turn
    blocks = []
    for block in reduced.blocks:
        moments = turn.T @ block.moments.reshape(-1, columns, columns) @ turn
        blocks.append(replace(block, moments=moments.reshape(-1, columns * columns)))
    return replace(reduced, rest=within.T @ within, blocks=tuple(blocks), within=within)


def cross(reduced: Reduced, ratios: Matrix) -> Cross:
    """Evaluate at the J variance ratios, which must form a positive semidefinite covariance."""
    parameters = len(ratios)
    columns = len(reduced.rest)
    total = np.zeros((1 + parameters + parameters * parameters, columns * columns))
    logs = np.zeros(1 + parameters + parameters * parameters)
    for blocks in reduced.blocks:
        kernels, log_dets = _scalar(blocks, ratios) if _is_scalar(blocks) else _full(blocks, ratios)
        total += kernels @ blocks.moments
        logs += log_dets
    products = total.reshape(-1, columns, columns)
    square = (parameters, parameters)
    return Cross(
        products[0] + reduced.rest,
        products[1 : 1 + parameters],
        products[1 + parameters :].reshape(*square, columns, columns),
        float(logs[0]),
        logs[1 : 1 + parameters],
        logs[1 + parameters :].reshape(square),
    )


def weighted(weights: Matrix, arrays: Matrix) -> Matrix:
    """The sum of the J arrays (J × …) with the last dimension of the weights (… × J)."""
    flat = weights @ arrays.reshape(len(arrays), -1)
    return np.asarray(flat.reshape(*weights.shape[:-1], *arrays.shape[1:]), dtype=np.float64)


def _is_scalar(blocks: Blocks) -> bool:
    return int(blocks.units.shape[-1]) == 1


def _scalar(blocks: Blocks, ratios: Matrix) -> tuple[Matrix, Matrix]:
    """Inverse of each 1 × 1 block and its derivatives, one per row; and the same of log|V|."""
    units = blocks.units[:, :, 0, 0]
    kernel = 1 / (1 + ratios @ units)
    first = units * kernel
    second = (first[:, None, :] * first[None, :, :]).reshape(-1, len(kernel))
    kernels = np.vstack([kernel[None, :], -first * kernel, 2 * second * kernel])
    log_dets = np.concatenate(
        [[-(np.log(kernel) @ blocks.count)], first @ blocks.count, -(second @ blocks.count)]
    )
    return kernels, log_dets


def _full(blocks: Blocks, ratios: Matrix) -> tuple[Matrix, Matrix]:
    """The same for q × q blocks."""
    parameters, kinds, q, _ = blocks.units.shape
    block = np.eye(q) + weighted(ratios, blocks.units)
    kernel = np.linalg.inv(block)
    first = kernel @ blocks.units
    pairs = first[:, None] @ first[None, :]
    second = (pairs + pairs.swapaxes(0, 1)) @ kernel
    kernels = np.concatenate([kernel[None], -first @ kernel, second.reshape(-1, kinds, q, q)])
    log_dets = np.concatenate(
        [
            [np.linalg.slogdet(block)[1] @ blocks.count],
            first.trace(axis1=2, axis2=3) @ blocks.count,
            -(pairs.trace(axis1=3, axis2=4) @ blocks.count).ravel(),
        ]
    )
    return kernels.reshape(1 + parameters + parameters**2, -1), log_dets
