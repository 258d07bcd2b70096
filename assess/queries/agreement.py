"""Reads every level that the finished ratings of an assessment gave, without saying whose."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from assess.answers import AnswerState
from assess.models import Answer, Rating
from core.db import db


@dataclass(frozen=True, slots=True)
class LevelGiven:
    """One cell of the table of milestones and raters; `rater` is a number without meaning."""

    milestone: str
    rater: int
    level: int


def get_levels_given(assessment_id: int) -> tuple[LevelGiven, ...]:
    """All levels of finished ratings (one statement).

    For statistics only: a row of this table is one person's sheet and never goes on a page.
    """
    rows = db.session.execute(
        select(Answer.milestone, Answer.rating_id, Answer.level)
        .join(Rating, Rating.id == Answer.rating_id)
        .where(
            Rating.assessment_id == assessment_id,
            Rating.submitted_at.is_not(None),
            Answer.state == AnswerState.LEVEL,
        )
        .order_by(Answer.rating_id, Answer.milestone)
    ).all()
    numbers = {rating: place for place, rating in enumerate(dict.fromkeys(row[1] for row in rows))}
    return tuple(
        LevelGiven(key, numbers[rating], level) for key, rating, level in rows if level is not None
    )
