"""Sentences on how far apart the job roles see things: "The front desk sees … two levels lower".

Only what the page of results by job role may show goes in (groups of five and more, see
assess.job_roles), so a sentence tells nothing that could not be read there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assess.job_roles import EVERYONE_ELSE, ByRole, MilestoneByRole
from questionnaires.instrument import Block, Scale

FROM_LEVELS = 1.0
"""A difference is worth a sentence from one level up; smaller ones are read off the table."""

MOST_SENTENCES = 6

# how a sentence calls a group, and whether the verb after it is in the singular
_CALLED = {
    "Physician": ("physicians", False),
    "Nurse practitioner or PA": ("nurse practitioners and PAs", False),
    "Nurse": ("nurses", False),
    "Medical assistant": ("medical assistants", False),
    "Behavioral health": ("behavioral health staff", False),
    "Pharmacist": ("pharmacists", False),
    "Front desk": ("the front desk", True),
    "Clinic manager": ("clinic managers", False),
    "Care coordinator": ("care coordinators", False),
    "Other": ("people with other job roles", False),
    EVERYONE_ELSE: ("everyone else", True),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """The groups with the lowest and the highest mean of a block or milestone, in its own values.

    `levels` is the distance in levels: on a scale of 12 steps in 4 levels, three steps are one.
    """

    subject: str
    lower: str
    lower_mean: float
    higher: str
    higher_mean: float
    levels: float

    @property
    def sentence(self) -> str:
        """ "The front desk sees “Tracking” two levels lower than nurses (1.2 against 3.1).".

        A named group speaks before everyone else: then it sees the subject higher.
        """
        low, high = (self.lower, self.lower_mean), (self.higher, self.higher_mean)
        (first, own), (second, other) = (high, low) if self.lower == EVERYONE_ELSE else (low, high)
        who, singular = _called(first)
        return (
            f"{who[0].upper()}{who[1:]} {'sees' if singular else 'see'} “{self.subject}” "
            f"{_levels(self.levels)} {'lower' if own < other else 'higher'} than "
            f"{_called(second)[0]} ({own:.1f} against {other:.1f})."
        )


def role_differences(results: ByRole) -> tuple[Difference, ...]:
    """The widest differences of one level and more: blocks, then milestones of other blocks.

    A block's mean is the mean of the milestones that every group has an open mean of, at least
    half of the block, so that the groups are compared on the same milestones.
    """
    found: list[Difference] = []
    others: list[Difference] = []
    for block, milestones in results.blocks:
        if whole := _of_block(block, milestones):
            found.append(whole)
        else:
            others += _of_milestones(milestones)
    found.sort(key=_widest_first)
    others.sort(key=_widest_first)
    return tuple((found + others)[:MOST_SENTENCES])


def _of_block(block: Block, milestones: Sequence[MilestoneByRole]) -> Difference | None:
    comparable = [means for one in milestones if len(means := _means(one)) == len(one.spreads) > 1]
    if not comparable or 2 * len(comparable) < len(milestones):
        return None
    means = {
        group: sum(one[group] for one in comparable) / len(comparable) for group in comparable[0]
    }
    return _difference(block.title, block.scale, means)


def _of_milestones(milestones: Sequence[MilestoneByRole]) -> Iterator[Difference]:
    for one in milestones:
        found = _difference(one.milestone.title, one.milestone.scale, _means(one))
        if found:
            yield found


def _means(one: MilestoneByRole) -> dict[str, float]:
    return {spread.group: spread.mean for spread in one.spreads if spread.mean is not None}


def _difference(subject: str, scale: Scale, means: dict[str, float]) -> Difference | None:
    if len(means) < 2:
        return None
    lower = min(means, key=lambda group: (means[group], group))
    higher = max(means, key=lambda group: (means[group], group))
    levels = (means[higher] - means[lower]) * len(scale.bands) / len(scale.values())
    if round(levels, 9) < FROM_LEVELS:
        return None
    return Difference(subject, lower, means[lower], higher, means[higher], levels)


def _widest_first(one: Difference) -> float:
    return -round(one.levels, 9)


def _levels(levels: float) -> str:
    """To the nearest half: "one level", "one and a half levels", "two levels"."""
    halves = round(2 * levels + 1e-9)
    whole = ("no", "one", "two", "three", "four", "five")[min(halves // 2, 5)]
    if halves % 2:
        return f"{whole} and a half levels"
    return f"{whole} level" if halves == 2 else f"{whole} levels"


def _called(group: str) -> tuple[str, bool]:
    # roles from elsewhere, as an import may bring, stand as they were written
    return _CALLED.get(group, (f"people with the job role “{group}”", False))
