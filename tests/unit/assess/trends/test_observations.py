"""The long table: order of times, complete cases, duplicates."""

from __future__ import annotations

import numpy as np
import pytest

from assess.trends.observations import (
    MOST_CELLS,
    Observation,
    Observations,
    as_time,
    sorted_times,
)


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


def test_a_table_is_the_same_as_its_rows() -> None:
    values = np.array([[3.0, np.nan, np.nan], [1.0, 2.0, np.nan], [np.nan] * 3])
    table = Observations.from_matrix(
        values, ["C10", "C2", "C3"], ["2026Q2", "2026Q1", "2026Q3"], orgs=["O1", "O2", "O2"]
    )
    rows = Observations(table.rows)
    assert table.times == rows.times == ("2026Q1", "2026Q2")
    assert table.subjects == rows.subjects == ("C2", "C10")
    assert np.array_equal(table.matrix, rows.matrix, equal_nan=True)
    assert table.complete.values.tolist() == [[2.0, 1.0]]
    assert table.complete.left_out == rows.complete.left_out
    assert table.without_values == ("C3",)
    assert table.orgs == rows.orgs == {"C2": {"O2"}, "C10": {"O1"}}
    assert table.groups == {}


def test_all_labels_of_a_subject_are_kept_where_it_has_values() -> None:
    observations = Observations(
        (
            Observation("A", 1, 1.0, "O1", "east"),
            Observation("A", 2, 2.0, "O1", "west"),
            Observation("B", 1, None, "O2", "east"),
        )
    )
    assert observations.orgs == {"A": {"O1"}}
    assert observations.groups == {"A": {"east", "west"}}


def test_a_table_of_another_shape_or_with_twins_is_an_error() -> None:
    with pytest.raises(ValueError, match="not 1 subjects"):
        Observations.from_matrix(np.ones((2, 2)), ["A"], [1, 2])
    with pytest.raises(ValueError, match="named twice"):
        Observations.from_matrix(np.ones((2, 2)), ["A", "A"], [1, 2])


def test_a_table_too_large_for_the_memory_is_an_error() -> None:
    count = int(MOST_CELLS**0.5) + 1
    with pytest.raises(ValueError, match="too many"):
        seen(*((str(place), place, 1.0) for place in range(count)))
