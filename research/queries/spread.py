"""How the scores of the whole program spread, for people who may see one clinic of it.

This is the only read of a page that goes beyond the reach of whoever looks (core.tenancy), and it
is safe because of what it gives back, not because of who asks:

- quartiles only, rounded to what pages show: no score of any clinic, no number of clinics above or
  below, no rank, no name, no id;
- only where at least SMALLEST_SPREAD clinics have a score in the quarter, so that there are five
  others beside the clinic that is looked at, and none or three at least beside those of any one
  organization, whose coaches know them all;
- over all clinics, the same for everybody: there is nothing to subtract from what others see;
- real clinics and fictional ones of the demonstration never stand in one spread.

It reads in one place, with one statement, and nothing but numbers leaves this module.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import select

from accounts.models import Organization
from assess.models import Assessment, BlockScore, QuestionnaireVersion, State
from assess.quarters import Quarter
from assess.queries.scores import is_preferred
from core import tenancy
from core.db import db
from research.comparable import major

if TYPE_CHECKING:
    from research.quartiles import Quartiles


def get_spread(
    questionnaire: str, version: str, score: str, quarters: Collection[Quarter], *, is_demo: bool
) -> dict[Quarter, Quartiles]:
    """Quartiles of one score (overall or a block) in these quarters, where there are enough.

    Only answers to the same major version count. One statement, two more on PostgreSQL to open its
    row-level security for it and to close it again.
    """
    statement = (
        select(
            Assessment.quarter,
            QuestionnaireVersion.version,
            Assessment.organization_id,
            BlockScore.score,
        )
        .join(BlockScore, BlockScore.assessment_id == Assessment.id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assessment.questionnaire_version_id)
        .join(Organization, Organization.id == Assessment.organization_id)
        .where(
            Assessment.questionnaire == questionnaire,
            Assessment.state != State.OPEN,
            Assessment.quarter.in_([str(quarter) for quarter in quarters]),
            BlockScore.block == score,
            BlockScore.score.is_not(None),
            Organization.is_demo == is_demo,
            is_preferred(),
        )
    )
    from research.quartiles import quartiles_of  # numpy loads slowly

    with tenancy.everything_for_a_moment():
        rows = db.session.execute(statement).all()
    scores: dict[Quarter, list[tuple[int, float]]] = {}
    for quarter, answered, organization, value in rows:
        if value is not None and major(answered) == major(version):
            scores.setdefault(Quarter.parse(quarter), []).append((organization, value))
    return {
        quarter: found
        for quarter, values in scores.items()
        if (found := quartiles_of(values)) is not None
    }
