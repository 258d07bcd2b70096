"""How the votes on one milestone spread, and what changed when the team voted again, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from assess.answers import AnswerState
from assess.findings import LevelCount, MilestoneResult
from questionnaires.instrument import Milestone

FEWEST_VOTES = 3
"""With fewer votes than this, people in the room can tell who chose what."""

Given = Mapping[tuple[str, int | None], int]
"""How many gave each answer, by its state and level."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How many chose each level of one milestone, and how many said something else."""

    counts: tuple[LevelCount, ...]
    dont_know: int
    not_applicable: int

    @property
    def lowest(self) -> int | None:
        return min((one.value for one in self.counts if one.count), default=None)

    @property
    def highest(self) -> int | None:
        return max((one.value for one in self.counts if one.count), default=None)

    @property
    def given(self) -> int:
        """How many gave an answer of any kind."""
        return sum(one.count for one in self.counts) + self.dont_know + self.not_applicable

    @property
    def range_words(self) -> str:
        """From where to where: "1 to 4", "all at 2", "1 vote for 2", or "no level"."""
        if self.lowest is None:
            return "no level"
        if self.lowest != self.highest:
            return f"{self.lowest} to {self.highest}"
        chose = sum(one.count for one in self.counts)
        return f"1 vote for {self.lowest}" if chose == 1 else f"all at {self.lowest}"

    @property
    def other_words(self) -> str:
        """Who gave no level: "2 did not know, 1 said it does not apply"; empty when nobody."""
        parts = []
        if self.dont_know:
            parts.append(f"{self.dont_know} did not know")
        if self.not_applicable:
            parts.append(f"{self.not_applicable} said it does not apply")
        return ", ".join(parts)


def spread_of(milestone: Milestone, given: Given) -> Spread:
    """The spread of what was given on a milestone."""
    return Spread(
        counts=tuple(
            LevelCount(
                value,
                milestone.scale.band_of(value).level,
                given.get((AnswerState.LEVEL.value, value), 0),
            )
            for value in milestone.scale.values()
        ),
        dont_know=given.get((AnswerState.DONT_KNOW.value, None), 0),
        not_applicable=given.get((AnswerState.NOT_APPLICABLE.value, None), 0),
    )


def rated_spread(result: MilestoneResult) -> Spread:
    """The spread of the ratings that the team revealed."""
    return Spread(result.counts, result.dont_know, result.not_applicable)


def with_spread(result: MilestoneResult, spread: Spread) -> MilestoneResult:
    """The milestone as if the team had rated it so: for the rules that suggest a level."""
    return replace(
        result,
        counts=spread.counts,
        dont_know=spread.dont_know,
        not_applicable=spread.not_applicable,
    )


def change_words(before: Spread, now: Spread) -> str:
    """What the second vote did: "Before: 1 to 4. Now: 2 to 3." """
    return f"Before: {before.range_words}. Now: {now.range_words}."


def votes_needed(raters: int) -> int:
    """How many must have voted before the votes are shown: 3, or all of a team that is smaller.

    Two who rate each know what the other chose as soon as the results are revealed; whoever rates
    in such a team is told so.
    """
    return min(FEWEST_VOTES, max(raters, 1))


def voted_words(votes: int, raters: int) -> str:
    """How far a vote has come: "7 of 12 have voted"; never who, and never what.

    People who did not rate may vote too; then their number stands alone.
    """
    if not votes:
        return "Nobody has voted yet"
    verb = "has" if votes == 1 else "have"
    return f"{votes} {verb} voted" if votes > raters else f"{votes} of {raters} {verb} voted"
