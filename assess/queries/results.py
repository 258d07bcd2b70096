"""Reads for the results page: a fixed number of statements, whatever the number of raters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, or_, select

from assess.findings import BlockResult, QuarterScores, Results
from assess.models import OVERALL, Assessment, BlockScore, QuestionnaireVersion, State
from assess.quarters import Quarter
from assess.queries.heads import AssessmentHead
from assess.queries.milestones import get_milestone_results
from assess.queries.scores import is_preferred
from assess.scoring import Basis
from core.db import db
from questionnaires.instrument import Instrument

QUARTERS_SHOWN = 12
"""How far back the history lines go: three years."""


def get_results(head: AssessmentHead) -> Results:
    """Scores, milestones and history of a revealed assessment (four statements)."""
    rows = _score_rows(head)
    history = _history(rows, head.instrument)
    earlier = [one for one in history if one.assessment_id != head.id]
    last = earlier[-1] if earlier and earlier[-1].comparable else None
    now = {row.block: row for row in rows if row.assessment_id == head.id}
    overall = now.get(OVERALL)
    return Results(
        quarter=head.quarter,
        basis=Basis(overall.basis) if overall else None,
        raters=head.finished,
        overall=overall.score if overall else None,
        met=overall.met if overall else 0,
        total=len(head.instrument.milestones),
        blocks=tuple(
            BlockResult(
                block=block,
                score=now[block.id].score if block.id in now else None,
                last=last.blocks.get(block.id) if last else None,
                answered=now[block.id].answered if block.id in now else 0,
                met=now[block.id].met if block.id in now else 0,
            )
            for block in head.instrument.blocks
        ),
        milestones=get_milestone_results(
            head.id, last.assessment_id if last else None, head.instrument
        ),
        history=history,
    )


def _score_rows(head: AssessmentHead) -> Sequence[Row[Any]]:
    """Block scores of this and earlier revealed quarters, of the best basis, oldest first."""
    shown = (
        select(Assessment.id, Assessment.quarter, QuestionnaireVersion.version)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assessment.questionnaire_version_id)
        .where(
            Assessment.clinic_id == head.clinic_id,
            Assessment.questionnaire == head.instrument.slug,
            Assessment.quarter <= str(head.quarter),
            or_(Assessment.state != State.OPEN, Assessment.id == head.id),
        )
        .order_by(Assessment.quarter.desc())
        .limit(QUARTERS_SHOWN)
        .subquery()
    )
    return db.session.execute(
        select(
            BlockScore.assessment_id,
            BlockScore.block,
            BlockScore.basis,
            BlockScore.score,
            BlockScore.answered,
            BlockScore.met,
            BlockScore.raters,
            shown.c.quarter,
            shown.c.version,
        )
        .join(shown, shown.c.id == BlockScore.assessment_id)
        .where(is_preferred())
        .order_by(shown.c.quarter, BlockScore.block, BlockScore.basis)
    ).all()


def _history(rows: Sequence[Row[Any]], instrument: Instrument) -> tuple[QuarterScores, ...]:
    by_quarter: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_quarter[row.quarter].append(row)
    return tuple(_quarter_scores(group, instrument) for _, group in sorted(by_quarter.items()))


def _quarter_scores(rows: Sequence[Row[Any]], instrument: Instrument) -> QuarterScores:
    first = next((row for row in rows if row.block == OVERALL), rows[0])
    scores = {row.block: row.score for row in rows}
    return QuarterScores(
        assessment_id=first.assessment_id,
        quarter=Quarter.parse(first.quarter),
        basis=Basis(first.basis),
        overall=scores.pop(OVERALL, None),
        blocks=MappingProxyType(scores),
        # the questionnaire's rule: another major version is not comparable
        comparable=_major(first.version) == _major(instrument.version),
        raters=first.raters,
    )


def _major(version: str) -> str:
    return version.split(".", 1)[0]
