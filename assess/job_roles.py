"""How the job roles of a clinic rated each milestone, for groups large enough to be shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from assess.answers import DONT_KNOW, NOT_APPLICABLE, AnswerValue
from assess.findings import LevelCount
from assess.suppression import shown_groups
from questionnaires.instrument import Block, Instrument, Milestone

EVERYONE_ELSE = "Everyone else"
NOT_SAID = ""
"""Job role of those who did not say theirs; they are always among everyone else."""

Tally = Mapping[AnswerValue, int]


@dataclass(frozen=True, slots=True)
class RoleCount:
    """How often one job role gave one answer to one milestone."""

    milestone: str
    job_role: str
    answer: AnswerValue
    count: int


@dataclass(frozen=True, slots=True)
class RoleSpread:
    """The answers of one group to one milestone; `hidden` when too few of them answered."""

    group: str
    counts: tuple[LevelCount, ...] = ()
    dont_know: int = 0
    not_applicable: int = 0
    hidden: bool = False

    @property
    def rated(self) -> int:
        return sum(one.count for one in self.counts)

    @property
    def mean(self) -> float | None:
        total = sum(one.value * one.count for one in self.counts)
        return total / self.rated if self.rated else None


@dataclass(frozen=True, slots=True)
class MilestoneByRole:
    """One milestone with a spread for every group of the page, in the page's order."""

    milestone: Milestone
    spreads: tuple[RoleSpread, ...]

    @property
    def gap(self) -> float:
        """Distance between the highest and the lowest mean of a group, in levels."""
        means = [one.mean for one in self.spreads if one.mean is not None]
        return max(means) - min(means) if len(means) > 1 else 0.0


@dataclass(frozen=True, slots=True)
class ByRole:
    """The page: groups that may be shown, and each block's milestones."""

    groups: tuple[tuple[str, int], ...]
    hidden: int
    blocks: tuple[tuple[Block, tuple[MilestoneByRole, ...]], ...]

    @property
    def widest(self) -> MilestoneByRole | None:
        """The milestone on which the groups differ most; None when they hardly do."""
        every = [one for _, milestones in self.blocks for one in milestones]
        widest = max(every, key=lambda one: one.gap, default=None)
        return widest if widest and widest.gap >= 0.5 else None

    @property
    def headline(self) -> str:
        """The one sentence to read first."""
        if len(self.groups) < 2:
            return "No two groups are large enough to be compared."
        if self.widest is None:
            return "The groups see every milestone alike, within half a level."
        rated = [(one.mean, one.group) for one in self.widest.spreads if one.mean is not None]
        low, high = min(rated), max(rated)
        return (
            f"The widest gap is at “{self.widest.milestone.title}”: "
            f"{low[1]} {low[0]:.1f}, {high[1]} {high[0]:.1f}."
        )


def by_role(
    instrument: Instrument, raters: Mapping[str, int], counts: Iterable[RoleCount]
) -> ByRole:
    """Arrange the counts of all finished ratings; `raters` = finished ratings by job role.

    A group shows from five raters up, and a group's milestone from five answers up; each time the
    people left over must be none or five as well, because the totals stand on the results page.
    """
    groups = _groups(raters)
    tallies = _tallies(counts, groups)
    return ByRole(
        groups=tuple(groups.items()),
        hidden=0 if groups else sum(raters.values()),
        blocks=tuple(
            (
                block,
                tuple(
                    _milestone(one, groups, tallies.get(one.key, {})) for one in block.milestones
                ),
            )
            for block in instrument.blocks
        ),
    )


def one_by_role(
    milestone: Milestone, raters: Mapping[str, int], counts: Iterable[RoleCount]
) -> MilestoneByRole:
    """One milestone by the same groups and rules as the whole page; no spreads: none may show."""
    groups = _groups(raters)
    return _milestone(milestone, groups, _tallies(counts, groups).get(milestone.key, {}))


def _groups(raters: Mapping[str, int]) -> dict[str, int]:
    """Finished ratings by group of the page, largest first, everyone else last."""
    shown = shown_groups(raters, never=[NOT_SAID])
    groups = {name: raters[name] for name in shown.groups}
    if shown.groups and shown.rest:
        groups[EVERYONE_ELSE] = shown.rest
    return groups


def _tallies(
    counts: Iterable[RoleCount], groups: Collection[str]
) -> Mapping[str, Mapping[str, Tally]]:
    """Answers by milestone and group of the page."""
    tallies: dict[str, dict[str, Counter[AnswerValue]]] = defaultdict(lambda: defaultdict(Counter))
    for one in counts:
        if one.answer.answered:
            group = one.job_role if one.job_role in groups else EVERYONE_ELSE
            tallies[one.milestone][group][one.answer] += one.count
    return tallies


def _milestone(
    milestone: Milestone, groups: Collection[str], tallies: Mapping[str, Tally]
) -> MilestoneByRole:
    answered = {group: sum(tallies.get(group, {}).values()) for group in groups}
    enough = shown_groups(answered).groups
    return MilestoneByRole(
        milestone,
        tuple(
            _spread(milestone, group, tallies[group])
            if group in enough
            else RoleSpread(group, hidden=True)
            for group in groups
        ),
    )


def _spread(milestone: Milestone, group: str, tally: Tally) -> RoleSpread:
    scale = milestone.scale
    return RoleSpread(
        group=group,
        counts=tuple(
            LevelCount(value, scale.band_of(value).level, tally.get(AnswerValue.level(value), 0))
            for value in scale.values()
        ),
        dont_know=tally.get(DONT_KNOW, 0),
        not_applicable=tally.get(NOT_APPLICABLE, 0),
    )
