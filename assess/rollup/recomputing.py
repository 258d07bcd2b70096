"""Derives scores and rollups again from the answers and mends what differs; the edge commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import class_mapper

from accounts.models import Clinic
from assess.answers import Answers, AnswerState, AnswerValue
from assess.models import AgreedLevel, Answer, Assessment, BlockScore, Rating, State
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.rating.saving import score_rows
from assess.rollup.comparing import Derived, derive, differences
from assess.rollup.making import rollup_row
from assess.rollup.models import AssessmentRollup
from assess.scoring import Basis
from core import audit
from core.db import db

_value = lru_cache(maxsize=1024)(lambda state, level: AnswerValue(AnswerState(state), level))


@dataclass(frozen=True, slots=True)
class Difference:
    """An assessment whose stored numbers were not what its answers say, line by line."""

    assessment_id: int
    clinic: str
    quarter: Quarter
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """All that is known of some assessments, each by assessment id."""

    ratings: Mapping[int, Mapping[int, Answers]]
    agreed: Mapping[int, Answers]
    scores: Mapping[int, Mapping[tuple[str, str], Mapping[str, Any]]]
    rollups: Mapping[int, Mapping[str, Mapping[str, Any]]]


def list_assessment_ids() -> tuple[int, ...]:
    """Every assessment, oldest first. One statement."""
    return tuple(db.session.scalars(select(Assessment.id).order_by(Assessment.id)))


def recompute(assessment_ids: Sequence[int], *, check: bool = False) -> tuple[Difference, ...]:
    """Derive these assessments afresh and name what differs; put it right unless `check`.

    They are held until the end of the transaction, so that nobody reveals or agrees meanwhile.
    Five statements, and four more when something is put right.
    """
    assessments = db.session.execute(
        select(*_columns_of(Assessment, _OF_ASSESSMENT), Clinic.name)
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .where(Assessment.id.in_(assessment_ids))
        .order_by(Assessment.id)
        .with_for_update(of=Assessment, key_share=True)
    ).all()
    found = _read(assessment_ids)
    differing: list[Difference] = []
    right: dict[int, Derived] = {}
    for row in assessments:
        now = _derive(row, found)
        was = Derived(found.scores.get(row.id, {}), found.rollups.get(row.id, {}))
        instrument = get_instrument(row.questionnaire_version_id)
        if lines := tuple(differences(instrument, was, now)):
            differing.append(Difference(row.id, row.name, Quarter.parse(row.quarter), lines))
            right[row.id] = now
            if not check:
                _note(row, len(lines))
    if right and not check:
        _put_right(right)
    return tuple(differing)


_OF_ASSESSMENT = (
    "id", "organization_id", "clinic_id", "questionnaire", "questionnaire_version_id", "quarter",
    "state", "source",
)  # fmt: skip


def _derive(row: Any, found: _Found) -> Derived:
    if row.state == State.OPEN:
        return Derived({}, {})  # nothing may be known before the reveal
    stored = found.scores.get(row.id, {})
    imported = {block: score for (basis, block), score in stored.items() if basis == Basis.IMPORTED}
    scores, rollups = derive(
        get_instrument(row.questionnaire_version_id),
        is_rated=row.source == "rated",
        ratings=list(found.ratings.get(row.id, {}).values()),
        agreed=found.agreed.get(row.id, {}),
        imported=imported,
    )
    owner = {name: getattr(row, name) for name in ("organization_id", "clinic_id")}
    about = {
        name: getattr(row, name)
        for name in ("questionnaire", "questionnaire_version_id", "quarter")
    }
    whose = owner | {"assessment_id": row.id}
    own = [whose | one for each in scores for one in score_rows(each)]
    own += [dict(one) | whose for one in imported.values()]
    return Derived(
        {(one["basis"], one["block"]): one for one in own},
        {one.basis.value: whose | about | rollup_row(one) for one in rollups},
    )


def _put_right(right: Mapping[int, Derived]) -> None:
    for model, rows in (
        (BlockScore, [row for one in right.values() for row in one.scores.values()]),
        (AssessmentRollup, [row for one in right.values() for row in one.rollups.values()]),
    ):
        db.session.execute(delete(model).where(model.assessment_id.in_(right)))
        if rows:
            db.session.execute(insert(model), rows)


def _note(row: Any, count: int) -> None:
    quarter = Quarter.parse(row.quarter).label
    audit.record(
        "scores.recomputed",
        subject=f"assessment {row.id}, {quarter}, of clinic {row.clinic_id}",
        organization_id=row.organization_id,
        after={"numbers put right": count},
    )


def _read(assessment_ids: Sequence[int]) -> _Found:
    ratings: dict[int, dict[int, dict[str, AnswerValue]]] = {}
    for row in db.session.execute(
        select(Rating.assessment_id, Answer.rating_id, Answer.milestone, Answer.state, Answer.level)
        .join(Answer, Answer.rating_id == Rating.id)
        .where(Rating.assessment_id.in_(assessment_ids), Rating.submitted_at.is_not(None))
    ):
        sheet = ratings.setdefault(row.assessment_id, {}).setdefault(row.rating_id, {})
        sheet[row.milestone] = _value(row.state, row.level)
    agreed: dict[int, dict[str, AnswerValue]] = {}
    for level in db.session.execute(
        select(
            AgreedLevel.assessment_id, AgreedLevel.milestone, AgreedLevel.state, AgreedLevel.level
        )
        .join(Assessment, Assessment.id == AgreedLevel.assessment_id)
        .where(AgreedLevel.assessment_id.in_(assessment_ids), Assessment.agreed_at.is_not(None))
    ):
        levels = agreed.setdefault(level.assessment_id, {})
        levels[level.milestone] = _value(level.state, level.level)
    scores: dict[int, dict[tuple[str, str], Mapping[str, Any]]] = {}
    for one in _rows(BlockScore, assessment_ids):
        scores.setdefault(one["assessment_id"], {})[one["basis"], one["block"]] = one
    rollups: dict[int, dict[str, Mapping[str, Any]]] = {}
    for one in _rows(AssessmentRollup, assessment_ids):
        rollups.setdefault(one["assessment_id"], {})[one["basis"]] = one
    return _Found(ratings, agreed, scores, rollups)


def _rows(
    model: type[BlockScore | AssessmentRollup], assessment_ids: Sequence[int]
) -> list[dict[str, Any]]:
    names = [column.key for column in class_mapper(model).column_attrs]
    found = select(*_columns_of(model, names)).where(model.assessment_id.in_(assessment_ids))
    return [dict(row._mapping) for row in db.session.execute(found)]


def _columns_of(model: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(model, name) for name in names]
