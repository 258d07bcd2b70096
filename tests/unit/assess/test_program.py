"""Which quarters are compared by default, means with gaps, and the words for it."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.program import ClinicScore, analyse_program, default_quarters
from assess.quarters import Quarter

START = Quarter(2025, 1)


def scores(*present: str, block: str = "overall") -> list[ClinicScore]:
    """One clinic per text; an x is a score in that quarter."""
    return [
        ClinicScore(clinic, START + place, block, 1.0 + clinic / 10 + place / 4)
        for clinic, text in enumerate(present)
        for place, mark in enumerate(text)
        if mark == "x"
    ]


def shown(*present: str) -> str:
    """The default quarters as positions."""
    return "".join(str(quarter - START) for quarter in default_quarters(scores(*present)))


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ((), ""),
        (("x",), "0"),
        (("xxxx", "xxxx", "xxxx"), "0123"),
        (("xxxx", "xxx.", "xxx.", "xxx."), "012"),  # the fourth quarter has only begun
        (("xxxxx", "...xx", "..xxx", "..xxx"), "234"),  # one early pilot clinic
        (("xx..", "..xx"), "0123"),  # nobody can be followed: show everything
        (("xxx", ".xx"), "12"),
        (("x.x", "x.x"), "02"),  # a quarter without any score is not compared
        (("xxxx",), "0123"),  # one clinic
        (("xx.", "xx.", ".xx", ".xx"), "12"),  # equal: the later run
    ],
)
def test_default_quarters(present: tuple[str, ...], expected: str) -> None:
    assert shown(*present) == expected


@given(st.lists(st.text("x.", min_size=5, max_size=5), max_size=6))
def test_no_other_run_keeps_more_scores(present: list[str]) -> None:
    def kept(quarters: tuple[Quarter, ...]) -> int:
        complete = [
            text for text in present if all(text[quarter - START] == "x" for quarter in quarters)
        ]
        return len(complete) * len(quarters) if len(complete) > 1 and len(quarters) > 1 else 0

    everything = scores(*present)
    used = sorted({score.quarter for score in everything})
    chosen = kept(default_quarters(everything))
    for start, end in combinations(range(len(used)), 2):
        assert kept(tuple(used[start : end + 1])) <= chosen


def test_means_are_over_all_clinics_and_the_test_over_complete_ones() -> None:
    found = scores("xx", "xx", "x.")
    trend = analyse_program(found, ("overall", "other"), first=START, last=START + 1)
    overall, other = trend.blocks
    assert [cell.clinics for cell in overall.quarters] == [3, 2]
    assert overall.means == pytest.approx((1.1, 1.3))
    assert other.means == (None, None)
    assert trend.complete_means == pytest.approx((1.05, 1.3))
    assert (trend.clinics, trend.complete_clinics) == (3, 2)
    assert [(left.clinic_id, left.quarters) for left in trend.left_out] == [(2, (START + 1,))]


def test_quarters_outside_the_run_do_not_count() -> None:
    trend = analyse_program(scores("xxx", "xx."), (), first=START, last=START + 1)
    assert trend.quarters == (START, START + 1)
    assert trend.left_out == ()
