"""Turns answers into block scores, without Flask or a database, exactly as the questionnaire says.

The rules, in the order they apply:

1. *Value of a milestone.* Basis `agreed`: the level the team agreed on. Basis `ratings`: the mean
   of the levels its raters gave. "Don't know" and silence carry no level and are left out.
2. *Not applicable.* A milestone leaves the block's denominator when the team agreed that it does
   not apply, or when at least one rater said so and no rater gave a level.
3. *Block score.* Mean (or median, or plain sum) of the values of its milestones, when at least
   `minimum_answered` of the milestones that apply have one; else none, never zero.
4. *Overall.* Mean of the block scores that exist, when at least half of the blocks have one; or,
   where the file says so, mean of all milestone values under the block rule of point 3.

Nothing is rounded here. Sums use math.fsum, so the order of raters and milestones cannot matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from assess.answers import UNANSWERED, Answers, AnswerState, AnswerValue
from questionnaires.instrument import Block, Instrument, Milestone


class Basis(StrEnum):
    """Where scores come from: the team's agreement, the separate ratings before it, or a file.

    IMPORTED scores have no answers behind them, so they are never computed here.
    """

    AGREED = "agreed"
    RATINGS = "ratings"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class BlockScore:
    """The score of one block and how much it rests on.

    `score` is on the questionnaire's scale, or None. `answered` of `milestones` have a value and
    `required` of them (a share, not rounded) were needed. `raters` gave at least one level in the
    block; `sd` is the standard deviation (n - 1) between the raters' own scores of the block,
    None under two of them. `met` counts the milestones at or above the level that counts as met.
    """

    block: str
    score: float | None
    answered: int
    required: float
    milestones: int
    raters: int
    sd: float | None
    met: int


@dataclass(frozen=True, slots=True)
class AssessmentScores:
    """All scores of one assessment on one basis; blocks in the questionnaire's order."""

    basis: Basis
    blocks: tuple[BlockScore, ...]
    overall: float | None
    milestones_met: int
    milestones_answered: int
    milestones: int
    raters: int

    def block(self, block_id: str) -> BlockScore:
        """The score of one block. Raises KeyError when the questionnaire has no such block."""
        for score in self.blocks:
            if score.block == block_id:
                return score
        raise KeyError(block_id)


def score_assessment(
    instrument: Instrument, ratings: Sequence[Answers], agreed: Answers | None = None
) -> AssessmentScores:
    """Score an assessment from its agreed levels when there are any, else from its ratings.

    `ratings` holds one mapping per rater. Spread and number of raters always come from them, also
    on the agreed basis. Raises ValueError for an answer that the questionnaire does not know.
    """
    _check(instrument, (*ratings, agreed or {}))
    basis = Basis.AGREED if agreed else Basis.RATINGS
    sources = [agreed] if agreed else ratings
    blocks = tuple(_score_block(instrument, block, sources, ratings) for block in instrument.blocks)
    return AssessmentScores(
        basis=basis,
        blocks=blocks,
        overall=_overall(instrument, blocks, sources),
        milestones_met=sum(block.met for block in blocks),
        milestones_answered=sum(block.answered for block in blocks),
        milestones=sum(block.milestones for block in blocks),
        raters=sum(bool(_levels(answers.values())) for answers in ratings),
    )


def milestone_value(key: str, sources: Iterable[Answers]) -> float | None:
    """The milestone's value: mean of the levels given to it, None when nobody gave one."""
    levels = _levels(answers.get(key, UNANSWERED) for answers in sources)
    return math.fsum(levels) / len(levels) if levels else None


def not_applicable(key: str, sources: Iterable[Answers]) -> bool:
    """Whether the milestone does not apply: someone said so and nobody gave a level."""
    states = {answers.get(key, UNANSWERED).state for answers in sources}
    return AnswerState.NOT_APPLICABLE in states and AnswerState.LEVEL not in states


def _score_block(
    instrument: Instrument, block: Block, sources: Sequence[Answers], ratings: Sequence[Answers]
) -> BlockScore:
    values = [
        (value, milestone.scale.met)
        for milestone in block.milestones
        if (value := milestone_value(milestone.key, sources)) is not None
    ]
    own = [_score(instrument, block.milestones, [answers]) for answers in ratings]
    keys = [milestone.key for milestone in block.milestones]
    return BlockScore(
        block=block.id,
        score=_score(instrument, block.milestones, sources),
        answered=len(values),
        required=_required(instrument, block.milestones, sources),
        milestones=len(block.milestones),
        raters=sum(bool(_levels(map(answers.get, keys))) for answers in ratings),
        sd=_standard_deviation([score for score in own if score is not None]),
        met=sum(value >= met for value, met in values),
    )


def _score(
    instrument: Instrument, milestones: Sequence[Milestone], sources: Sequence[Answers]
) -> float | None:
    values = _values(milestones, sources)
    if not values or len(values) < _required(instrument, milestones, sources):
        return None
    match instrument.scoring.block:
        case "mean":
            return math.fsum(values) / len(values)
        case "median":
            return float(median(values))
        case "sum":
            return math.fsum(values)
        case rule:
            raise ValueError(f"Unknown block scoring rule {rule!r}")


def _overall(
    instrument: Instrument, blocks: Sequence[BlockScore], sources: Sequence[Answers]
) -> float | None:
    match instrument.scoring.overall:
        case "mean_of_blocks":
            scores = [block.score for block in blocks if block.score is not None]
            enough = 2 * len(scores) >= len(blocks)
        case "mean_of_milestones":
            scores = _values(instrument.milestones, sources)
            enough = len(scores) >= _required(instrument, instrument.milestones, sources)
        case rule:
            raise ValueError(f"Unknown overall scoring rule {rule!r}")
    return math.fsum(scores) / len(scores) if scores and enough else None


def _values(milestones: Iterable[Milestone], sources: Sequence[Answers]) -> list[float]:
    values = (milestone_value(milestone.key, sources) for milestone in milestones)
    return [value for value in values if value is not None]


def _required(
    instrument: Instrument, milestones: Sequence[Milestone], sources: Sequence[Answers]
) -> float:
    applicable = sum(not not_applicable(milestone.key, sources) for milestone in milestones)
    # 0.55 * 20 is 11.000000000000002 in binary; eleven answers of twenty must be enough.
    return round(instrument.scoring.minimum_answered * applicable, 9)


def _levels(answers: Iterable[AnswerValue | None]) -> list[int]:
    return [answer.value for answer in answers if answer is not None and answer.value is not None]


def _standard_deviation(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _check(instrument: Instrument, sources: Iterable[Answers]) -> None:
    scales = {milestone.key: milestone.scale for milestone in instrument.milestones}
    for key, answer in (item for answers in sources for item in answers.items()):
        if key not in scales:
            raise ValueError(f"{instrument.slug} {instrument.version} has no milestone {key!r}")
        if answer.value is not None and answer.value not in scales[key]:
            raise ValueError(f"{answer.value} is not a level of milestone {key!r}")
