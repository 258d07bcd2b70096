"""Reads the scores of many assessments on the basis asked for, as columns. One statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.scoring import Basis
from research.selection import Source

if TYPE_CHECKING:
    from assess.rollup.table import RollupTable
    from research.scores import Column, ScoreTable

BASIS_OF = {Source.BEST: None, Source.AGREED: Basis.AGREED, Source.RATINGS: Basis.RATINGS}


def read_scores(
    clinic_ids: Sequence[int],
    questionnaire: str,
    source: Source,
    *,
    with_milestones: bool = False,
    coded: bool = False,
) -> ScoreTable:
    """All revealed scores of these clinics on the basis asked for. One statement.

    With `coded`, for viewers who must not learn what single people answered, an assessment that was
    not agreed has scores, and a milestone of it a value, only where enough raters stand behind them
    (see research.few).
    """
    # numpy loads slowly: the first trend of a process waits for it, no other page does
    import numpy as np

    from assess.queries.rollups import read_rollups
    from research.few import scores_of_many
    from research.scores import ScoreTable

    with_levels = with_milestones or coded
    found = read_rollups(clinic_ids, questionnaire, BASIS_OF[source], with_levels=with_levels)
    milestones = _milestones(found, coded=coded) if with_milestones else {}
    scores, withheld = found.scores, np.zeros(len(found.assessment_ids), dtype=bool)
    if coded:
        texts = {version: get_instrument(version) for version in found.levels}
        scores, withheld = scores_of_many(found, texts)
    return ScoreTable(
        assessment_ids=found.assessment_ids,
        clinic_ids=found.clinic_ids,
        version_ids=found.version_ids,
        quarters=found.quarters,
        quarter_names=tuple(Quarter.parse(name) for name in found.quarter_names),
        bases=found.bases,
        basis_names=tuple(map(Basis, found.basis_names)),
        raters=found.raters,
        withheld=withheld,
        values=dict(zip(found.keys, scores.T, strict=True)) | milestones,
    )


def _milestones(found: RollupTable, *, coded: bool) -> dict[str, Column]:
    """Mean level of every milestone; versions with milestones of the same key share a column."""
    import numpy as np

    from research.few import values_of_many

    agreed = found.bases == found.basis_names.index(Basis.AGREED.value)
    columns: dict[str, Column] = {}
    for version, part in found.levels.items():
        values = (
            values_of_many(part, get_instrument(version), agreed[part.rows])
            if coded
            else part.values()
        )
        for place, key in enumerate(part.milestones):
            column = columns.setdefault(key, np.full(len(found.assessment_ids), np.nan))
            column[part.rows] = values[:, place]
    return columns
