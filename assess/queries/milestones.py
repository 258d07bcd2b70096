"""Reads what the raters of an assessment said of each milestone, as counts and without names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import func, select

from assess.answers import AnswerState, AnswerValue
from assess.findings import LevelCount, MilestoneResult
from assess.models import AgreedLevel, Answer, Assessment, Rating
from core.db import db
from questionnaires.instrument import Instrument, Milestone

Key = tuple[int, str]
Counts = Mapping[Key, Mapping[tuple[str, int | None], int]]
Agreed = Mapping[Key, tuple[AnswerValue, str]]


def get_milestone_results(
    assessment_id: int, last_id: int | None, instrument: Instrument
) -> Mapping[str, tuple[MilestoneResult, ...]]:
    """Results by block id, beside those of the assessment before, if any (three statements)."""
    ids = [assessment_id] if last_id is None else [assessment_id, last_id]
    counts = _answer_counts(ids)
    agreed = _agreed_levels(ids)
    notes = _notes(assessment_id)
    return MappingProxyType(
        {
            block.id: tuple(
                _milestone_result(milestone, assessment_id, last_id, counts, agreed, notes)
                for milestone in block.milestones
            )
            for block in instrument.blocks
        }
    )


def _milestone_result(
    milestone: Milestone,
    assessment_id: int,
    last_id: int | None,
    counts: Counts,
    agreed: Agreed,
    notes: Mapping[str, Sequence[str]],
) -> MilestoneResult:
    given = counts.get((assessment_id, milestone.key), {})
    level, rationale = agreed.get((assessment_id, milestone.key), (None, ""))
    return MilestoneResult(
        milestone=milestone,
        counts=tuple(
            LevelCount(value, milestone.scale.band_of(value).level, given.get(("level", value), 0))
            for value in milestone.scale.values()
        ),
        dont_know=given.get((AnswerState.DONT_KNOW.value, None), 0),
        not_applicable=given.get((AnswerState.NOT_APPLICABLE.value, None), 0),
        agreed=level,
        rationale=rationale,
        last=None if last_id is None else _value((last_id, milestone.key), counts, agreed),
        notes=tuple(notes.get(milestone.key, ())),
    )


def _value(key: Key, counts: Counts, agreed: Agreed) -> float | None:
    """The agreed level, else the mean of the levels given."""
    if key in agreed:
        return agreed[key][0].value
    levels = [
        (level, count) for (_, level), count in counts.get(key, {}).items() if level is not None
    ]
    raters = sum(count for _, count in levels)
    return sum(level * count for level, count in levels) / raters if raters else None


def _answer_counts(assessment_ids: Sequence[int]) -> Counts:
    """How many finished ratings gave each answer; nobody's sheet can be told from these."""
    rows = db.session.execute(
        select(Rating.assessment_id, Answer.milestone, Answer.state, Answer.level, func.count())
        .join(Rating, Rating.id == Answer.rating_id)
        .where(Rating.assessment_id.in_(assessment_ids), Rating.submitted_at.is_not(None))
        .group_by(Rating.assessment_id, Answer.milestone, Answer.state, Answer.level)
    )
    counts: dict[Key, dict[tuple[str, int | None], int]] = defaultdict(dict)
    for assessment_id, milestone, state, level, count in rows:
        counts[assessment_id, milestone][state, level] = count
    return counts


def _agreed_levels(assessment_ids: Sequence[int]) -> Agreed:
    rows = db.session.execute(
        select(
            AgreedLevel.assessment_id,
            AgreedLevel.milestone,
            AgreedLevel.state,
            AgreedLevel.level,
            AgreedLevel.rationale,
        )
        .join(Assessment, Assessment.id == AgreedLevel.assessment_id)
        .where(
            AgreedLevel.assessment_id.in_(assessment_ids),
            Assessment.agreed_at.is_not(None),  # before that the team is still talking
        )
    )
    return {
        (row.assessment_id, row.milestone): (
            AnswerValue(AnswerState(row.state), row.level),
            row.rationale,
        )
        for row in rows
    }


def _notes(assessment_id: int) -> Mapping[str, Sequence[str]]:
    """Evidence notes by milestone, in the order of their text so that no rater can be followed."""
    rows = db.session.execute(
        select(Answer.milestone, Answer.note)
        .join(Rating, Rating.id == Answer.rating_id)
        .where(
            Rating.assessment_id == assessment_id,
            Rating.submitted_at.is_not(None),
            Answer.note != "",
        )
        .order_by(Answer.milestone, Answer.note)
    )
    notes: dict[str, list[str]] = defaultdict(list)
    for milestone, note in rows:
        notes[milestone].append(note)
    return notes
