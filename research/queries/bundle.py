"""Reads what a data bundle says about each assessment of a study, as stored. Three statements.

Agreed levels and counts of levels only: no notes, no reasons, no names, and of raters nothing but
how many chose each level (what may be shown of that is decided in research.bundle.milestones).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from assess.answers import AnswerState, AnswerValue
from assess.models import OVERALL, AgreedLevel, Assessment, BlockScore
from assess.queries.rollups import read_rollups
from assess.scoring import Basis
from core.db import db
from research.bundle.content import AssessmentReading, MilestoneReading
from research.study import Study

Counts = dict[int, dict[str, tuple[int, ...]]]


def read_assessments(study: Study) -> Iterator[AssessmentReading]:
    """Each assessment of the study, by its id."""
    clinics = sorted({one.clinic_id for one in study.assessments})
    slug = study.instrument.slug
    bases = {one.id: one.basis for one in study.assessments}
    scores, met = _scores(clinics, slug, bases)
    agreed = _agreed(clinics, slug, bases)
    counts = _counts(clinics, study)
    for key in sorted(bases):
        said, rated = agreed.get(key, {}), counts.get(key, {})
        yield AssessmentReading(
            assessment_id=key,
            scores=scores[key],
            met=met.get(key),
            milestones={
                one.key: MilestoneReading(said.get(one.key), rated.get(one.key, ()))
                for one in (study.instrument.milestones if said or rated else ())
            },
        )


def _scores(
    clinics: Sequence[int], slug: str, bases: dict[int, Basis]
) -> tuple[dict[int, dict[str, float]], dict[int, int]]:
    """Scores by block, and the number of milestones met, on the basis of the study."""
    rows = db.session.execute(
        select(
            BlockScore.assessment_id, BlockScore.block, BlockScore.basis, BlockScore.score,
            BlockScore.met,
        )
        .join(Assessment, Assessment.id == BlockScore.assessment_id)
        .where(Assessment.clinic_id.in_(clinics), Assessment.questionnaire == slug)
    )  # fmt: skip
    scores: dict[int, dict[str, float]] = defaultdict(dict)
    met: dict[int, int] = {}
    for key, block, basis, score, count in rows:
        if bases.get(key) != basis or score is None:
            continue
        scores[key][block] = score
        # imported scores have no milestones behind them that could have been met
        if block == OVERALL and basis != Basis.IMPORTED:
            met[key] = count
    return scores, met


def _agreed(
    clinics: Sequence[int], slug: str, wanted: dict[int, Basis]
) -> dict[int, dict[str, AnswerValue]]:
    rows = db.session.execute(
        select(
            AgreedLevel.assessment_id, AgreedLevel.milestone, AgreedLevel.state, AgreedLevel.level
        )
        .join(Assessment, Assessment.id == AgreedLevel.assessment_id)
        .where(Assessment.clinic_id.in_(clinics), Assessment.questionnaire == slug)
    )
    found: dict[int, dict[str, AnswerValue]] = defaultdict(dict)
    for key, milestone, state, level in rows:
        if key in wanted:
            found[key][milestone] = AnswerValue(AnswerState(state), level)
    return found


def _counts(clinics: Sequence[int], study: Study) -> Counts:
    """How many raters chose each level, lowest first, by assessment and milestone."""
    table = read_rollups(clinics, study.instrument.slug, Basis.RATINGS, with_levels=True)
    lengths = {one.key: len(one.scale.values()) for one in study.instrument.milestones}
    found: Counts = {}
    for part in table.levels.values():
        ids = table.assessment_ids[part.rows].tolist()
        for key, of_assessment in zip(ids, part.counts.tolist(), strict=True):
            found[key] = {
                milestone: tuple(levels[: lengths[milestone]])
                for milestone, levels in zip(part.milestones, of_assessment, strict=True)
                if milestone in lengths
            }
    return found
