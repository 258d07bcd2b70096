"""Reads of how the job roles rated; counts only."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import and_, func, select

from assess.answers import AnswerState, AnswerValue
from assess.job_roles import (
    NOT_SAID,
    ByRole,
    MilestoneByRole,
    RoleCount,
    by_role,
    one_by_role,
)
from assess.models import Answer, Rating
from assess.queries.heads import AssessmentHead
from core.db import db
from questionnaires.instrument import Milestone


def get_results_by_role(head: AssessmentHead) -> ByRole:
    """How the job roles rated each milestone, small groups suppressed (two statements)."""
    role = func.coalesce(Rating.job_role, NOT_SAID)
    finished = (Rating.assessment_id == head.id, Rating.submitted_at.is_not(None))
    raters = db.session.execute(select(role, func.count()).where(*finished).group_by(role))
    counts = db.session.execute(
        select(Answer.milestone, role, Answer.state, Answer.level, func.count())
        .join(Rating, Rating.id == Answer.rating_id)
        .where(*finished)
        .group_by(Answer.milestone, role, Answer.state, Answer.level)
    )
    return by_role(
        head.instrument,
        {row[0]: row[1] for row in raters},
        [
            RoleCount(milestone, name, AnswerValue(AnswerState(state), level), count)
            for milestone, name, state, level, count in counts
        ],
    )


def get_milestone_by_role(assessment_id: int, milestone: Milestone) -> MilestoneByRole:
    """How the job roles rated one milestone, small groups suppressed (one statement).

    A rating without an answer to it counts for the size of its group all the same.
    """
    role = func.coalesce(Rating.job_role, NOT_SAID)
    answered = and_(Answer.rating_id == Rating.id, Answer.milestone == milestone.key)
    rows = db.session.execute(
        select(role, Answer.state, Answer.level, func.count(Rating.id))
        .outerjoin(Answer, answered)
        .where(Rating.assessment_id == assessment_id, Rating.submitted_at.is_not(None))
        .group_by(role, Answer.state, Answer.level)
    )
    raters: Counter[str] = Counter()
    counts = []
    for name, state, level, count in rows:
        raters[name] += count
        if state is not None:
            value = AnswerValue(AnswerState(state), level)
            counts.append(RoleCount(milestone.key, name, value, count))
    return one_by_role(milestone, raters, counts)
