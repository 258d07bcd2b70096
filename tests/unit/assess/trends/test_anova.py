"""Repeated-measures ANOVA and trend: degenerate input, invariance, a slow second implementation."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from assess.trends.anova import RepeatedMeasures, Status, linear_trend, repeated_measures
from assess.trends.observations import CompleteTable, LeftOut, Matrix
from assess.trends.pairs import pairwise


def table(values: list[list[float]] | Matrix, left_out: int = 0) -> CompleteTable:
    matrix = np.array(values, dtype=np.float64)
    n, k = matrix.shape
    return CompleteTable(
        matrix,
        tuple(f"C{i}" for i in range(n)),
        tuple(range(1, k + 1)),
        tuple(LeftOut(f"X{i}", (1,)) for i in range(left_out)),
    )


def numbers(result: RepeatedMeasures) -> dict[str, float]:
    found = {field.name: getattr(result, field.name) for field in fields(result)}
    return {name: value for name, value in found.items() if isinstance(value, int | float)}


scores = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 8), st.integers(2, 6)),
    elements=st.integers(4, 16).map(lambda quarter_points: quarter_points / 4),
)
estimable = scores.filter(lambda m: repeated_measures(table(m)).status is Status.OK)


def slow_sums_of_squares(values: Matrix) -> tuple[float, float, float]:
    """Time, error and subject by the definitions, one cell after the other."""
    n, k = values.shape
    grand = math.fsum(values.ravel()) / (n * k)
    rows = [math.fsum(values[i]) / k for i in range(n)]
    columns = [math.fsum(values[:, j]) / n for j in range(k)]
    cells = [(i, j) for i in range(n) for j in range(k)]
    return (
        math.fsum((columns[j] - grand) ** 2 for _, j in cells),
        math.fsum((values[i, j] - rows[i] - columns[j] + grand) ** 2 for i, j in cells),
        math.fsum((rows[i] - grand) ** 2 for i, _ in cells),
    )


def slow_greenhouse_geisser(values: Matrix) -> float:
    """Box's (1954) formula in means of the covariance matrix, not the trace formula."""
    S = np.cov(values, rowvar=False)
    k = len(S)
    above = (k * (np.mean(np.diag(S)) - S.mean())) ** 2
    below = (k - 1) * ((S**2).sum() - 2 * k * (S.mean(axis=1) ** 2).sum() + k**2 * S.mean() ** 2)
    return float(above / below)


@given(estimable)
def test_agrees_with_the_definitions(values: Matrix) -> None:
    result = repeated_measures(table(values))
    expected = slow_sums_of_squares(values)
    assert (result.ss_time, result.ss_error, result.ss_subject) == pytest.approx(
        expected, rel=1e-9, abs=1e-12
    )
    n, k = values.shape
    F = expected[0] / (k - 1) / (expected[1] / ((n - 1) * (k - 1)))
    assert pytest.approx(F, rel=1e-9, abs=1e-12) == result.F
    if k > 2:
        assert result.eps_gg == pytest.approx(slow_greenhouse_geisser(values), rel=1e-6)


@given(estimable, st.sampled_from([1.0, -3.0, 1e3, 1e6]), st.sampled_from([1.0, 0.25, 64.0]))
def test_shift_and_scale_change_no_test(values: Matrix, shift: float, scale: float) -> None:
    before = repeated_measures(table(values))
    after = repeated_measures(table((values + shift) * scale))
    assert after.status is before.status
    for name in ("F", "p", "eps_gg", "p_gg", "partial_eta2", "generalized_eta2"):
        assert getattr(after, name) == pytest.approx(getattr(before, name), rel=1e-6, abs=1e-9)


def test_an_offset_of_a_billion_costs_no_digits_that_matter() -> None:
    # Multiples of 1/4 are exact at 10^9, so the whole result must be the same.
    values = np.array([[1, 2, 2.5], [2, 2.25, 3], [1.5, 3, 2], [3, 3.25, 3.5]])
    near, far = repeated_measures(table(values)), repeated_measures(table(values + 1e9))
    assert numbers(far) == pytest.approx(numbers(near), rel=1e-9)


