"""The long table: order of times, complete cases, duplicates."""

from __future__ import annotations

import pytest

from assess.trends.observations import Observation, Observations, as_time, sorted_times


def seen(*rows: tuple[str, int | str, float | None]) -> Observations:
    return Observations(tuple(Observation(*row) for row in rows))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["10", "9", "2.5"], (2.5, 9, 10)),
        (["2026Q1", "2025-Q4", "Q3 2025"], ("2025Q3", "2025Q4", "2026Q1")),
        (["week 10", "week 2", "baseline"], ("baseline", "week 2", "week 10")),
        (["later", "3", "1"], (1, 3, "later")),
        (["1", "1.0"], (1,)),
    ],
)
def test_times_sort_naturally(texts: list[str], expected: tuple[int | float | str, ...]) -> None:
    assert sorted_times({as_time(text) for text in texts}) == expected


@pytest.mark.parametrize("text", ["nan", "inf", "1e", "0x10", "²"])
def test_odd_texts_are_not_numbers(text: str) -> None:
    assert as_time(text) == text


def test_complete_cases_name_who_is_left_out_and_when() -> None:
    observations = seen(
        ("C10", 1, 1.0), ("C10", 2, 2.0), ("C2", 1, 1.5), ("C2", 2, None), ("C3", 2, 2.0),
        ("C4", 1, None),
    )  # fmt: skip
    table = observations.complete
    assert table.subjects == ("C10",)
    assert table.values.tolist() == [[1.0, 2.0]]
    assert [(left.subject, left.missing) for left in table.left_out] == [("C2", (2,)), ("C3", (1,))]
    assert observations.subjects == ("C2", "C3", "C10")
    assert observations.without_values == ("C4",)
    assert [values.tolist() for values in observations.by_time] == [[1.5, 1.0], [2.0, 2.0]]


def test_a_time_without_any_value_does_not_count() -> None:
    observations = seen(("A", 1, 1.0), ("A", 2, None), ("B", 1, 2.0))
    assert observations.times == (1,)
    assert observations.complete.left_out == ()


def test_nothing_at_all_is_an_empty_table() -> None:
    assert Observations(()).complete.values.shape == (0, 0)


def test_two_values_for_one_time_are_an_error() -> None:
    with pytest.raises(ValueError, match="two values"):
        _ = seen(("A", 1, 1.0), ("A", 1, 2.0)).times
