"""Nothing about fewer than five people can be read or worked out from what is shown."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.suppression import SMALLEST_GROUP, Shown, shown_groups


@pytest.mark.parametrize(
    ("sizes", "groups", "rest"),
    [
        ({}, (), 0),
        ({"nurse": 4}, (), 4),
        ({"nurse": 5}, ("nurse",), 0),
        ({"nurse": 5, "front desk": 5}, ("front desk", "nurse"), 0),
        # one person left over: the smaller of the two is hidden with that person
        ({"nurse": 6, "front desk": 5, "pharmacist": 1}, ("nurse",), 6),
        ({"nurse": 5, "pharmacist": 1}, (), 6),
        ({"nurse": 7, "front desk": 3, "pharmacist": 2}, ("nurse",), 5),
        # two small groups together are large enough to stand as "everyone else"
        ({"nurse": 9, "front desk": 4, "physician": 4}, ("nurse",), 8),
        ({"a": 0, "b": 5}, ("b",), 0),
    ],
)
def test_what_is_shown(sizes: dict[str, int], groups: tuple[str, ...], rest: int) -> None:
    assert shown_groups(sizes) == Shown(groups, rest)


@given(st.dictionaries(st.integers(0, 9), st.integers(0, 12), max_size=8))
def test_no_sum_or_difference_of_what_is_shown_isolates_a_few(sizes: dict[int, int]) -> None:
    shown = shown_groups(sizes)
    if not shown.groups:
        return
    total = sum(sizes.values())
    for count in range(len(shown.groups) + 1):
        for some in combinations(shown.groups, count):
            known = sum(sizes[name] for name in some)
            assert known == 0 or known >= SMALLEST_GROUP
            assert total - known == 0 or total - known >= SMALLEST_GROUP


@given(st.dictionaries(st.integers(0, 9), st.integers(5, 12), max_size=8))
def test_nothing_is_hidden_without_need(sizes: dict[int, int]) -> None:
    assert set(shown_groups(sizes).groups) == set(sizes)


def test_a_negative_size_is_an_error() -> None:
    with pytest.raises(ValueError, match="less than nobody"):
        shown_groups({"nurse": -1})
