"""Friedman, Wilcoxon and Holm: ties, float noise, known values from R."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.trends.anova import Status
from assess.trends.observations import CompleteTable
from assess.trends.pairs import holm, pairwise
from assess.trends.rank_tests import average_ranks, friedman, tie_sum, wilcoxon_signed_rank


def table(values: list[list[float]]) -> CompleteTable:
    matrix = np.array(values, dtype=np.float64)
    n, k = matrix.shape
    return CompleteTable(matrix, tuple(f"C{i}" for i in range(n)), tuple(range(k)), ())


@given(st.lists(st.integers(1, 4).map(float), min_size=1, max_size=12))
def test_ranks_agree_with_counting(values: list[float]) -> None:
    slow = [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]
    assert average_ranks(np.array(values)).tolist() == slow


def test_tie_sum_counts_groups() -> None:
    assert tie_sum(np.array([1.0, 1.0, 1.0, 2.0, 2.0, 3.0])) == (27 - 3) + (8 - 2)


def test_friedman_of_total_agreement_has_no_finite_f() -> None:
    result = friedman(table([[1, 2, 3], [2, 3, 4], [1, 3, 4]]))
    assert (result.kendall_W, result.iman_davenport_F, result.iman_p) == (1, None, 0)


def test_friedman_of_ties_only_is_undefined() -> None:
    assert friedman(table([[1, 1], [2, 2]])).status is Status.ALL_TIED


def test_friedman_of_one_clinic_is_not_estimable() -> None:
    assert friedman(table([[1, 2, 3]])).status is Status.NOT_ESTIMABLE


def test_float_noise_does_not_break_ties() -> None:
    clean = friedman(table([[0.3, 0.3, 1], [0.2, 0.5, 0.7], [1, 2, 2]]))
    noisy = friedman(table([[0.1 + 0.2, 0.3, 1], [0.2, 0.5, 0.7], [1, 2, 2]]))
    assert noisy == clean


def test_wilcoxon_by_hand() -> None:
    # wilcox.test(c(1, 2, 2, -1, 3, 0, 4), exact = FALSE) drops the zero: ranks 1.5 3.5 3.5 1.5 5 6,
    # ties 6 + 6, z = (19.5 - 10.5 - .5) / sqrt(6 * 7 * 13 / 24 - 12 / 48) = 1.79196
    v, p = wilcoxon_signed_rank(np.array([1, 2, 2, -1, 3, 0, 4.0]))
    assert v == 19.5
    assert p == pytest.approx(math.erfc(1.7919573 / math.sqrt(2)), rel=1e-6)


def test_wilcoxon_of_zeros_has_no_p() -> None:
    assert wilcoxon_signed_rank(np.zeros(4)) == (0.0, None)


def test_wilcoxon_at_the_center_stays_at_one() -> None:
    assert wilcoxon_signed_rank(np.array([1.0, -1.0]))[1] == 1.0


def test_holm_as_r_has_it() -> None:
    # p.adjust(c(.01, .04, .03, NA), "holm") = .03 .06 .06 NA
    assert holm([0.01, 0.04, 0.03, None]) == pytest.approx([0.03, 0.06, 0.06, None])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_holm_never_lowers_a_p_and_ignores_order(p_values: list[float]) -> None:
    corrected = holm(p_values)
    assert all((c or 0) >= p for c, p in zip(corrected, p_values, strict=True))
    for order in list(permutations(range(len(p_values))))[:6]:
        assert holm([p_values[i] for i in order]) == [corrected[i] for i in order]


def test_too_many_times_are_not_paired() -> None:
    values = np.random.default_rng(1).normal(size=(2, 61)).tolist()
    assert pairwise(table(values)).reason == "more than 60 quarters"


def test_pairs_of_equal_change_have_no_t_but_a_difference() -> None:
    (pair,) = pairwise(table([[1.1, 1.4], [2.1, 2.4], [3.0, 3.3]])).rows or ()
    assert pair.mean_diff == pytest.approx(0.3)
    assert (pair.t, pair.p, pair.cohen_dz, pair.p_holm) == (None, None, None, None)


def test_an_equal_change_everywhere_has_no_t_but_an_effect() -> None:
    # R: .5 / sqrt((var(c(1, 2, 4)) + var(c(1.5, 2.5, 4.5))) / 2) = 0.327326835353989
    (pair,) = pairwise(table([[1, 1.5], [2, 2.5], [4, 4.5]])).rows or ()
    assert (pair.t, pair.p, pair.cohen_dz) == (None, None, None)
    assert pair.cohen_dav == pytest.approx(0.327326835353989, rel=1e-12)
    (equal,) = pairwise(table([[2.1, 2.1], [2.1, 2.1], [2.1, 2.1]])).rows or ()
    assert equal.cohen_dav is None
