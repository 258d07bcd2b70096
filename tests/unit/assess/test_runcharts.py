"""Run charts: rules at their limits, ties, gaps, and how much the words dare to say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.runcharts.chart import run_chart
from assess.runcharts.signals import Signal, advice, name_of, signals

SHIFTED = [1, 2, 1.5, 1.2, 1.8, 1.1, 3, 3.5, 3.2, 3.1, 3.4, 3.3]


def said(values: list[float | None]) -> tuple[Signal, ...]:
    return signals(run_chart(values), tuple(range(1, len(values) + 1)), values)


@pytest.mark.parametrize(
    ("useful", "longest", "fewest"),
    # Anhoej & Olesen (2014), table 1: upper limit of the longest run, lower limit of crossings
    [(10, 6, 2), (12, 7, 3), (16, 7, 4), (20, 7, 6), (24, 8, 8), (30, 8, 10), (60, 9, 23)],
)
def test_anhoej_limits(useful: int, longest: int, fewest: int) -> None:
    values = [1.0 + place % 2 for place in range(useful)]
    rule = run_chart(values).anhoej
    assert (rule.longest_run_max, rule.n_crossings_min) == (longest, fewest)
    assert (rule.n_crossings, rule.runs_signal) == (useful - 1, False)


def test_a_shift_of_six_names_its_quarters() -> None:
    times = [f"{2023 + place // 4}Q{place % 4 + 1}" for place in range(12)]
    found = signals(run_chart(SHIFTED), times, SHIFTED)
    assert [one.text for one in found] == [
        "Six quarters in a row below the median, Q1 2023 to Q2 2024.",
        "Six quarters in a row above the median, Q3 2024 to Q4 2025.",
        "The line crosses the median only once; by chance it would cross it at least three times.",
    ]
    assert found[0].positions == (0, 1, 2, 3, 4, 5)
    assert not any(one.possible for one in found)


def test_quarters_on_the_median_neither_end_nor_lengthen_a_run() -> None:
    values = [1, 1.2, 2, 1.1, 1, 1.3, 2, 1.4, 3, 3.2, 3.1, 3.3, 3.5, 3.4]
    chart = run_chart([*values, 2])
    assert (chart.median, chart.n_useful, chart.longest_run) == (2, 12, 6)
    first = said([*values, 2])[0]
    assert first.positions == tuple(range(8))
    assert first.text.endswith("quarter 1 to quarter 8. Quarters on the median do not count.")


def test_a_trend_skips_quarters_equal_to_the_one_before() -> None:
    chart = run_chart([1, 1.2, 1.2, 1.5, 1.6, 1.7])
    assert (chart.longest_trend_points, chart.ihi_trend_signal) == (5, True)
    assert run_chart([1, 1.2, 1.2, 1.5, 1.6]).ihi_trend_signal is False


def test_float_noise_is_neither_a_trend_nor_a_side() -> None:
    chart = run_chart([0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3])
    assert (chart.n_useful, chart.longest_trend_points) == (0, 1)


@pytest.mark.parametrize(("points", "possible"), [(5, None), (6, True), (11, True), (12, False)])
def test_words_go_by_the_number_of_points(points: int, possible: bool | None) -> None:
    rising = [1 + place / 10 for place in range(points)]
    found = said(list(rising))
    assert {one.possible for one in found if one.kind == "trend"} == (
        set() if possible is None else {possible}
    )
    if possible:
        assert found[0].text.startswith("Possible signal: ")
        assert {one.kind for one in found} <= {"shift", "trend"}
    assert (advice(run_chart(rising)) is None) == (possible is False)


def test_limits_need_twelve_points_to_be_read() -> None:
    steady: list[float | None] = [2.0, 2.1, 2.0, 2.1, 2.0, 2.1, 2.0, 2.1, 2.0, 2.1, 2.0, 3.5]
    found = [one for one in said(steady) if one.kind == "outside_limits"]
    assert [one.text for one in found] == [
        "Quarter 12 is above the upper limit of the usual ups and downs."
    ]
    assert not [one for one in said(steady[1:]) if one.kind == "outside_limits"]


def test_a_freak_is_screened_out_of_the_moving_range_once() -> None:
    # moving ranges .1 (10 times) and 1.4: mean .218, limit .713
    limits = run_chart([2, 2.1] * 5 + [2, 3.4]).xmr
    assert limits.mean_moving_range == pytest.approx(2.4 / 11)
    assert limits.upper_screened == pytest.approx(limits.mean + 2.66 * 0.1)
    assert limits.upper == pytest.approx(limits.mean + 2.66 * 2.4 / 11)
    assert limits.upper_qicharts2 == pytest.approx(limits.mean + 3 * 2.4 / 11 / 1.128)


def test_missing_quarters_are_passed_over_and_keep_their_places() -> None:
    gaps: list[float | None] = [1, 1.1, None, 1.2, 1.3, None, 1.4, 1.5]
    chart = run_chart(gaps)
    assert (chart.n, chart.longest_trend_points) == (6, 6)
    assert said(gaps)[0].positions == (0, 1, 3, 4, 6, 7)


def test_equal_scores_have_nothing_to_count() -> None:
    chart = run_chart([2.5] * 14)
    assert (chart.n_runs, chart.anhoej.longest_run, chart.anhoej.runs_signal) == (0, None, False)
    assert said([2.5] * 14) == ()
    assert advice(chart) == "Every score is the same as the median, so there is no run to count."


def test_one_point_and_none() -> None:
    chart = run_chart([None, 2.0])
    assert (chart.n, chart.xmr.lower, chart.anhoej.n_useful) == (1, None, 0)
    assert advice(chart) == "With 1 quarter, look at the line alone. The rules start at 6."
    with pytest.raises(ValueError, match="needs a value"):
        run_chart([None])


def test_times_are_named_as_people_read_them() -> None:
    assert [name_of(one) for one in ("2025Q1", 3, "baseline")] == [
        "Q1 2025", "quarter 3", "baseline",
    ]  # fmt: skip


@given(
    st.lists(st.integers(4, 16).map(lambda quarter: quarter / 4), min_size=1, max_size=30),
    st.sampled_from([0.0, 8.0, 1e6]),
    st.sampled_from([0.5, 4.0]),
)
@settings(max_examples=40, deadline=None)
def test_shift_and_scale_change_no_rule(values: list[float], shift: float, scale: float) -> None:
    before, after = run_chart(values), run_chart([(value + shift) * scale for value in values])
    assert after.anhoej == before.anhoej
    assert after.longest_trend_points == before.longest_trend_points
    assert after.xmr.mean == pytest.approx((before.xmr.mean + shift) * scale)
    turned = run_chart([-value for value in values])
    assert (turned.longest_run, turned.n_runs) == (before.longest_run, before.n_runs)
    assert before.median == float(np.median(values))
