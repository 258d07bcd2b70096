"""The order in which a team talks: low and disputed first, unrated last."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.findings import LevelCount, MilestoneResult
from assess.meeting.agenda import agenda, is_unanimous, split_levels, suggested_level
from questionnaires import catalog

MILESTONES = catalog.get("six_building_blocks").milestones


def result(number: int, levels: Sequence[int], *, not_applicable: int = 0) -> MilestoneResult:
    return MilestoneResult(
        milestone=MILESTONES[number],
        counts=tuple(LevelCount(value, value, levels.count(value)) for value in range(1, 5)),
        dont_know=0,
        not_applicable=not_applicable,
        agreed=None,
        rationale="",
        last=None,
        notes=(),
    )


def order(*results: MilestoneResult) -> list[int]:
    return [MILESTONES.index(one.milestone) for one in agenda(results)]


def test_low_and_disputed_comes_before_low_and_agreed() -> None:
    assert order(result(0, [1, 1, 1]), result(1, [1, 3, 1])) == [1, 0]


def test_disputed_low_comes_before_disputed_high() -> None:
    assert order(result(0, [3, 4, 4]), result(1, [1, 2, 2])) == [1, 0]


def test_without_disputes_the_lower_comes_first() -> None:
    assert order(result(0, [4, 4]), result(1, [2, 2]), result(2, [3, 3])) == [1, 2, 0]


def test_what_nobody_rated_comes_last() -> None:
    assert order(result(0, []), result(1, [4, 4])) == [1, 0]


@given(st.lists(st.lists(st.integers(1, 4), max_size=5), min_size=2, max_size=6), st.randoms())
def test_the_order_does_not_depend_on_how_the_list_came(levels: list[list[int]], random) -> None:  # type: ignore[no-untyped-def]
    results = [result(number, given) for number, given in enumerate(levels)]
    shuffled = list(results)
    random.shuffle(shuffled)
    assert order(*results) == order(*shuffled)


@pytest.mark.parametrize(
    ("levels", "suggested"), [([], None), ([2, 3], 2), ([1, 3, 3], 3), ([4, 4, 1, 1, 2], 1)]
)
def test_the_talk_starts_from_the_most_chosen_and_in_doubt_from_the_lower(
    levels: list[int], suggested: int | None
) -> None:
    assert suggested_level(result(0, levels)) == suggested


@pytest.mark.parametrize(
    ("levels", "split", "suggested"),
    [
        ([], (), None),
        ([2, 2, 3, 3], (2, 3), 2),
        ([2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4], (2, 3), 2),  # 5 against 6 of 12
        ([2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3], (), 3),  # 6 of 11 are more than half
        ([1, 2, 3, 4, 4], (), 4),  # single voices are no rivals of two
        ([1, 2, 3], (1, 2, 3), 1),
        ([4], (), 4),
    ],
)
def test_votes_are_split_where_no_level_leads(
    levels: list[int], split: tuple[int, ...], suggested: int | None
) -> None:
    found = result(0, levels)
    assert (split_levels(found), suggested_level(found)) == (split, suggested)


def test_one_rater_alone_is_not_unanimous() -> None:
    assert is_unanimous(result(0, [3, 3]))
    assert not is_unanimous(result(0, [3]))
    assert not is_unanimous(result(0, [3, 2]))
    assert not is_unanimous(result(0, [3, 3], not_applicable=1))
