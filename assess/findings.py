"""What the results page shows, as values: scores and changes by block, ratings by milestone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assess.answers import AnswerState, AnswerValue
from assess.basis import basis_note, basis_words
from assess.quarters import Quarter
from assess.scoring import Basis
from questionnaires.instrument import Block, Milestone, Status


@dataclass(frozen=True, slots=True)
class BlockResult:
    """One block: its score and, where the questionnaires are comparable, last time's score."""

    block: Block
    score: float | None
    last: float | None
    answered: int
    met: int

    @property
    def title(self) -> str:
        return self.block.title

    @property
    def milestones(self) -> int:
        return len(self.block.milestones)

    @property
    def change(self) -> float | None:
        return None if self.score is None or self.last is None else self.score - self.last

    @property
    def status(self) -> Status | None:
        return None if self.score is None else self.block.scale.status(self.score)

    @property
    def why_no_score(self) -> str:
        """In words, where a number would stand."""
        return f"No score yet: {self.answered} of {self.milestones} answered"


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many raters chose one value of the scale."""

    value: int
    band: int
    count: int


@dataclass(frozen=True, slots=True)
class MilestoneResult:
    """One milestone over all finished ratings, without anybody's name."""

    milestone: Milestone
    counts: tuple[LevelCount, ...]
    dont_know: int
    not_applicable: int
    agreed: AnswerValue | None
    rationale: str
    last: float | None
    notes: tuple[str, ...]

    @property
    def rated(self) -> int:
        """How many raters gave a level."""
        return sum(one.count for one in self.counts)

    @property
    def mean(self) -> float | None:
        total = sum(one.value * one.count for one in self.counts)
        return total / self.rated if self.rated else None

    @property
    def lowest(self) -> int | None:
        return min((one.value for one in self.counts if one.count), default=None)

    @property
    def highest(self) -> int | None:
        return max((one.value for one in self.counts if one.count), default=None)

    @property
    def value(self) -> float | None:
        """The agreed level where there is one, else the mean of the ratings."""
        if self.agreed is not None:
            return self.agreed.value
        return self.mean

    @property
    def agreed_not_applicable(self) -> bool:
        return self.agreed is not None and self.agreed.state is AnswerState.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class QuarterScores:
    """The scores of one quarter by block id, for the history lines."""

    assessment_id: int
    quarter: Quarter
    basis: Basis
    overall: float | None
    blocks: Mapping[str, float | None]
    comparable: bool
    raters: int = 0

    @property
    def basis_words(self) -> str:
        """What the scores of that quarter rest on."""
        return basis_words(self.basis, self.raters)


@dataclass(frozen=True, slots=True)
class Results:
    """Everything the results page shows of one assessment; `history` ends with this quarter."""

    quarter: Quarter
    basis: Basis | None
    raters: int
    overall: float | None
    met: int
    total: int
    blocks: tuple[BlockResult, ...]
    milestones: Mapping[str, tuple[MilestoneResult, ...]]
    history: tuple[QuarterScores, ...]

    @property
    def last(self) -> QuarterScores | None:
        """The quarter that changes are counted from; None when there is no comparable one."""
        earlier = [one for one in self.history if one.quarter != self.quarter]
        return earlier[-1] if earlier and earlier[-1].comparable else None

    @property
    def since(self) -> str:
        """How to call that quarter: "last quarter", or its name when one was left out."""
        if self.last is None or self.quarter - self.last.quarter == 1:
            return "last quarter"
        return self.last.quarter.label

    @property
    def basis_words(self) -> str:
        """What the scores rest on."""
        return basis_words(self.basis or Basis.RATINGS, self.raters)

    @property
    def history_note(self) -> str:
        """What the scores of the history lines rest on, quarter by quarter."""
        shown = [one for one in self.history if one.comparable]
        return basis_note((one.quarter.label, one.basis) for one in shown)
