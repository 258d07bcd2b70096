from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.quarters import Quarter

quarters = st.builds(Quarter, st.integers(1900, 2200), st.integers(1, 4))


@pytest.mark.parametrize("text", ["2026Q4", "2026q4", "2026-Q4", "2026 Q4", "Q4 2026", " Q4-2026 "])
def test_every_common_way_to_write_a_quarter_is_read(text: str) -> None:
    assert Quarter.parse(text) == Quarter(2026, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026Q5",
        "2026Q0",
        "Q42026Q4",
        "26Q4",
        "2026-11-22",
        "2026--Q4",
        "\u0662\u0660\u0662\u0666Q4",
    ],
)
def test_anything_else_is_refused_with_the_fix(text: str) -> None:
    with pytest.raises(ValueError, match="Write it like 2026Q4"):
        Quarter.parse(text)


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 5), (0, 1), (10000, 1)])
def test_a_quarter_that_does_not_exist_cannot_be_made(year: int, number: int) -> None:
    with pytest.raises(ValueError, match="quarter"):
        Quarter(year, number)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), "2026Q1"),
        (date(2026, 3, 31), "2026Q1"),
        (date(2026, 4, 1), "2026Q2"),
        (date(2026, 6, 30), "2026Q2"),
        (date(2026, 9, 30), "2026Q3"),
        (date(2026, 10, 1), "2026Q4"),
        (date(2026, 12, 31), "2026Q4"),
    ],
)
def test_a_day_falls_in_its_quarter(day: date, quarter: str) -> None:
    assert str(Quarter.of(day)) == quarter


def test_label_and_text() -> None:
    assert Quarter(2026, 4).label == "Q4 2026"
    assert str(Quarter(2026, 4)) == "2026Q4"


def test_range_includes_both_ends() -> None:
    found = Quarter.range(Quarter(2025, 3), Quarter(2026, 2))
    assert [str(quarter) for quarter in found] == ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]
    assert Quarter.range(Quarter(2026, 2), Quarter(2025, 3)) == ()


@given(quarters)
def test_text_and_label_read_back_as_the_same_quarter(quarter: Quarter) -> None:
    assert Quarter.parse(str(quarter)) == quarter
    assert Quarter.parse(quarter.label) == quarter


@given(quarters)
def test_first_and_last_day_bound_the_quarter(quarter: Quarter) -> None:
    assert Quarter.of(quarter.first_day) == quarter == Quarter.of(quarter.last_day)
    assert Quarter.of(quarter.last_day + timedelta(days=1)) == quarter + 1
    assert Quarter.of(quarter.first_day - timedelta(days=1)) == quarter - 1


@given(quarters, st.integers(-400, 400))
def test_a_wave_is_the_number_of_quarters_between(quarter: Quarter, wave: int) -> None:
    assert (quarter + wave) - quarter == wave
    assert (quarter + wave > quarter) is (wave > 0)
