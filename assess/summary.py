"""The three sentences on top of the results: where we stand, what changed, where we differ most.

PURE. They tell nothing that the rest of the page does not show: scores with their basis, changes,
and the spread of each milestone, which stands there as a distribution.
"""

from __future__ import annotations

from collections.abc import Sequence

from assess.findings import BlockResult, MilestoneResult, Results
from assess.scoring import Basis
from assess.suppression import SMALLEST_GROUP


def three_sentences(results: Results) -> tuple[str, ...]:
    """Those that there is something to say for, in this order; the first is always there."""
    found = (where_we_stand(results), what_changed(results), where_we_differ(results))
    return tuple(sentence for sentence in found if sentence)


def where_we_stand(results: Results) -> str:
    """The overall score with what it rests on, the highest and the lowest block."""
    scored = [(round(one.score, 1), one) for one in results.blocks if one.score is not None]
    if results.overall is None:
        start = "There is no overall score yet, because too few milestones are answered"
    else:
        start = f"{_source(results)} an overall score of {results.overall:.1f}"
    if len(scored) < 2:
        return f"{start}."
    values = [value for value, _ in scored]
    low, high = min(values), max(values)
    if low == high:
        return f"{start}; every block with a score stands at {low:.1f}."
    top = [one for value, one in scored if value == high]
    bottom = [one for value, one in scored if value == low]
    return (
        f"{start}; {_blocks(top)} {'stands' if len(top) == 1 else 'stand'} highest ({high:.1f}), "
        f"{_blocks(bottom)} {'has' if len(bottom) == 1 else 'have'} the most room to grow "
        f"({low:.1f})."
    )


def what_changed(results: Results) -> str:
    """The largest change of a block since the quarter before, up or down."""
    if results.last is None:
        if len(results.history) > 1:
            return "The questions changed since the quarter before, so scores are not compared."
        return (
            ""
            if results.overall is None
            else "These are your first scores. Next quarter you see what changed."
        )
    changed = [one for one in results.blocks if one.change is not None]
    if not changed:
        return f"No block has a score both now and in {results.last.quarter.label}."
    sizes = [_shown_change(one) for one in changed]
    largest = max(sizes, key=abs)  # of a rise and a fall of the same size, the first in order
    if not largest:
        return f"No block score has changed since {results.since}."
    verb = "rose" if largest > 0 else "fell"
    equals = [one for one, size in zip(changed, sizes, strict=True) if size == largest]
    if len(equals) > 1:
        return f"{len(equals)} blocks {verb} by {abs(largest):.1f} since {results.since}."
    most = " most," if sum(map(bool, sizes)) > 1 else ""
    block = equals[0]
    return (
        f"“{block.title}” {verb}{most} from {block.last:.1f} to {block.score:.1f} "
        f"since {results.since}."
    )


def where_we_differ(results: Results) -> str:
    """The milestone whose ratings lie furthest apart; empty where there is nothing to compare.

    With five raters and more only milestones count to which five gave a level, as on the page of
    agreement. In smaller teams the range is left to the distribution.
    """
    enough = SMALLEST_GROUP if results.raters >= SMALLEST_GROUP else 2
    rows = [one for block in results.milestones.values() for one in block if one.rated >= enough]
    if not rows:
        return ""
    widest = max(_spread(one) for one in rows)
    if not widest:
        return "Your ratings are alike on every milestone that can be compared."
    furthest = [one for one in rows if _spread(one) == widest]
    start = "Before you agreed, you differed" if results.basis is Basis.AGREED else "You differ"
    where = ""
    if len(furthest) == 1 and enough == SMALLEST_GROUP:
        where = f", where ratings go from {furthest[0].lowest} to {furthest[0].highest}"
    return f"{start} most on {_milestones(furthest)}{where}."


def _source(results: Results) -> str:
    if results.basis is Basis.AGREED:
        return "The levels your team agreed on give"
    if results.basis is Basis.IMPORTED:
        return "Earlier records give"
    count = "One rating" if results.raters == 1 else f"The mean of {results.raters} ratings"
    return f"{count} gives"


def _blocks(blocks: Sequence[BlockResult]) -> str:
    return f"“{blocks[0].title}”" if len(blocks) == 1 else f"{len(blocks)} blocks"


def _milestones(rows: Sequence[MilestoneResult]) -> str:
    """The first two by title; of more equals, how many others."""
    titles = [f"“{one.milestone.title}”" for one in rows[:2]]
    if len(rows) > 2:
        return f"{', '.join(titles)} and {len(rows) - 2} more"
    return " and ".join(titles)


def _shown_change(block: BlockResult) -> float:
    # changes that look equal on the page count as equal
    return round(block.change or 0.0, 1)


def _spread(one: MilestoneResult) -> float:
    """Variance of the levels given, in that of guesses; rounded, so that equals are equal."""
    mean = one.mean or 0.0
    squares = sum(column.count * (column.value - mean) ** 2 for column in one.counts)
    expected = (len(one.counts) ** 2 - 1) / 12
    return round(squares / (one.rated - 1) / expected, 9)
