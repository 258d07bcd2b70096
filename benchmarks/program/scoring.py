"""Block scores and rollups of a made program, by sums over arrays instead of answer by answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assess.models import OVERALL
from questionnaires import catalog

SLUG = "six_building_blocks"
Levels = NDArray[np.int64]


def insert_scores(
    connection: Any, basis: str, first: int, whose: Sequence[tuple[int, int]],
    names: Sequence[str], version: int, sources: Levels, sheets: Levels,
) -> None:  # fmt: skip
    """Store the scores of assessments numbered from `first`, as Blockwise would.

    `sources` (assessments × raters or 1 × milestones) are the levels scored, `sheets` the ratings.
    """
    instrument = catalog.get(SLUG)
    count, raters, _ = sheets.shape
    means = sources.mean(axis=1)
    blocks, start = [], 0
    rows: list[Sequence[Any]] = []
    for block in instrument.blocks:
        part = slice(start, start := start + len(block.milestones))
        scores = means[:, part].sum(axis=1) / len(block.milestones)
        own = (sheets[:, :, part].sum(axis=2) / len(block.milestones)).tolist()
        met = (means[:, part] >= block.scale.met).sum(axis=1)
        blocks.append(scores)
        rows += _score_rows(basis, block.id, first, whose, scores, len(block.milestones), raters,
                            [_spread(each) for each in own], met)  # fmt: skip
    table = np.array(blocks).T
    overall = np.array([math.fsum(row) / len(row) for row in table.tolist()])
    met = (means >= 4).sum(axis=1)
    rows += _score_rows(basis, OVERALL, first, whose, overall, means.shape[1], raters,
                        [None] * count, met)  # fmt: skip
    connection.executemany(
        "INSERT INTO block_score (assessment_id, organization_id, clinic_id, block, basis, score, "
        "answered, milestones, raters, sd, met) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    scores = np.column_stack([table, overall]).astype("<f8")
    counts = np.stack([(sources == level).sum(axis=1) for level in range(1, 5)], axis=2)
    packed = counts.astype("<u2")
    connection.executemany(
        "INSERT INTO assessment_rollup (assessment_id, organization_id, clinic_id, basis, "
        "questionnaire, questionnaire_version_id, quarter, is_preferred, raters, level_counts, "
        "scores) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (first + at, *whose[at], basis, SLUG, version, names[at], basis == "agreed", raters,
             packed[at].tobytes(), scores[at].tobytes())
            for at in range(count)
        ],
    )  # fmt: skip


def _spread(scores: Sequence[float]) -> float:
    """As assess.scoring has it, to the last bit."""
    mean = math.fsum(scores) / len(scores)
    return math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (len(scores) - 1))


def _score_rows(
    basis: str, block: str, first: int, whose: Sequence[tuple[int, int]], scores: Any,
    milestones: int, raters: int, spread: Sequence[float | None], met: Any,
) -> list[Sequence[Any]]:  # fmt: skip
    return [
        (first + at, *whose[at], block, basis, score, milestones, milestones, raters, sd, count)
        for at, (score, sd, count) in enumerate(
            zip(scores.tolist(), spread, met.tolist(), strict=True)
        )
    ]
