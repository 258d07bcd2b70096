"""Reads what a file of ratings is compared with before it is brought in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from assess.brought_in.bringing import earliest_day, is_brought_in
from assess.brought_in.checks import label_key
from assess.models import AnswerChange, Assessment, Rating
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Before:
    """The sheets that were brought in before: their label keys, and by origin their label."""

    labels: frozenset[str]
    origins: Mapping[str, str]
    earliest: date


def get_before(assessment_id: int) -> Before:
    """What was brought in so far, and the first day a sheet may bear (two statements).

    Raises NotFound.
    """
    assessment = db.session.get(Assessment, assessment_id)
    if assessment is None:
        raise NotFound("This assessment does not exist. Open it from your clinic's page.")
    rows = db.session.execute(
        select(Rating.label, AnswerChange.request_key)
        .distinct()
        .outerjoin(AnswerChange, AnswerChange.rating_id == Rating.id)
        .where(Rating.assessment_id == assessment_id, *is_brought_in())
        .order_by(Rating.label, AnswerChange.request_key)
    ).all()
    return Before(
        labels=frozenset(label_key(row.label) for row in rows),
        origins={row.request_key: row.label for row in rows if row.request_key},
        earliest=earliest_day(assessment),
    )
