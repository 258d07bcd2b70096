"""In which order a team talks about its milestones: first where it is low and where it differs."""

from __future__ import annotations

from collections.abc import Iterable

from assess.findings import MilestoneResult


def agenda(results: Iterable[MilestoneResult]) -> list[MilestoneResult]:
    """The milestones ordered for discussion, the most rewarding first.

    Weight = steps of the mean below the top of the scale × range of the ratings, so a low milestone
    on which raters differ by two levels comes before a low one on which all agree. Equal weights:
    the lower mean first, then the questionnaire's order. Milestones nobody rated come last.
    """
    return sorted(results, key=_place)


def is_unanimous(result: MilestoneResult) -> bool:
    """Whether two or more raters gave a level, all the same, and nobody said it does not apply."""
    return result.rated > 1 and result.lowest == result.highest and not result.not_applicable


def split_levels(result: MilestoneResult) -> tuple[int, ...]:
    """The levels between which the votes are split, ascending; none where one level leads.

    Split means: no level has more than half of the votes, and another one that two people at least
    chose is no more than one vote behind the most chosen; or equally many chose two levels.
    """
    most = max((one.count for one in result.counts), default=0)
    if not most or 2 * most > result.rated:
        return ()
    rivals = tuple(
        one.value
        for one in result.counts
        if one.count == most or (one.count == most - 1 and one.count > 1)
    )
    return rivals if len(rivals) > 1 else ()


def suggested_level(result: MilestoneResult) -> int | None:
    """The level to start the talk from: what most chose; the lowest of those votes are split on."""
    chosen = [one for one in result.counts if one.count]
    if not chosen:
        return None
    return min(split_levels(result), default=max(chosen, key=lambda one: one.count).value)


def _place(result: MilestoneResult) -> tuple[bool, float, float, int]:
    scale = result.milestone.scale
    mean = result.mean if result.mean is not None else float(scale.maximum)
    spread = (result.highest or 0) - (result.lowest or 0)
    weight = (scale.maximum - mean) * spread
    return (result.mean is None, -weight, mean, result.milestone.number)
