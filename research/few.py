"""Scores and means of milestones without those that would tell what single people answered.

PURE + numpy. Levels that a team agreed on are no single person's, so none of this concerns them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from assess.rollup.table import Floats, Integers, LevelCounts, RollupTable
from assess.scoring import Basis
from assess.suppression import FEWEST_RATERS, SMALLEST_GROUP
from questionnaires.instrument import Instrument

Mask = NDArray[np.bool_]


def of_few_raters(table: RollupTable) -> Mask:
    """The assessments whose every score is the mean of fewer than FEWEST_RATERS ratings.

    All their scores go together: the overall one and the other blocks would tell a single one.
    """
    of_ratings = np.array([name == Basis.RATINGS for name in table.basis_names], dtype=bool)
    return of_ratings[table.bases] & (table.raters < FEWEST_RATERS)


def values_of_many(part: LevelCounts, instrument: Instrument, agreed: Mask) -> Floats:
    """Mean level, rows × milestones, NaN where fewer than SMALLEST_GROUP raters gave one.

    `instrument` is the questionnaire of `part`, `agreed` says which of its rows are levels that the
    team agreed on: those tell nothing about single people. The score of the block stands beside the
    means: where it would tell fewer than SMALLEST_GROUP levels, the milestone of the block with the
    fewest is left out with them. Data bundles leave out the same (research.bundle.milestones).
    """
    given = part.counts.sum(axis=2)
    few = given < SMALLEST_GROUP
    hidden = few.copy()
    for places in _blocks(part, instrument):
        told = np.where(few[:, places], given[:, places], 0).sum(axis=1)
        rows = np.flatnonzero((told > 0) & (told < SMALLEST_GROUP) & ~few[:, places].all(axis=1))
        others = np.where(few[:, places], np.iinfo(np.int64).max, given[:, places])
        hidden[rows, places[others[rows].argmin(axis=1)]] = True
    values = part.values()
    values[hidden & ~agreed[:, None]] = np.nan
    return values


def _blocks(part: LevelCounts, instrument: Instrument) -> Iterator[Integers]:
    """The columns of each block's milestones, by key: of equally few the first is left out."""
    for block in instrument.blocks:
        keys = sorted(one.key for one in block.milestones if one.key in part.milestones)
        if keys:
            yield np.array([part.milestones.index(key) for key in keys], dtype=np.int64)
