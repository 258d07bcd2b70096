"""Block scores of a past assessment: computed from its levels, or taken as the file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assess.history.cells import OVERALL, overall_of_blocks
from assess.history.reading import PastAssessment
from assess.rollup.making import Rollup, imported_rollup, rollups_of
from assess.scoring import score_assessment
from questionnaires.instrument import Instrument

IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Scored:
    """A past assessment, its score rows, the overall score last, and its rollup.

    `rows` are the fields of models.BlockScore but for the assessment and its owner.
    """

    past: PastAssessment
    rows: tuple[Mapping[str, Any], ...]
    rollup: Rollup


def score_past(instrument: Instrument, past: PastAssessment) -> Scored:
    """Score one past assessment."""
    if past.answers:
        return _from_answers(instrument, past)
    return _from_scores(instrument, past)


def _from_answers(instrument: Instrument, past: PastAssessment) -> Scored:
    scores = score_assessment(instrument, (), past.answers)
    basis = scores.basis.value
    rows = [
        _row(
            block.block,
            basis,
            block.score,
            answered=block.answered,
            milestones=block.milestones,
            met=block.met,
        )
        for block in scores.blocks
    ]
    overall = _row(
        OVERALL,
        basis,
        scores.overall,
        answered=scores.milestones_answered,
        milestones=scores.milestones,
        met=scores.milestones_met,
    )
    (rollup,) = rollups_of(instrument, (), past.answers, (scores,))
    return Scored(past, (*rows, overall), rollup)


def _from_scores(instrument: Instrument, past: PastAssessment) -> Scored:
    """Imported scores have no answers behind them: nothing is answered, nothing counts as met."""
    overall = past.scores.get(OVERALL, overall_of_blocks(instrument, past.scores))
    rows = [
        _row(block.id, IMPORTED, past.scores[block.id], milestones=len(block.milestones))
        for block in instrument.blocks
        if block.id in past.scores
    ]
    total = _row(OVERALL, IMPORTED, overall, milestones=len(instrument.milestones))
    return Scored(past, (*rows, total), imported_rollup(instrument, past.scores, overall))


def _row(
    block: str,
    basis: str,
    score: float | None,
    *,
    milestones: int,
    answered: int = 0,
    met: int = 0,
) -> dict[str, Any]:
    return {
        "block": block,
        "basis": basis,
        "score": score,
        "answered": answered,
        "milestones": milestones,
        "raters": 0,
        "sd": None,
        "met": met,
    }
