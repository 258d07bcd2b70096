"""What somebody who has just come in can do first in their clinic."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from assess.models import Assessment, Rating, State
from assess.quarters import Quarter
from core import clock
from core.db import db


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """`to_rate`: id of the newest open assessment the person has not finished, if any.

    `is_under_way`: something is open, or the present quarter has been rated already.
    """

    to_rate: int | None
    is_under_way: bool


def get_first_steps(clinic_id: int, person_id: int) -> FirstSteps:
    """The first steps of this person in this clinic (one statement)."""
    mine = and_(Rating.assessment_id == Assessment.id, Rating.person_id == person_id)
    present = str(Quarter.of(clock.today()))
    rows = db.session.execute(
        select(Assessment.id, Assessment.state, Rating.submitted_at)
        .outerjoin(Rating, mine)
        .where(
            Assessment.clinic_id == clinic_id,
            or_(Assessment.state == State.OPEN, Assessment.quarter == present),
        )
        .order_by(Assessment.quarter.desc(), Assessment.id)
    ).all()
    to_rate = [row.id for row in rows if row.state == State.OPEN and row.submitted_at is None]
    return FirstSteps(to_rate=to_rate[0] if to_rate else None, is_under_way=bool(rows))
