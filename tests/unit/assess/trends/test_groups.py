"""Group × quarter ANOVA: degenerate groups, invariance, and how its squares add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.trends.anova import Status, repeated_measures
from assess.trends.groups import MixedAnova, mixed_anova
from assess.trends.observations import CompleteTable, Matrix


def run(values: list[list[float]] | Matrix, labels: str, **changed: frozenset[str]) -> MixedAnova:
    matrix = np.array(values, dtype=np.float64)
    names = tuple(f"C{place}" for place in range(len(matrix)))
    table = CompleteTable(matrix, names, tuple(range(1, matrix.shape[1] + 1)), ())
    groups = {
        name: frozenset({label}) for name, label in zip(names, labels, strict=True) if label != "-"
    }
    return mixed_anova(table, groups | changed)


def f_values(result: MixedAnova) -> list[float | None]:
    return [row.F for row in result.effects or ()]


def some(seed: int, n: int, k: int) -> Matrix:
    random = np.random.default_rng(seed)
    return random.integers(4, 17, (n, k)) / 4 + random.normal(size=(n, 1))


def test_unequal_groups_agree_with_car() -> None:
    # d <- data.frame(s = rep(1:5, 3), t = rep(1:3, each = 5),
    #                 g = rep(c("a", "a", "a", "b", "b"), 3),
    #                 v = c(1, 2, 1, 2, 3, 2, 2, 3, 1, 3, 4, 3, 3, 2, 2))
    # summary(afex::aov_ez("s", "v", d, between = "g", within = "t")); type = 2 for the last line
    result = run([[1, 2, 4], [2, 2, 3], [1, 3, 3], [2, 1, 2], [3, 3, 2]], "aaabb")
    assert [(row.effect, row.df1, row.df2) for row in result.effects or ()] == [
        ("group", 1, 3), ("time", 2, 6), ("group:time", 2, 6),
    ]  # fmt: skip
    assert f_values(result) == pytest.approx([0.2, 1.4, 3.8], rel=1e-12)
    assert [row.generalized_eta2 for row in result.effects or ()] == pytest.approx(
        [0.02173913043, 0.23728813559, 0.45783132530], rel=1e-9
    )
    assert result.corrections is not None
    assert (result.corrections[1].eps_gg, result.corrections[1].p_gg) == pytest.approx(
        (0.9, 0.09525638628), rel=1e-9
    )
    assert result.eps_hf_original_1976 == pytest.approx(2.916666667, rel=1e-9)
    assert [row.F for row in result.effects_type2 or ()] == pytest.approx(
        [0.2, 2.533333333, 3.8], rel=1e-9
    )


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 4))
@settings(max_examples=25)
def test_equal_groups_split_the_squares_of_the_ungrouped_analysis(
    seed: int, each: int, k: int
) -> None:
    values = some(seed, 2 * each, k)
    result = run(values, "ab" * each)
    whole = repeated_measures(
        CompleteTable(values, tuple(map(str, range(len(values)))), tuple(range(k)), ())
    )
    if result.status is not Status.OK or whole.ss_error is None or whole.ss_time is None:
        return
    _, time, both = result.effects or ()
    assert time.F is not None
    assert both.F is not None
    assert whole.F is not None
    # time, group:time and the error within groups make up time and error without groups
    error = whole.ss_error / (1 + both.F * both.df1 / both.df2)
    expected = (whole.ss_time / time.df1) / (error / time.df2)
    assert pytest.approx(expected, rel=1e-9) == time.F
    assert [row.F for row in result.effects_type2 or ()] == pytest.approx(f_values(result))


@given(st.integers(0, 10_000), st.sampled_from([-3.0, 1e6]), st.sampled_from([0.25, 64.0]))
@settings(max_examples=25)
def test_names_order_shift_and_scale_change_no_test(seed: int, shift: float, scale: float) -> None:
    values, labels = some(seed, 7, 4), "aabbbcc"
    order = np.random.default_rng(seed).permutation(7)
    before = run(values, labels)
    after = run((values[order] + shift) * scale, "".join(labels[at] for at in order))
    renamed = run(values, labels.replace("a", "z"))
    assert f_values(after) == pytest.approx(f_values(before), rel=1e-6)
    assert f_values(renamed) == pytest.approx(f_values(before), rel=1e-9)


@pytest.mark.parametrize(
    ("values", "labels", "reason"),
    [
        ([[1, 2], [2, 1], [1, 1]], "aaa", "one group"),
        ([[1, 2], [2, 1]], "ab", "every group has only one clinic with a value in every quarter"),
        ([[1], [2], [3]], "aab", "one quarter"),
        (np.empty((0, 2)), "", "no clinic with a group has a value in every quarter"),
        ([[1, 2], [2, 1]], "--", "no clinic with a group has a value in every quarter"),
    ],
)
def test_too_little_says_why(values: Matrix, labels: str, reason: str) -> None:
    result = run(values, labels)
    assert (result.status, result.reason) == (Status.NOT_ESTIMABLE, reason)


def test_a_clinic_that_changes_its_group_is_named() -> None:
    result = run([[1, 2], [2, 1], [3, 1]], "aab", C1=frozenset("ab"))
    assert result.reason == "a clinic belongs to one group, but the group of C1 changes"


def test_clinics_without_a_group_stand_outside_and_are_counted() -> None:
    values = [[1, 2, 2], [2, 1, 3], [3, 1, 2], [2, 2, 1], [9, 9, 1]]
    result = run(values, "aabb-")
    assert (result.n_subjects, result.n_without_group) == (4, 1)
    assert f_values(result) == f_values(run(values[:4], "aabb"))


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([[2, 2], [2, 2], [2, 2]], Status.NO_VARIATION),
        ([[1.1, 1.1], [2.3, 2.3], [0.7, 0.7]], Status.NO_VARIATION_WITHIN),
        ([[1.1, 1.4], [2.1, 2.4], [0.7, 0.8]], Status.NO_ERROR_VARIANCE),
    ],
)
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_degenerate_values_give_a_status(
    values: list[list[float]], status: Status, offset: float
) -> None:
    result = run(np.array(values) + offset, "aab")
    assert (result.status, result.effects) == (status, None)


def test_equal_clinics_within_groups_leave_only_the_group_untested() -> None:
    result = run([[1, 2, 3], [2, 1, 3], [4, 3, 5], [5, 3, 4]], "aabb")
    group, time, _ = result.effects or ()
    assert (group.F, group.p, group.generalized_eta2) == (None, None, None)
    assert time.F is not None


def test_two_quarters_have_no_sphericity() -> None:
    result = run([[1, 2], [2, 4], [3, 1], [2, 2]], "aabb")
    assert (result.mauchly, result.corrections) == (None, None)


def test_few_clinics_within_groups_have_an_epsilon_but_no_mauchly() -> None:
    result = run([[1, 2, 4, 2], [2, 2, 3, 1], [1, 3, 3, 4], [2, 1, 2, 2]], "aabb")
    assert result.mauchly is None
    assert result.corrections is not None
    assert result.corrections[0].p_gg is not None
