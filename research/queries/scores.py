"""Reads the scores of many assessments on the basis asked for, as columns. One statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from assess.models import Assessment, BlockScore, State
from assess.quarters import Quarter
from assess.queries.scores import is_preferred
from assess.scoring import Basis
from core.db import db
from research.scores import ScoreTable
from research.selection import Source


def read_scores(clinic_ids: Sequence[int], questionnaire: str, source: Source) -> ScoreTable:
    """All revealed scores of these clinics on the basis asked for. One statement."""
    rows = db.session.execute(
        select(
            Assessment.id, Assessment.clinic_id, Assessment.quarter,
            Assessment.questionnaire_version_id, BlockScore.basis, BlockScore.raters,
            BlockScore.block, BlockScore.score,
        )
        .join(BlockScore, BlockScore.assessment_id == Assessment.id)
        .where(
            Assessment.clinic_id.in_(clinic_ids),
            Assessment.questionnaire == questionnaire,
            Assessment.state != State.OPEN,
            BlockScore.score.is_not(None),
            _on(source),
        )
        .order_by(Assessment.quarter, Assessment.clinic_id, Assessment.id, BlockScore.block)
    ).all()  # fmt: skip
    return _table(rows)


def _on(source: Source) -> ColumnElement[bool]:
    match source:
        case Source.AGREED:
            return BlockScore.basis == Basis.AGREED
        case Source.RATINGS:
            return BlockScore.basis == Basis.RATINGS
    return is_preferred()


def _table(rows: Sequence[Any]) -> ScoreTable:
    import numpy as np  # the first trend of a process waits for it, no other page does

    places: dict[int, int] = {}
    heads: list[Any] = []
    for row in rows:
        if row[0] not in places:
            places[row[0]] = len(heads)
            heads.append(row)
    quarters = {text: at for at, text in enumerate(dict.fromkeys(row[2] for row in heads))}
    bases = {text: at for at, text in enumerate(dict.fromkeys(row[4] for row in heads))}
    values = {key: np.full(len(heads), np.nan) for key in {row[6] for row in rows}}
    for row in rows:
        values[row[6]][places[row[0]]] = row[7]

    def numbers(found: list[int]) -> Any:
        return np.array(found, dtype=np.int64)

    return ScoreTable(
        assessment_ids=numbers([row[0] for row in heads]),
        clinic_ids=numbers([row[1] for row in heads]),
        version_ids=numbers([row[3] for row in heads]),
        quarters=numbers([quarters[row[2]] for row in heads]),
        quarter_names=tuple(map(Quarter.parse, quarters)),
        bases=numbers([bases[row[4]] for row in heads]),
        basis_names=tuple(map(Basis, bases)),
        raters=numbers([row[5] for row in heads]),
        values=values,
    )
