"""Which small groups may be shown, so that nobody's answer can be read or worked out.

A group shows only from five people up (DESIGN, "Ratings of single people are never shown"). Hiding
the small groups is not enough: the total stands beside them, so what is left after subtracting the
shown groups must itself be nobody or five people at least (primary and complementary suppression,
as in Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

SMALLEST_GROUP = 5
"""People from whom on a group shows."""

FEWEST_RATERS = 3
"""Ratings from which on their mean is a score that clinics under a code may have, see decision 19.

The usual least number behind a published mean (Hundepool et al., chapter 4): of one it is that
person's own answers, of two each of them knows the other's.
"""

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shown(Generic[Name]):
    """Groups that may be shown, largest first; `rest` people of all other groups stand together.

    When anything is shown, `rest` is 0 or at least SMALLEST_GROUP, so it may stand as a group too.
    """

    groups: tuple[Name, ...]
    rest: int


def shown_groups(
    sizes: Mapping[Name, int], *, never: Collection[Name] = (), smallest: int = SMALLEST_GROUP
) -> Shown[Name]:
    """Which of disjoint groups may be shown beside their total; those of `never` are not.

    `smallest` is the size from which on a group shows: of clinics fewer are enough than of people.
    When the people left over are too few, the smallest shown group is hidden with them, and the
    next, until they are enough or nothing is shown. Sizes below zero raise ValueError.
    """
    if any(size < 0 for size in sizes.values()):
        raise ValueError("a group cannot have less than nobody in it")
    order = sorted(sizes, key=lambda name: (-sizes[name], str(name)))
    shown = [name for name in order if sizes[name] >= smallest and name not in never]
    rest = sum(sizes.values()) - sum(sizes[name] for name in shown)
    while shown and 0 < rest < smallest:
        rest += sizes[shown.pop()]
    return Shown(tuple(shown), rest)
