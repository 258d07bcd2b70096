"""Agreement within one subject: how much less its raters differ than if they had guessed.

r_wg = 1 - variance of the ratings / variance of a rectangular distribution, (A² - 1) / 12 for A
levels: James, Demaree & Wolf (1984), Journal of Applied Psychology 69, 85-98. The variance has
n - 1 below it. Where the ratings differ more than guesses would, the value is cut off at 0, as
James et al. recommend and R's multilevel::rwg does; `more_than_chance` names those subjects, so
that "0" is not mistaken for "exactly as much as chance".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assess.agreement.table import RatingTable
from assess.trends.anova import Status
from assess.trends.observations import Matrix


@dataclass(frozen=True, slots=True)
class WithinGroup:
    """r_wg of every subject in the table's order, [0, 1]; None where fewer than two rated it.

    `raters` counts the ratings of each, `variances` are theirs (0 below two ratings).
    """

    status: Status
    reason: str | None = None
    levels: int | None = None
    per_unit: tuple[float | None, ...] | None = None
    raters: tuple[int, ...] | None = None
    variances: tuple[float, ...] | None = None
    mean: float | None = None
    median: float | None = None
    more_than_chance: tuple[str, ...] | None = None


def within_group(table: RatingTable, levels: int | None) -> WithinGroup:
    """r_wg of each subject on a scale of `levels` categories that lie 1 apart."""
    if levels is None:
        return WithinGroup(
            Status.NOT_ESTIMABLE, "the number of levels is not known; give it with --levels"
        )
    if levels < 2:
        return WithinGroup(Status.NOT_ESTIMABLE, "a scale has two levels at least", levels)
    if not table.subjects:
        return WithinGroup(Status.NOT_ESTIMABLE, "no values", levels)
    span = float(np.nanmax(table.values) - np.nanmin(table.values))
    if span > levels - 1:
        reason = f"the values are {span:g} apart, which {levels} levels cannot be"
        return WithinGroup(Status.NOT_ESTIMABLE, reason, levels)
    counts, variances = _variances(table.values)
    expected = (levels**2 - 1) / 12
    per_unit = tuple(
        max(0.0, 1 - float(variance) / expected) if count > 1 else None
        for count, variance in zip(counts, variances, strict=True)
    )
    known = [one for one in per_unit if one is not None]
    if not known:
        return WithinGroup(
            Status.NOT_ESTIMABLE, "no subject has two ratings", levels, per_unit, _whole(counts)
        )
    return WithinGroup(
        Status.OK, None, levels, per_unit, _whole(counts),
        tuple(float(variance) for variance in variances),
        float(np.mean(known)), float(np.median(known)),
        tuple(
            subject
            for subject, variance in zip(table.subjects, variances, strict=True)
            if variance > expected * (1 + 1e-12)
        ),
    )  # fmt: skip


def _variances(values: Matrix) -> tuple[Matrix, Matrix]:
    """How many ratings each row has, and their variance (n - 1 below); 0 below two ratings."""
    given = ~np.isnan(values)
    counts = given.sum(axis=1).astype(np.float64)
    # centered on a value of the row first, so that a large offset costs no digits
    near = np.where(given, values - np.nanmin(values, axis=1, keepdims=True), 0.0)
    means = near.sum(axis=1) / counts
    squares = np.where(given, (near - means[:, None]) ** 2, 0.0).sum(axis=1)
    return counts, squares / np.maximum(counts - 1, 1)


def _whole(counts: Matrix) -> tuple[int, ...]:
    return tuple(int(count) for count in counts)
