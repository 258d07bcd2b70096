"""Scores and means of milestones without those that would tell what single people answered.

PURE + numpy. Levels that a team agreed on are no single person's, so none of this concerns them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from assess.program import OVERALL
from assess.rollup.table import Floats, Integers, LevelCounts, RollupTable
from assess.scoring import Basis
from assess.suppression import FEWEST_RATERS, SMALLEST_GROUP
from questionnaires.instrument import Instrument

Mask = NDArray[np.bool_]


def scores_of_many(
    table: RollupTable, instruments: Mapping[int, Instrument]
) -> tuple[Floats, Mask]:
    """Scores without those that rest on fewer than FEWEST_RATERS people, and whom they lack.

    Scores are assessments × `table.keys`; `table` holds levels, `instruments` are its
    questionnaires. An assessment of too few ratings loses all scores: the overall one and the other
    blocks would tell a single one. Data bundles leave out the same (research.bundle.building).
    """
    of_ratings: Mask = table.bases == table.basis_names.index(Basis.RATINGS.value)
    withheld = of_ratings & (table.raters < FEWEST_RATERS)
    scores = np.where(withheld[:, None], np.nan, table.scores)
    for version, part in table.levels.items():
        blocks = [block.id for block in instruments[version].blocks]
        columns = np.array([table.keys.index(one) for one in blocks], dtype=np.int64)
        rated = np.flatnonzero((of_ratings & ~withheld)[part.rows])
        most = _most_of_blocks(part, instruments[version], rated)
        scored = ~np.isnan(scores[np.ix_(part.rows[rated], columns)])
        for place in np.flatnonzero((scored & (most < FEWEST_RATERS)).any(axis=1)).tolist():
            row = part.rows[rated[place]]
            given = zip(blocks, most[place].tolist(), scored[place].tolist(), strict=True)
            for key in scores_of_few({one: count for one, count, has in given if has}):
                scores[row, table.keys.index(key)] = np.nan
                withheld[row] = True
    return scores, withheld


def scores_of_few(most: Mapping[str, int]) -> frozenset[str]:
    """The scores of one assessment to leave out: ids of blocks, and the overall one with all.

    `most` is, for every block with a score, by how many people its most rated milestone was given a
    level. One block alone would follow from the overall score: the next one goes with it.
    """
    hidden = {block for block, count in most.items() if count < FEWEST_RATERS}
    others = most.keys() - hidden
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda block: (most[block], block)))
    if hidden and hidden == most.keys():
        hidden.add(OVERALL)
    return frozenset(hidden)


def _most_of_blocks(part: LevelCounts, instrument: Instrument, rows: Integers) -> Integers:
    """These rows × blocks: how many gave a level to the milestone that most did."""
    given = part.counts[rows].sum(axis=2)
    columns = [
        given[:, [part.milestones.index(one.key) for one in block.milestones]].max(axis=1)
        for block in instrument.blocks
    ]
    return np.stack(columns, axis=1).astype(np.int64)


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
