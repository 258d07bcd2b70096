"""Reads whether a finished rating puts everything at the top level: how many, never whose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import and_, func, or_, select

from assess.findings import MilestoneResult
from assess.flags import Flag, fewest_levels, team_flags
from assess.models import Answer, Rating
from assess.queries.heads import AssessmentHead
from assess.suppression import SMALLEST_GROUP
from core.db import db
from questionnaires.instrument import Instrument


def get_team_flags(head: AssessmentHead, results: Collection[MilestoneResult]) -> tuple[Flag, ...]:
    """Hints about a revealed assessment as a whole (one statement; none for a small team)."""
    top = _count_top_sheets(head) if head.finished >= SMALLEST_GROUP else 0
    return team_flags(results, head.finished, top)


def _count_top_sheets(head: AssessmentHead) -> int:
    at_top = [
        and_(Answer.milestone.in_(keys), Answer.level == top)
        for top, keys in _tops(head.instrument).items()
    ]
    sheets = (
        select(Answer.rating_id)
        .join(Rating, Rating.id == Answer.rating_id)
        .where(
            Rating.assessment_id == head.id,
            Rating.submitted_at.is_not(None),
            Answer.level.is_not(None),
        )
        .group_by(Answer.rating_id)
        .having(
            func.count() >= fewest_levels(head.instrument.milestones),
            func.count() == func.count().filter(or_(*at_top)),
        )
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(sheets)) or 0


def _tops(instrument: Instrument) -> dict[int, list[str]]:
    """Keys of the milestones by the highest value of their scale."""
    tops: dict[int, list[str]] = defaultdict(list)
    for milestone in instrument.milestones:
        tops[milestone.scale.maximum].append(milestone.key)
    return tops
