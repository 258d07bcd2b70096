"""Writes of the hot routes as few prebuilt statements: answers, their history, scores."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, insert, select, update

from accounts import wall
from assess.answers import AnswerState, StoredAnswer
from assess.models import OVERALL, Answer, AnswerChange, Assessment, BlockScore, Rating
from assess.rating.holding import RatingTarget
from assess.rating.merging import Change
from assess.rollup.making import Rollup, rollup_row
from assess.rollup.models import AssessmentRollup
from assess.scoring import AssessmentScores
from core import clock
from core.db import Base, db, inserting

_KEEP_CHANGE = insert(AnswerChange)
_SAYS_SOMETHING = (
    select(Answer.milestone)
    .where(Answer.rating_id == bindparam("finishing"), Answer.state != bindparam("unanswered"))
    .exists()
)
_FINISH = (
    update(Rating)
    .where(Rating.id == bindparam("finishing"), _SAYS_SOMETHING)
    .values(submitted_at=bindparam("now"))
    .returning(Rating.id)
)
_UNFINISH = (
    update(Rating)
    .where(Rating.id == bindparam("finishing"), ~_SAYS_SOMETHING)
    .values(submitted_at=None)
)


def store_changes(
    rating: RatingTarget,
    changes: Sequence[Change],
    person_id: int | None,
    request_key: str | None,
) -> None:
    """Put the new answers in place and keep the old ones as history (two statements)."""
    now = clock.now()
    owner = {
        "rating_id": rating.rating_id,
        "organization_id": rating.organization_id,
        "clinic_id": rating.clinic_id,
    }
    connection = db.session.connection()
    _put(
        connection,
        Answer,
        [
            owner
            | {
                "milestone": change.new.milestone,
                "state": change.new.value.state.value,
                "level": change.new.value.value,
                "note": change.new.note,
                "revision": change.new.revision,
                "answered_at": now,
            }
            for change in changes
        ],
    )
    history = {"person_id": person_id, "changed_at": now, "request_key": request_key}
    connection.execute(_KEEP_CHANGE, [owner | history | _change_row(change) for change in changes])


def finish(rating_id: int) -> bool:
    """Let a rating count from now on, unless nothing is answered in it (one statement)."""
    values = {
        "finishing": rating_id,
        "now": clock.now(),
        "unanswered": AnswerState.UNANSWERED.value,
    }
    return wall.execute(_FINISH, values).one_or_none() is not None


def unfinish_if_empty(rating_id: int) -> None:
    """Let a rating count no more whose last answer was taken away (one statement)."""
    values = {"finishing": rating_id, "unanswered": AnswerState.UNANSWERED.value}
    wall.execute(_UNFINISH, values)


def store_scores(
    assessment: Assessment, scores: Sequence[AssessmentScores], rollups: Sequence[Rollup]
) -> None:
    """Put the scores and rollups of an assessment in place, one set per basis (two statements)."""
    owner = {
        "assessment_id": assessment.id,
        "organization_id": assessment.organization_id,
        "clinic_id": assessment.clinic_id,
    }
    about = {
        "questionnaire": assessment.questionnaire,
        "questionnaire_version_id": assessment.questionnaire_version_id,
        "quarter": assessment.quarter,
    }
    connection = db.session.connection()
    _put(connection, BlockScore, [owner | row for one in scores for row in score_rows(one)])
    _put(connection, AssessmentRollup, [owner | about | rollup_row(one) for one in rollups])


def _change_row(change: Change) -> dict[str, Any]:
    old: StoredAnswer | None = change.old if change.old.revision else None
    return {
        "milestone": change.new.milestone,
        "revision": change.new.revision,
        "old_state": old.value.state.value if old else None,
        "old_level": old.value.value if old else None,
        "old_note": old.note if old else None,
        "new_state": change.new.value.state.value,
        "new_level": change.new.value.value,
        "new_note": change.new.note,
    }


def score_rows(scores: AssessmentScores) -> list[dict[str, Any]]:
    """The rows of models.BlockScore but for whose they are, the overall score last."""
    rows: list[dict[str, Any]] = [
        {
            "basis": scores.basis.value,
            "block": block.block,
            "score": block.score,
            "answered": block.answered,
            "milestones": block.milestones,
            "raters": block.raters,
            "sd": block.sd,
            "met": block.met,
        }
        for block in scores.blocks
    ]
    overall = {
        "basis": scores.basis.value,
        "block": OVERALL,
        "score": scores.overall,
        "answered": scores.milestones_answered,
        "milestones": scores.milestones,
        "raters": scores.raters,
        "sd": None,
        "met": scores.milestones_met,
    }
    return [*rows, overall]


def _put(connection: Connection, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert rows, or replace those of the same primary key, in one statement."""
    connection.execute(_put_statement(model, connection.dialect.name), rows)


@cache
def _put_statement(model: type[Base], dialect: str) -> Executable:
    statement = inserting(model, dialect)
    keys = [column.name for column in model.__table__.primary_key]
    kept = {
        column.name: statement.excluded[column.name]
        for column in model.__table__.columns
        if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=keys, set_=kept)