@given(estimable, st.randoms(use_true_random=False))
def test_the_order_of_clinics_and_quarters_does_not_matter(values: Matrix, random) -> None:  # type: ignore[no-untyped-def]
    rows, columns = list(range(values.shape[0])), list(range(values.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    before = numbers(repeated_measures(table(values)))
    after = numbers(repeated_measures(table(values[rows][:, columns])))
    # W of a nearly singular matrix is noise; everything else must be equal.
    for name in before.keys() - {name for name in before if name.startswith("mauchly")}:
        assert after[name] == pytest.approx(before[name], rel=1e-6, abs=1e-9), name


@given(estimable.filter(lambda m: m.shape[1] == 2))
@settings(max_examples=40)
def test_two_quarters_are_a_paired_t_test(values: Matrix) -> None:
    result = repeated_measures(table(values))
    (pair,) = pairwise(table(values)).rows or ()
    trend = linear_trend(table(values))
    assert pair.t is not None
    assert pytest.approx(pair.t**2, rel=1e-9, abs=1e-12) == result.F
    assert result.p == pytest.approx(pair.p, rel=1e-6, abs=1e-12)
    assert trend.t_own == pytest.approx(pair.t, rel=1e-9, abs=1e-12)
    assert (result.eps_gg, result.eps_hf, result.mauchly_W) == (1.0, 1.0, None)


@given(estimable)
def test_epsilons_and_effects_stay_in_bounds(values: Matrix) -> None:
    result = repeated_measures(table(values))
    lower = 1 / (values.shape[1] - 1)
    assert result.eps_gg is not None
    assert lower - 1e-9 <= result.eps_gg <= 1
    assert result.eps_hf_capped is None or lower - 1e-9 <= result.eps_hf_capped <= 1
    assert result.partial_eta2 is not None
    assert 0 <= (result.generalized_eta2 or 0) <= result.partial_eta2 <= 1
    if result.partial_eta2_ci90 is not None:
        low, high = result.partial_eta2_ci90
        assert 0 <= low <= high <= 1
    if result.mauchly_W is not None:
        assert 0 <= result.mauchly_W <= 1 + 1e-9


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(0, 5), st.integers(0, 5)),
        elements=st.floats(-1e12, 1e12),
    )
)
def test_neither_nan_nor_infinity_ever_leaves(values: Matrix) -> None:
    result = repeated_measures(table(values, left_out=1))
    assert all(math.isfinite(number) for number in numbers(result).values())
    trend = linear_trend(table(values, left_out=1))
    assert all(math.isfinite(x) for x in (trend.t_own or 0, trend.p_own or 0, trend.F_own or 0))


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([[2.1, 2.1], [2.1, 2.1], [2.1, 2.1]], Status.NO_VARIATION),
        ([[1.1, 1.1, 1.1], [2.3, 2.3, 2.3]], Status.NO_VARIATION_WITHIN),
        ([[1.1, 1.2, 1.3], [2.1, 2.2, 2.3], [0.7, 0.8, 0.9]], Status.NO_ERROR_VARIANCE),
    ],
)
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_degenerate_values_give_a_status(
    values: list[list[float]], status: Status, offset: float
) -> None:
    result = repeated_measures(table(np.array(values) + offset))
    assert result.status is status
    assert (result.F, result.p, result.partial_eta2, result.ss_error) == (None, None, None, 0)


def test_no_change_of_the_mean_is_not_degenerate() -> None:
    result = repeated_measures(table([[1, 2], [2, 1], [3, 3]]))
    assert (result.status, result.F, result.p) == (Status.OK, 0, 1)


@pytest.mark.parametrize(
    ("values", "left_out", "reason"),
    [
        (np.empty((0, 0)), 0, "no values"),
        ([[1, 2, 3]], 0, "one clinic"),
        (np.empty((0, 3)), 1, "one clinic"),
        ([[1], [2]], 0, "one quarter"),
        (np.empty((0, 3)), 4, "no clinic has a value in every quarter"),
        ([[1, 2, 3]], 4, "only one clinic has a value in every quarter"),
    ],
)
def test_too_little_says_why(values: Matrix, left_out: int, reason: str) -> None:
    result = repeated_measures(table(values, left_out))
    assert (result.status, result.reason) == (Status.NOT_ESTIMABLE, reason)


def test_fewer_clinics_than_quarters_have_no_mauchly_but_an_epsilon() -> None:
    result = repeated_measures(table([[1, 2, 2, 3], [2, 1, 3, 3], [1, 1, 2, 4]]))
    assert (result.status, result.mauchly_W, result.mauchly_p) == (Status.OK, None, None)
    assert result.eps_gg is not None
    assert result.p_gg is not None


def test_mauchly_of_a_singular_matrix_is_zero() -> None:
    # Quarters 1 and 2 differ by the same amount in every clinic. R's mauchly.test has W = 0 and
    # p = 0 for such tables, or W = NaN where rounding leaves a negative determinant, as here.
    result = repeated_measures(table([[1, 2, 4], [2, 3, 1], [3, 4, 2], [1.5, 2.5, 3]]))
    assert result.status is Status.OK
    assert (result.mauchly_W, result.mauchly_chi2, result.mauchly_p) == (0.0, None, 0.0)


def test_two_clinics_have_the_strictest_huynh_feldt_correction() -> None:
    # The formula is 0 / 0 there; R gives -2 / (k - 1) from what rounding leaves of both zeros.
    result = repeated_measures(table([[1, 2.5, 2], [2, 2.25, 3.5]]))
    assert (result.eps_hf, result.eps_hf_capped) == (-1.0, 0.5)
    assert result.p_hf == pytest.approx(result.p_lower_bound)
