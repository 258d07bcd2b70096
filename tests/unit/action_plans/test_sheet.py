"""What the sheet says about scores, dates and links, before any template sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from action_plans.sheet import moment, signed
from benchmarks.plan_pdf import usual_sheet
from core.days import day


def test_the_headline_counts_the_blocks_that_rose_and_names_the_lowest() -> None:
    sheet = usual_sheet()
    assert sheet.headline == (
        "3 of 5 blocks rose since Q3 2026. Tracking and monitoring is lowest at 1.4."
    )
    assert replace(sheet, previous_quarter=None).headline == (
        "Tracking and monitoring is lowest at 1.4."
    )
    assert replace(sheet, blocks=sheet.blocks[-1:]).headline == "No block has a score yet."


def test_what_is_shown_as_zero_did_not_rise() -> None:
    sheet = usual_sheet()
    still = replace(sheet, blocks=(replace(sheet.blocks[0], change=0.04),))
    assert still.headline.startswith("No block rose since Q3 2026.")
    assert signed(0.04) == "no change"


def test_changes_carry_shape_and_sign() -> None:
    assert signed(0.3) == "▲ +0.3"
    assert signed(-0.25) == "▼ −0.2"
    assert signed(None) == "first time"


def test_bars_stay_on_the_scale() -> None:
    sheet = usual_sheet()
    assert [sheet.share(score) for score in (None, 0.5, 1.0, 2.5, 4.0, 9.0)] == [
        0.0,
        0.0,
        0.0,
        50.0,
        100.0,
        100.0,
    ]


def test_dates_read_as_people_write_them() -> None:
    assert day(date(2026, 11, 1)) == "Nov 1, 2026"
    assert moment(datetime(2026, 11, 21, 4, 2, tzinfo=UTC)) == "Nov 21, 2026, 04:02 UTC"
