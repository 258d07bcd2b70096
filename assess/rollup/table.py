"""Rollups of many assessments as arrays, so that an analysis of thousands of clinics is a sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class LevelCounts:
    """How many gave each level, in the assessments of one questionnaire version.

    `rows` are their rows in the table, `milestones` the keys and `minimums` the lowest levels of
    the scales in the order of the file. `counts` is rows × milestones × levels, the lowest level
    first; shorter scales are filled up with zeros.
    """

    rows: Integers
    milestones: tuple[str, ...]
    minimums: Integers
    counts: Counts

    def values(self) -> Floats:
        """Mean level, rows × milestones, NaN where nobody gave one; as scoring.milestone_value."""
        given = self.counts.sum(axis=2)
        # whole numbers, so that nothing is rounded
        total = self.counts @ np.arange(self.counts.shape[2]) + given * self.minimums
        means: Floats = np.full(given.shape, np.nan)
        np.divide(total, given, out=means, where=given > 0)
        return means


@dataclass(frozen=True, slots=True, eq=False)
class RollupTable:
    """One row per assessment, ordered by clinic and quarter; every clinic × quarter at most once.

    `quarters` and `bases` are places in `quarter_names` ("2026Q1", sorted) and `basis_names`.
    `scores` has one column for each of `keys`: the blocks of all versions, "overall" last; NaN is
    no score. `levels` is empty unless it was asked for; imported scores have none.
    """

    assessment_ids: Integers
    clinic_ids: Integers
    quarters: Integers
    quarter_names: tuple[str, ...]
    version_ids: Integers
    bases: Integers
    basis_names: tuple[str, ...]
    raters: Integers
    keys: tuple[str, ...]
    scores: Floats
    levels: Mapping[int, LevelCounts]

    def score(self, key: str) -> Floats:
        """One value per row of "overall" or a block; KeyError for anything else."""
        if key not in self.keys:
            raise KeyError(key)
        return self.scores[:, self.keys.index(key)]

    @property
    def clinics(self) -> tuple[int, ...]:
        """The clinics that have rows, ascending: the rows of `matrix`."""
        return tuple(np.unique(self.clinic_ids).tolist())

    def matrix(self, values: Floats) -> Floats:
        """One value per row of this table as clinics × quarters, NaN where there is no row."""
        places = np.unique(self.clinic_ids, return_inverse=True)[1]
        found = np.full((len(self.clinics), len(self.quarter_names)), np.nan)
        found[places, self.quarters] = values
        return found
