"""What single cells of a history file mean, with the fix for every cell that means nothing."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeAlias

from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerValue
from assess.quarters import Quarter
from questionnaires.instrument import Block, Instrument, Milestone, Scale

OVERALL = "overall"
MOST_WAVES = 200
"""Fifty years of quarters; a larger number in the column is no wave."""

When: TypeAlias = Quarter | int
"""A calendar quarter, or a wave 1..n whose quarter is known only when the whole file is."""

_WAVE = re.compile(r"(\d{1,3})(?:\.0+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"(\d{1,4})(?:\.0*)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([+-]?\d*),(\d+)", re.ASCII)
_NOT_APPLICABLE = frozenset({"na", "n/a", "n.a.", "not applicable", "not_applicable"})
_DONT_KNOW = frozenset({"dk", "don't know", "dont know", "dont_know", "do not know"})
_NO_SCORE = frozenset({"", "na", "n/a", "n.a."})


class BadCell(ValueError):
    """A cell that cannot be understood: what is wrong, and how to mend it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.message = message
        self.fix = fix


def when(text: str, *, today: date) -> When:
    """A quarter like 2026Q1, "Q1 2026" or 2026-Q1, or a wave 1..n. Raises BadCell."""
    if found := _WAVE.fullmatch(text):
        wave = int(found[1])
        if 1 <= wave <= MOST_WAVES:
            return wave
        raise BadCell(
            "This is not a wave.", f"Number the waves 1 to {MOST_WAVES}, or write 2026Q1."
        )
    try:
        quarter = Quarter.parse(text)
    except ValueError:
        fix = "Write it like 2026Q1, or number the waves 1, 2, 3."
        raise BadCell("This is not a quarter.", fix) from None
    if quarter > Quarter.of(today):
        raise BadCell(
            "This quarter has not begun yet.",
            f"The latest possible quarter is {Quarter.of(today)}.",
        )
    return quarter


def level(text: str, milestone: Milestone) -> AnswerValue:
    """A level of the milestone's scale, "na", "dk", or nothing. Raises BadCell."""
    scale = milestone.scale
    if not text:
        return UNANSWERED
    if (found := _WHOLE.fullmatch(text)) and int(found[1]) in scale:
        return AnswerValue.level(int(found[1]))
    word = text.casefold().replace("’", "'")
    if word in _DONT_KNOW:
        return DONT_KNOW
    if word in _NOT_APPLICABLE:
        if milestone.na_allowed:
            return NOT_APPLICABLE
        raise BadCell(
            f"“{milestone.title}” applies to every clinic.",
            f"Write {_levels(scale)}, dk for “don't know”, or leave it empty.",
        )
    raise BadCell("This is not a level.", f"Write {_levels(scale)}.")


def score(text: str, low: float, high: float, *, decimal_comma: bool) -> float | None:
    """A score from low to high, or None where the cell is empty or says NA. Raises BadCell."""
    if text.casefold() in _NO_SCORE:
        return None
    if found := _DECIMAL_COMMA.fullmatch(text):
        point = f"{found[1]}.{found[2]}"
        if not decimal_comma:
            raise BadCell("This has a decimal comma.", f"Write {point}.")
        text = point
    if not _NUMBER.fullmatch(text) or not math.isfinite(number := float(text)):
        raise BadCell("This is not a number.", f"Write a number from {low:g} to {high:g}.")
    if not low <= number <= high:
        raise BadCell("This is outside the scale.", f"Write a number from {low:g} to {high:g}.")
    return number


def find_milestone(text: str, instrument: Instrument) -> Milestone:
    """The milestone of this key, title or number. Raises BadCell with the nearest key."""
    for milestone in instrument.milestones:
        if _plain(text) in {_plain(milestone.key), _plain(milestone.title)}:
            return milestone
    if (found := _WHOLE.fullmatch(text)) and 1 <= int(found[1]) <= len(instrument.milestones):
        return instrument.milestones[int(found[1]) - 1]
    keys = [milestone.key for milestone in instrument.milestones]
    raise _unknown("milestone", text, keys, f"a number from 1 to {len(keys)}")


def find_block(text: str, instrument: Instrument) -> str:
    """The id of the block of this id, title or number, or OVERALL. Raises BadCell."""
    if _plain(text) == OVERALL:
        return OVERALL
    for block in instrument.blocks:
        if _plain(text) in {_plain(block.id), _plain(block.title)}:
            return block.id
    if (found := _WHOLE.fullmatch(text)) and 1 <= int(found[1]) <= len(instrument.blocks):
        return instrument.blocks[int(found[1]) - 1].id
    ids = [block.id for block in instrument.blocks]
    raise _unknown("block", text, [*ids, OVERALL], f"a number from 1 to {len(ids)}")


def block_limits(instrument: Instrument) -> Mapping[str, tuple[float, float]]:
    """Lowest and highest possible score of every block and of OVERALL."""
    limits = {block.id: _limits_of(block, instrument.scoring.block) for block in instrument.blocks}
    if instrument.scoring.overall == "mean_of_milestones":
        within = [_limits_of(block, "mean") for block in instrument.blocks]
    else:
        within = list(limits.values())
    lows, highs = zip(*within, strict=True)
    return limits | {OVERALL: (min(lows), max(highs))}


def overall_of_blocks(instrument: Instrument, scores: Mapping[str, float]) -> float | None:
    """The overall score that block scores alone allow, by the questionnaire's rule.

    None when fewer than half of the blocks have a score, and where the rule needs milestones.
    """
    known = [scores[block.id] for block in instrument.blocks if block.id in scores]
    enough = 2 * len(known) >= len(instrument.blocks)
    if instrument.scoring.overall != "mean_of_blocks" or not known or not enough:
        return None
    return math.fsum(known) / len(known)


def _limits_of(block: Block, rule: str) -> tuple[float, float]:
    times = len(block.milestones) if rule == "sum" else 1
    # not applicable milestones add nothing to a sum, so one milestone may be all there is
    return float(block.scale.minimum), float(block.scale.maximum * times)


def _unknown(what: str, text: str, names: Iterable[str], number: str) -> BadCell:
    close = difflib.get_close_matches(_plain(text), list(names), n=1)
    fix = f"Did you mean {close[0]}?" if close else f"Write its key, its title or {number}."
    return BadCell(f"This is not a {what} of the questionnaire.", fix)


def _levels(scale: Scale) -> str:
    values = [str(value) for value in scale.values()]
    if len(values) > 6:
        return f"a whole number from {values[0]} to {values[-1]}"
    return f"{', '.join(values[:-1])} or {values[-1]}"


def _plain(text: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", text.casefold()))
