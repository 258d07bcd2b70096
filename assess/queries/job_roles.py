"""Reads for the page of results by job role; counts only, two statements."""

from __future__ import annotations

from sqlalchemy import func, select

from assess.answers import AnswerState, AnswerValue
from assess.job_roles import NOT_SAID, ByRole, RoleCount, by_role
from assess.models import Answer, Rating
from assess.queries.heads import AssessmentHead
from core.db import db


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
