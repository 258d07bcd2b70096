"""The table beside first and last quarters: a row per clinic, until nobody could read them."""

from __future__ import annotations

from assess.figures.axes import Scale
from assess.figures.slope_chart import MOST_ROWS, Slope, SlopeChart, numbers

SCALE = Scale("Overall score", 1, 4)


def chart(clinics: int) -> SlopeChart:
    slopes = tuple(Slope(f"C{one}", 2.0, 2.0 + one / clinics) for one in range(clinics))
    return SlopeChart("First and last quarter", SCALE, "Q1 2025", "Q2 2026", slopes)


def test_a_row_for_each_clinic_of_a_usual_program() -> None:
    rows = numbers(chart(MOST_ROWS)).rows
    assert len(rows) == MOST_ROWS
    assert rows[30] == ("C30", "2.0", "2.5", "+0.5")


def test_a_large_program_gets_its_spread_instead() -> None:
    table = numbers(chart(5_001))
    assert table.columns[0] == "Of 5,001 clinics"
    assert table.rows == (
        ("Lower quartile", "2.0", "2.2", "+0.2"),
        ("Median", "2.0", "2.5", "+0.5"),
        ("Upper quartile", "2.0", "2.7", "+0.7"),
    )
