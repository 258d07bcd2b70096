"""Reads of how answers changed: all of one's own, and of a team only how many after the reveal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from assess.answers import AnswerState, AnswerValue
from assess.models import AnswerChange, Assessment, Rating
from assess.suppression import SMALLEST_GROUP
from core.db import db


@dataclass(frozen=True, slots=True)
class Step:
    """One time that an answer was saved; `before` is None for the first."""

    before: AnswerValue | None
    after: AnswerValue
    changed_at: datetime

    @property
    def is_of_note(self) -> bool:
        """Whether the level stayed and only the evidence changed."""
        return self.before == self.after


@dataclass(frozen=True, slots=True)
class LateChanges:
    """How many raters gave another answer after the reveal, by milestone; never who or which."""

    by_milestone: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_milestone.values())


def get_history(rating_id: int) -> dict[str, list[Step]]:
    """How each answer of one sheet came about, by milestone, the oldest first (one statement).

    Changes of the evidence alone count once in a row. For the sheet's own rater only.
    """
    rows = db.session.execute(
        select(
            AnswerChange.milestone,
            AnswerChange.old_state,
            AnswerChange.old_level,
            AnswerChange.new_state,
            AnswerChange.new_level,
            AnswerChange.changed_at,
        )
        .where(AnswerChange.rating_id == rating_id)
        .order_by(AnswerChange.id)
    )
    history: dict[str, list[Step]] = {}
    for row in rows:
        before = AnswerValue(AnswerState(row.old_state), row.old_level) if row.old_state else None
        after = AnswerValue(AnswerState(row.new_state), row.new_level)
        step = Step(before, after, row.changed_at)
        steps = history.setdefault(row.milestone, [])
        if steps and step.is_of_note and steps[-1].is_of_note:
            steps[-1] = step
        else:
            steps.append(step)
    return history


def get_late_changes(assessment_id: int) -> LateChanges:
    """Answers of finished ratings that were changed or added after the reveal (one statement).

    Nothing is counted below SMALLEST_GROUP finished ratings: whose it was could be guessed.
    """
    finished = (
        select(func.count())
        .select_from(Rating)
        .where(Rating.assessment_id == assessment_id, Rating.submitted_at.is_not(None))
        .scalar_subquery()
    )
    change = AnswerChange
    rows = db.session.execute(
        select(change.milestone, func.count(change.rating_id.distinct()))
        .join(Rating, Rating.id == change.rating_id)
        .join(Assessment, Assessment.id == Rating.assessment_id)
        .where(
            Rating.assessment_id == assessment_id,
            Rating.submitted_at.is_not(None),
            change.changed_at > Assessment.revealed_at,
            or_(
                change.old_state.is_distinct_from(change.new_state),
                change.old_level.is_distinct_from(change.new_level),
            ),
            finished >= SMALLEST_GROUP,
        )
        .group_by(change.milestone)
        .order_by(change.milestone)
    )
    return LateChanges({row[0]: row[1] for row in rows})
