"""Reads behind a change of a rating: what stands in it, what the scores rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import CompoundSelect, Integer, and_, bindparam, exists, literal, select, union_all

from accounts import wall
from assess.answers import Answers, AnswerState, AnswerValue, StoredAnswer
from assess.models import (
    AgreedLevel,
    Answer,
    AnswerChange,
    Assessment,
    Rating,
)
from core.db import db


def get_answers(rating_id: int) -> Mapping[str, StoredAnswer]:
    """All answers of one rating by milestone key."""
    rows = wall.execute(_ANSWERS, {"rating_id": rating_id})
    return MappingProxyType({row.milestone: _stored(row) for row in rows})


def get_stored(
    rating_id: int, milestones: Sequence[str], request_key: str | None
) -> tuple[Mapping[str, StoredAnswer], Mapping[str, StoredAnswer]]:
    """What stands at these milestones, and what this idempotency key put there (one statement)."""
    rows = wall.execute(
        _STORED,
        {
            "rating_id": rating_id,
            "milestones": list(milestones),
            # "" is nobody's key; None would find every change that came without one
            "request_key": request_key or "",
        },
    ).all()
    stored = {row.milestone: _stored(row) for row in rows}
    replayed = {
        row.milestone: StoredAnswer(
            row.milestone,
            AnswerValue(AnswerState(row.new_state), row.new_level),
            row.new_note,
            row.new_revision,
        )
        for row in rows
        if row.new_revision is not None
    }
    return stored, replayed


def get_score_sources(assessment_id: int) -> tuple[Sequence[Answers], Answers]:
    """Answers of every finished rating, and levels of a finished agreement (one statement)."""
    sources: dict[int | None, dict[str, AnswerValue]] = {}
    for row in db.session.execute(_SCORE_SOURCES, {"assessment_id": assessment_id}):
        value = AnswerValue(AnswerState(row.state), row.level)
        sources.setdefault(row.rating_id, {})[row.milestone] = value
    levels = sources.pop(None, {})
    return list(sources.values()), levels


def _stored(row: Any) -> StoredAnswer:
    value = AnswerValue(AnswerState(row.state), row.level)
    return StoredAnswer(row.milestone, value, row.note, row.revision)


def _score_sources_statement() -> CompoundSelect[Any]:
    rated = (
        select(Answer.rating_id, Answer.milestone, Answer.state, Answer.level)
        .join(Rating, Rating.id == Answer.rating_id)
        .where(Rating.assessment_id == bindparam("assessment_id"), Rating.submitted_at.is_not(None))
    )
    agreed = select(
        literal(None, Integer), AgreedLevel.milestone, AgreedLevel.state, AgreedLevel.level
    ).where(
        AgreedLevel.assessment_id == bindparam("assessment_id"),
        # while the team is still talking, its levels so far must not pass for the clinic's scores
        exists().where(
            Assessment.id == bindparam("assessment_id"), Assessment.agreed_at.is_not(None)
        ),
    )
    return union_all(rated, agreed)


# built once: putting a statement together costs more than running it
_ANSWERS = select(Answer.milestone, Answer.state, Answer.level, Answer.note, Answer.revision).where(
    Answer.rating_id == bindparam("rating_id")
)
_STORED = (
    select(
        Answer.milestone,
        Answer.state,
        Answer.level,
        Answer.note,
        Answer.revision,
        AnswerChange.new_state,
        AnswerChange.new_level,
        AnswerChange.new_note,
        AnswerChange.revision.label("new_revision"),
    )
    .outerjoin(
        AnswerChange,
        and_(
            AnswerChange.rating_id == Answer.rating_id,
            AnswerChange.milestone == Answer.milestone,
            AnswerChange.request_key == bindparam("request_key"),
        ),
    )
    .where(
        Answer.rating_id == bindparam("rating_id"),
        Answer.milestone.in_(bindparam("milestones", expanding=True)),
    )
    .order_by(AnswerChange.revision)
)
_SCORE_SOURCES = _score_sources_statement()
