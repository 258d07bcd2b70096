"""What the team should talk about before it trusts its numbers: hints, never blocks, never names.

PURE. Everything but the sheets at the top is read off counts that the results page shows anyway,
so a flag tells nothing that was hidden. The thresholds and why:

- *Two levels up without evidence.* More than half of the raters stand two levels or more above last
  quarter's value and nobody noted evidence. One level a quarter is what teams usually manage; the
  lower median keeps one hopeful rater from raising the flag.
- *Wide split.* At least two raters on each side of a gap of two levels. A single voice at the edge
  is left out: the flag would point at one person, and the distribution shows it anyway.
- *Many do not know.* Two raters or more, and a third of those who answered. One "don't know" is
  normal where a role does not see a task; a third means that the level rests on part of the team.
- *Sheets at the top.* A finished rating with the highest level for everything it rates, half of the
  milestones at least (under half no block has a score either). Below SMALLEST_GROUP ratings a whole
  sheet could be laid at one person's door, so there the flag only says what the counts show: that
  every milestone was rated at the top by somebody.

"Levels" are the described levels of the questionnaire: on a scale of twelve steps with four
descriptions, two levels are six steps.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from assess.findings import MilestoneResult
from assess.suppression import SMALLEST_GROUP
from questionnaires.instrument import Scale

LEVELS_UP = 2
LEVELS_APART = 2
RATERS_EACH_SIDE = 2
FEWEST_UNKNOWN = 2
SHARE_UNKNOWN = 1 / 3
SHARE_OF_A_SHEET = 0.5


class FlagKind(StrEnum):
    """What a flag is about; templates give each its shape."""

    TOP = "top"
    JUMP = "jump"
    SPLIT = "split"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Flag:
    """One hint: `short` for a mark in a list, `text` as a sentence, `ask` what to do with it."""

    kind: FlagKind
    short: str
    text: str
    ask: str


def milestone_flags(result: MilestoneResult, since: str = "last quarter") -> tuple[Flag, ...]:
    """Hints for the talk about one milestone; `since` names the quarter that `last` is from."""
    found = (_jump(result, since), _split(result), _unknown(result))
    return tuple(flag for flag in found if flag)


def team_flags(
    results: Iterable[MilestoneResult], finished: int, top_sheets: int
) -> tuple[Flag, ...]:
    """Hints about the assessment as a whole.

    `finished` ratings count, `top_sheets` of them are at the top throughout; that number is read
    from SMALLEST_GROUP ratings on only.
    """
    if finished >= SMALLEST_GROUP:
        return (_TOP_SHEET,) if top_sheets else ()
    return (_TOP_SOMEWHERE,) if _somebody_at_the_top_everywhere(list(results)) else ()


def fewest_levels(milestones: Collection[object]) -> float:
    """How many levels a sheet must give before "all at the top" says anything."""
    return SHARE_OF_A_SHEET * len(milestones)


_TOP_ASK = "That can be right. Ask together what a visitor would see that shows it."
_TOP_SHEET = Flag(
    FlagKind.TOP,
    "All at the top",
    "At least one rating puts everything it rates at the top level.",
    _TOP_ASK,
)
_TOP_SOMEWHERE = Flag(
    FlagKind.TOP,
    "All at the top",
    "Every milestone was rated at the top level by somebody.",
    _TOP_ASK,
)


def _jump(result: MilestoneResult, since: str) -> Flag | None:
    middle = _lower_median(result)
    if middle is None or result.last is None or result.notes:
        return None
    if middle - result.last < LEVELS_UP * _width(result.milestone.scale):
        return None
    return Flag(
        FlagKind.JUMP,
        "Large step up",
        f"Up by two levels or more since {since}, and nobody noted evidence.",
        "Say what changed, and write down what shows it. In doubt, agree on the lower level.",
    )


def _split(result: MilestoneResult) -> Flag | None:
    apart = LEVELS_APART * _width(result.milestone.scale)
    below = 0
    for one in result.counts:
        below += one.count
        above = sum(other.count for other in result.counts if other.value >= one.value + apart)
        if min(below, above) >= RATERS_EACH_SIDE:
            return Flag(
                FlagKind.SPLIT,
                "Wide split",
                "Your ratings lie two levels or more apart, with two people or more on each side.",
                "Hear what people see day to day, low and high, before you choose a level.",
            )
    return None


def _unknown(result: MilestoneResult) -> Flag | None:
    answered = result.rated + result.dont_know + result.not_applicable
    if result.dont_know < max(FEWEST_UNKNOWN, SHARE_UNKNOWN * answered):
        return None
    return Flag(
        FlagKind.UNKNOWN,
        "Many don’t know",
        f"{result.dont_know} of {answered} do not know.",
        "Ask who could show the team how it is done.",
    )


def _somebody_at_the_top_everywhere(results: Collection[MilestoneResult]) -> bool:
    rated = [one for one in results if one.rated]
    at_the_top = all(one.highest == one.milestone.scale.maximum for one in rated)
    return len(rated) >= max(1, fewest_levels(results)) and at_the_top


def _lower_median(result: MilestoneResult) -> int | None:
    """The level that more than half of the raters reach at least."""
    seen = 0
    for one in result.counts:
        seen += one.count
        if 2 * seen >= result.rated > 0:
            return one.value
    return None


def _width(scale: Scale) -> float:
    """How many steps of the scale one described level spans."""
    return (scale.maximum - scale.minimum + 1) / len(scale.bands)
