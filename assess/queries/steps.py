"""Reads what was done with an assessment as a whole, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.models import Person
from assess.following.models import AssessmentStep
from assess.models import Assessment
from core.db import db


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done with the assessment; `who` is empty when nobody signed in did it."""

    name: str
    reason: str
    who: str
    at: datetime


def list_steps(assessment_id: int) -> Sequence[Step]:
    """What was done with the assessment, oldest first (one statement).

    What came before steps were kept is told by the moments that the assessment has.
    """
    rows = db.session.execute(
        select(
            AssessmentStep.step,
            AssessmentStep.reason,
            AssessmentStep.at,
            Person.name,
            Assessment.opened_at,
            Assessment.revealed_at,
            Assessment.agreed_at,
            Assessment.closed_at,
        )
        .select_from(Assessment)
        .outerjoin(AssessmentStep, AssessmentStep.assessment_id == Assessment.id)
        .outerjoin(Person, Person.id == AssessmentStep.person_id)
        .where(Assessment.id == assessment_id)
        .order_by(AssessmentStep.at, AssessmentStep.id)
    ).all()
    kept = [Step(row.step, row.reason, row.name or "", row.at) for row in rows if row.step]
    names = {one.name for one in kept}
    for name in ("opened", "revealed", "agreed", "closed"):
        moment = getattr(rows[0], f"{name}_at") if rows else None
        if name not in names and moment is not None:
            kept.insert(0, Step(name, "", "", moment))
    return sorted(kept, key=lambda one: one.at)
