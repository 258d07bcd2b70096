"""Reads who rated which quarter, and what the same raters answered: for comparisons only."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from assess.answers import Answers, AnswerState, AnswerValue
from assess.models import Answer, Assessment, Rating, State
from assess.quarters import Quarter
from core.db import db
from research.raters import Sheet

MOST_CLINICS = 200
"""Beyond this many clinics the raters of a program are not compared: it would take too long."""


def list_sheets(clinic_ids: Sequence[int], questionnaire: str) -> tuple[Sheet, ...]:
    """Finished ratings of these clinics whose results are shown. One statement."""
    rows = db.session.execute(
        select(
            Rating.id, Assessment.clinic_id, Assessment.quarter,
            Assessment.questionnaire_version_id, Rating.person_id,
        )
        .join(Assessment, Assessment.id == Rating.assessment_id)
        .where(
            Assessment.clinic_id.in_(clinic_ids),
            Assessment.questionnaire == questionnaire,
            Assessment.state != State.OPEN,
            Rating.submitted_at.is_not(None),
        )
        .order_by(Assessment.clinic_id, Assessment.quarter, Rating.id)
    )  # fmt: skip
    quarters: dict[str, Quarter] = {}
    return tuple(
        Sheet(key, clinic, quarters.setdefault(text, Quarter.parse(text)), version, person)
        for key, clinic, text, version, person in rows
    )


def get_answers(ratings: Collection[int]) -> dict[int, Answers]:
    """The answers of these ratings, for means only: one rating never goes on a page.

    One statement; none without ratings.
    """
    found: dict[int, dict[str, AnswerValue]] = {}
    if not ratings:
        return {}
    rows = db.session.execute(
        select(Answer.rating_id, Answer.milestone, Answer.state, Answer.level).where(
            Answer.rating_id.in_(sorted(ratings))
        )
    )
    for rating, milestone, state, level in rows:
        found.setdefault(rating, {})[milestone] = AnswerValue(AnswerState(state), level)
    return dict(found)
