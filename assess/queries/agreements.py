"""Reads what a team has agreed so far, with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from assess.answers import AnswerState, AnswerValue
from assess.meeting.agreeing import mark
from assess.models import AgreedLevel
from core.db import db


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreed level; `mark` changes whenever it is stored again."""

    value: AnswerValue
    rationale: str
    dissent: str
    mark: str


def get_agreements(assessment_id: int) -> Mapping[str, Agreement]:
    """Agreements by milestone key (one statement)."""
    rows = db.session.execute(
        select(
            AgreedLevel.milestone,
            AgreedLevel.state,
            AgreedLevel.level,
            AgreedLevel.rationale,
            AgreedLevel.dissent,
            AgreedLevel.agreed_at,
        ).where(AgreedLevel.assessment_id == assessment_id)
    )
    return {
        row.milestone: Agreement(
            value=AnswerValue(AnswerState(row.state), row.level),
            rationale=row.rationale,
            dissent=row.dissent,
            mark=mark(row.agreed_at),
        )
        for row in rows
    }
