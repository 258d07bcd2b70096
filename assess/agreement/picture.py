"""Where the dots of the picture of agreement lie: one row a block, one dot a milestone. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.agreement.clinic import ClinicAgreement, MilestoneAgreement

APART = 0.045
"""Shares of the axis that dots of one height lie apart at least, so that each can be counted."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One milestone at `at`, its r_wg from 0 to 1; `lift` dots lie below it."""

    at: float
    lift: int
    agrees_well: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The dots of one block from left to right; `said` tells the same in words."""

    title: str
    dots: tuple[Dot, ...]
    said: str

    @property
    def height(self) -> int:
        """How many dots stand upon each other at most."""
        return max((dot.lift for dot in self.dots), default=0) + 1


def strips(agreement: ClinicAgreement) -> tuple[Strip, ...]:
    """The blocks that have a milestone to compare."""
    found = []
    for block, milestones in agreement.blocks:
        compared = [one for one in milestones if one.rwg is not None]
        if compared:
            compared.sort(key=lambda one: one.rwg or 0.0)
            said = f"{block.title}: {', '.join(one.shown for one in compared)}"
            found.append(Strip(block.title, _dots(compared), said))
    return tuple(found)


def _dots(compared: Sequence[MilestoneAgreement]) -> tuple[Dot, ...]:
    ends: list[float] = []  # where the last dot of each height lies
    dots = []
    for one in compared:
        at = one.rwg or 0.0
        free = (lift for lift, end in enumerate(ends) if at - end >= APART)
        lift = next(free, len(ends))
        ends[lift : lift + 1] = [at]
        dots.append(Dot(at, lift, one.agrees_well))
    return tuple(dots)
