"""Scores of many clinics over the quarters, and what the program page would say about them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import select

from assess.models import Assessment, BlockScore, State
from assess.program import OVERALL, ClinicScore, analyse_program, default_quarters
from assess.quarters import Quarter
from assess.queries.scores import is_preferred
from assess.scoring import Basis
from core.db import db

# thousands of scores share a few quarters and bases
_quarter = lru_cache(maxsize=512)(Quarter.parse)
_basis = lru_cache(maxsize=len(Basis))(Basis)


def list_clinic_scores(clinic_ids: Sequence[int], questionnaire: str) -> tuple[ClinicScore, ...]:
    """All scores of these clinics from the reveal on, of the preferred basis. One statement."""
    rows = db.session.execute(
        select(
            Assessment.clinic_id,
            Assessment.quarter,
            BlockScore.block,
            BlockScore.score,
            BlockScore.basis,
        )
        .join(BlockScore, BlockScore.assessment_id == Assessment.id)
        .where(
            Assessment.clinic_id.in_(clinic_ids),
            Assessment.questionnaire == questionnaire,
            Assessment.state != State.OPEN,
            BlockScore.score.is_not(None),
            is_preferred(),
        )
        .order_by(Assessment.quarter, Assessment.clinic_id, BlockScore.block)
    )
    return tuple(
        ClinicScore(clinic_id, _quarter(quarter), block, score, _basis(basis))
        for clinic_id, quarter, block, score, basis in rows
        if score is not None
    )


def get_headline(clinic_ids: Sequence[int], questionnaire: str) -> str:
    """What the program page would say about these clinics, as text of a few lines.

    For commands that have just brought scores in. One statement.
    """
    from assess.trends import apa, report

    scores = list_clinic_scores(clinic_ids, questionnaire)
    quarters = default_quarters(scores)
    if not quarters:
        return "No overall scores yet, so there is no trend to show."
    program = analyse_program(scores, (), first=quarters[0], last=quarters[-1], block=OVERALL)
    analysis = program.analysis
    return "\n".join(
        (
            f"{quarters[0].label} to {quarters[-1].label}, overall score. "
            f"{report.change_sentence(program.observations, analysis)}",
            f"Repeated-measures ANOVA (same clinics): {apa.repeated_measures(analysis.rm_anova)}",
            "One-way ANOVA (treats every quarter as different clinics): "
            f"{apa.one_way(analysis.oneway_independent)}",
        )
    )
