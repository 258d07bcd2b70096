"""Which scores an analysis follows, with their titles and the ends of their scales. PURE."""

from __future__ import annotations

from collections.abc import Iterator

from assess.program import OVERALL
from questionnaires.instrument import Block, Instrument, Milestone
from research.selection import Grain, Selection
from research.study import Measure

OVERALL_TITLE = "Overall score"


def measures_of(instrument: Instrument, selection: Selection) -> tuple[Measure, ...]:
    """All scores of an analysis in the questionnaire's order, the most general one first.

    The score of the selection is always one of them. Raises KeyError when the questionnaire does
    not have it.
    """
    headline = find_measure(instrument, selection.score)
    if selection.grain is Grain.BLOCKS:
        general = [_overall(instrument), *(_block(instrument, one) for one in instrument.blocks)]
        return (*general, *([] if headline in general else [headline]))
    above = _above(instrument, selection.score)
    if above is None:
        milestones = instrument.milestones
        return (_overall(instrument), *map(_milestone, milestones))
    return (_block(instrument, above), *map(_milestone, above.milestones))


def find_measure(instrument: Instrument, key: str) -> Measure:
    """The measure of a key. Raises KeyError when the questionnaire has no such score."""
    if key == OVERALL:
        return _overall(instrument)
    for block in instrument.blocks:
        if block.id == key:
            return _block(instrument, block)
    return _milestone(instrument.milestone(key))


def choices(instrument: Instrument) -> Iterator[tuple[str, str]]:
    """Keys and titles of the overall score and the blocks."""
    yield OVERALL, OVERALL_TITLE
    yield from ((block.id, block.title) for block in instrument.blocks)


def _above(instrument: Instrument, key: str) -> Block | None:
    """The block that a key names or belongs to; None for the overall score."""
    if key == OVERALL:
        return None
    found = next((block for block in instrument.blocks if block.id == key), None)
    return found or instrument.block_of(key)


def _overall(instrument: Instrument) -> Measure:
    ranges = [_range(instrument, block) for block in instrument.blocks]
    lowest, highest = min(low for low, _ in ranges), max(high for _, high in ranges)
    return Measure(OVERALL, OVERALL_TITLE, lowest, highest)


def _block(instrument: Instrument, block: Block) -> Measure:
    return Measure(block.id, block.title, *_range(instrument, block))


def _milestone(milestone: Milestone) -> Measure:
    scale = milestone.scale
    return Measure(milestone.key, milestone.title, scale.minimum, scale.maximum)


def _range(instrument: Instrument, block: Block) -> tuple[float, float]:
    times = len(block.milestones) if instrument.scoring.block == "sum" else 1
    return block.scale.minimum * times, block.scale.maximum * times
