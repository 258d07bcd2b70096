"""Reads what a data bundle says about each assessment of a study, as stored.

Agreed levels and counts of levels only: no notes, no reasons, no names, and of raters nothing but
how many chose each level (what may be shown of that is decided in research.bundle.milestones).
Millions of answers repeat a few values: each is kept once, and a few hundred clinics are read at a
time, so that a large program fits into a small server's memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sqlalchemy import select

from assess.answers import AnswerState, AnswerValue
from assess.models import OVERALL, AgreedLevel, Assessment, BlockScore
from assess.queries.rollups import read_rollups
from assess.scoring import Basis
from core.db import db
from research.bundle.content import AssessmentReading, MilestoneReading
from research.study import Study

Counts = dict[int, dict[str, tuple[int, ...]]]
AT_ONCE = 250


@lru_cache(maxsize=1000)
def _value(state: str, level: int | None) -> AnswerValue:
    return AnswerValue(AnswerState(state), level)


@lru_cache(maxsize=100_000)
def _once(counts: tuple[int, ...]) -> tuple[int, ...]:
    return counts


@lru_cache(maxsize=100_000)
def _reading(agreed: AnswerValue | None, counts: tuple[int, ...]) -> MilestoneReading:
    return MilestoneReading(agreed, counts)


def read_assessments(study: Study) -> Iterator[AssessmentReading]:
    """Each assessment of the study, clinic by clinic. Three statements for every 250 clinics."""
    clinics = sorted({one.clinic_id for one in study.assessments})
    for start in range(0, len(clinics), AT_ONCE):
        yield from _read(study, clinics[start : start + AT_ONCE])


def _read(study: Study, clinics: Sequence[int]) -> Iterator[AssessmentReading]:
    slug, milestones = study.instrument.slug, [one.key for one in study.instrument.milestones]
    chosen = frozenset(clinics)
    bases = {one.id: one.basis for one in study.assessments if one.clinic_id in chosen}
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
                name: _reading(said.get(name), rated.get(name, ()))
                for name in (milestones if said or rated else ())
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
            found[key][milestone] = _value(state, level)
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
                milestone: _once(tuple(levels[: lengths[milestone]]))
                for milestone, levels in zip(part.milestones, of_assessment, strict=True)
                if milestone in lengths
            }
    return found
