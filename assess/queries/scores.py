"""The rule for which stored score of an assessment counts: agreed, then imported, then ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Case, ColumnElement, case, exists, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass

from assess.models import BlockScore
from assess.scoring import Basis
from core.db import db

PREFERRED = (Basis.AGREED, Basis.IMPORTED, Basis.RATINGS)


@dataclass(frozen=True, slots=True)
class StoredScore:
    """The score of one block (or "overall") of an assessment, unrounded; see models.BlockScore."""

    assessment_id: int
    block: str
    basis: Basis
    score: float | None
    answered: int
    milestones: int
    raters: int
    sd: float | None
    met: int


def scores_of(assessment_ids: Sequence[int]) -> dict[int, dict[str, StoredScore]]:
    """Scores by assessment and block, one each, of the preferred basis. One statement.

    An assessment without scores has an empty mapping.
    """
    found: dict[int, dict[str, StoredScore]] = {key: {} for key in assessment_ids}
    columns = (getattr(BlockScore, name) for name in StoredScore.__slots__)
    rows = db.session.execute(
        select(*columns)
        .where(BlockScore.assessment_id.in_(assessment_ids), is_preferred())
        .order_by(BlockScore.assessment_id, BlockScore.block)
    )
    for row in rows:
        values = {**row._mapping, "basis": Basis(row.basis)}
        found[row.assessment_id][row.block] = StoredScore(**values)
    return found


def is_preferred() -> ColumnElement[bool]:
    """SQL condition on BlockScore: no row of the same assessment and block has a better basis."""
    better = aliased(BlockScore)
    return ~exists().where(
        better.assessment_id == BlockScore.assessment_id,
        better.block == BlockScore.block,
        _rank(better) < _rank(BlockScore),
    )


def _rank(score: type[BlockScore] | AliasedClass[BlockScore]) -> Case[int]:
    places = {basis.value: place for place, basis in enumerate(PREFERRED)}
    return case(places, value=score.basis, else_=len(places))
