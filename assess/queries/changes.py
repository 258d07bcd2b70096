"""Reads of how the answers of one sheet came about, for its own rater."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from assess.answers import AnswerState, AnswerValue
from assess.models import AnswerChange
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
