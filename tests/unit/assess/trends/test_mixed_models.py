"""Mixed models: what cannot be fitted says why, and the units of time and value do not matter."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.trends.analysis import plain
from assess.trends.anova import Status
from assess.trends.mixed.models import fit_linear, fit_models
from assess.trends.mixed.results import MixedModel, MixedModels
from assess.trends.observations import Observation, Observations, Time

NAMES = tuple(field.name for field in fields(MixedModels))


def table(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    times: tuple[Time, ...] | None = None,
    orgs: str = "",
    groups: str = "",
) -> Observations:
    n, k = values.shape
    return Observations.from_matrix(
        values, [f"C{at}" for at in range(n)], times or tuple(range(k)),
        list(orgs) or None, list(groups) or None,
    )  # fmt: skip


def random_table(seed: int, n: int = 9, k: int = 5) -> Observations:
    """Clinics in three organizations and two groups, an eighth of the values missing."""
    draw = np.random.default_rng(seed)
    values = 2 + draw.normal(0, 0.4, (n, 1)) + 0.1 * np.arange(k) + draw.normal(0, 0.3, (n, k))
    values[draw.random((n, k)) < 0.125] = np.nan
    values[:, 0] = 2 + draw.normal(0, 0.3, n)
    letters = np.resize(list("xyz"), n)
    return table(values, None, "".join(letters), "".join(np.resize(list("ab"), n)))


def numbers(model: MixedModel) -> list[float]:
    assert model.fixed is not None
    assert model.variance is not None
    assert model.anova_satterthwaite is not None
    found = [x for row in model.fixed for x in (row.estimate, row.se, row.df_satterthwaite, row.t)]
    found += [row.vcov for row in model.variance]
    found += [x for test in model.anova_satterthwaite for x in (test.F, test.df2, test.p)]
    return [number for number in (*found, model.reml_loglik, model.ml_loglik) if number is not None]


def reasons(observations: Observations) -> list[tuple[Status, str | None]]:
    models = fit_models(observations)
    return [(model.status, model.reason) for model in (getattr(models, name) for name in NAMES)]


NO_ORGS = (Status.NOT_ESTIMABLE, "no organizations are named")
NO_GROUPS = (Status.NOT_ESTIMABLE, "no groups are named")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "no values"),
        ([[1, 2, 4, 3]], "one clinic"),
        ([[1], [2], [4]], "one quarter"),
        ([[1, np.nan], [np.nan, 2], [3, np.nan]], "no clinic was assessed more than once"),
    ],
)
def test_without_repeated_assessments_there_is_no_model(
    rows: list[list[float]], reason: str
) -> None:
    values = np.array(rows, dtype=float).reshape(len(rows), len(rows[0]) if rows else 0)
    assert reasons(table(values)) == [(Status.NOT_ESTIMABLE, reason)] * 3 + [NO_ORGS, NO_GROUPS]


def test_slopes_of_their_own_need_three_quarters() -> None:
    models = fit_models(table(np.array([[1.0, 2], [2, 2.5], [1.5, 3.5]])))
    assert models.linear_time_random_intercept.status is Status.OK
    assert models.factor_time_random_intercept.status is Status.OK
    assert models.linear_time_random_slope.reason == (
        "slopes of their own need more than two assessments per clinic"
    )


@pytest.mark.parametrize(
    ("orgs", "reason"),
    [("xxx", "one organization"), ("xyz", "every organization has one clinic only")],
)
def test_organizations_that_cannot_be_told_from_clinics(orgs: str, reason: str) -> None:
    models = fit_models(table(np.array([[1.0, 2, 4], [2, 2.5, 1], [1.5, 3.5, 2]]), orgs=orgs))
    assert models.linear_time_org_nested.status is Status.NOT_ESTIMABLE
    assert models.linear_time_org_nested.reason == reason


def test_one_group_is_nothing_to_compare() -> None:
    models = fit_models(table(np.array([[1.0, 2, 4], [2, 2.5, 1]]), groups="aa"))
    assert models.group_by_linear_time.reason == "one group"


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_values_without_variation_have_a_status_instead_of_numbers(offset: float) -> None:
    start = np.array([[1.0], [2], [4], [4.5]]) + offset
    steps = np.array([0, 0.25, 0.5, 0.75])
    same = fit_models(table(np.full((4, 4), 2 + offset)))
    level = fit_models(table(start + 0 * steps))
    lines = fit_models(table(start + steps))
    own_lines = fit_models(
        table(start * (1 + steps) if not offset else start + [[1], [2]] * 2 * steps)
    )
    for models, status in (
        (same, Status.NO_VARIATION),
        (level, Status.NO_VARIATION_WITHIN),
        (lines, Status.NO_ERROR_VARIANCE),
    ):
        assert models.linear_time_random_intercept.status is status
        assert models.factor_time_random_intercept.status is status
        assert models.linear_time_random_slope.status is status
    assert own_lines.linear_time_random_slope.status is Status.NO_ERROR_VARIANCE
    assert own_lines.linear_time_random_intercept.status is Status.OK


def test_too_few_repeats_for_the_coefficients() -> None:
    values = np.array([[1.0, 2, np.nan], [np.nan, np.nan, 4.0]])
    assert fit_models(table(values)).linear_time_random_intercept.reason == (
        "too few clinics were assessed more than once"
    )
    assert fit_models(table(values)).factor_time_random_intercept.reason == (
        "3 assessments are too few for 3 coefficients"
    )


def test_no_variance_between_clinics_is_exactly_zero_and_said() -> None:
    # Every clinic has the same mean: less difference between clinics than chance would make.
    values = np.array([[1.0, 2, 3, 2], [2, 1, 2, 3], [3, 2, 1, 2]])
    model = fit_linear(table(values))
    assert model.singular
    assert model.converged
    assert model.variance is not None
    assert model.variance[0].vcov == 0
    assert model.fixed is not None
    # Without a variance between clinics it is plain regression: n − 2 degrees of freedom.
    assert model.fixed[1].df_satterthwaite == pytest.approx(10, rel=1e-9)


def test_clinics_that_fan_out_from_one_point_have_correlation_one() -> None:
    draw = np.random.default_rng(3)
    slopes = np.array([[-0.2], [0.1], [0.3], [0.6], [0.0], [0.8]])
    values = 2 + slopes * (1 + np.arange(6)) + draw.normal(0, 0.05, (6, 6))
    model = fit_models(table(values)).linear_time_random_slope
    assert model.variance is not None
    assert model.singular
    assert model.variance[2].sdcor == 1


def test_quarters_count_from_the_first_and_gaps_count_too() -> None:
    values = np.array([[1.0, 2, 4], [2, 2.5, 3], [1.5, 3.5, 2]])
    quarters = fit_linear(table(values, ("2025Q4", "2026Q1", "2026Q4")))
    assert numbers(quarters) == pytest.approx(numbers(fit_linear(table(values, (0, 1, 4)))))
    words = fit_linear(table(values, ("baseline", "follow-up", "last")))
    assert numbers(words) == pytest.approx(numbers(fit_linear(table(values, (1, 2, 3)))))


def test_a_clinic_that_moves_is_another_clinic_in_its_new_organization() -> None:
    draw = np.random.default_rng(5)
    rows = [
        Observation(f"C{clinic}", time, float(value), org="x" if clinic < 3 or time > 2 else "y")
        for clinic, values in enumerate(draw.normal(2, 1, (6, 4)))
        for time, value in enumerate(values)
    ]
    moved = fit_models(Observations(rows)).linear_time_org_nested
    renamed = [replace(row, subject=f"{row.subject}{row.org}") for row in rows]
    assert numbers(moved) == pytest.approx(
        numbers(fit_models(Observations(renamed)).linear_time_org_nested)
    )


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), offset=st.sampled_from([-3.0, 1e3, 1e7]))
def test_an_offset_moves_the_intercept_only(seed: int, offset: float) -> None:
    observations = random_table(seed)
    moved = Observations.from_matrix(
        observations.matrix + offset, observations.subjects, observations.times
    )
    before, after = fit_models(observations), fit_models(moved)
    for name in NAMES[:3]:
        model: MixedModel = getattr(before, name)
        other: MixedModel = getattr(after, name)
        assert model.fixed is not None
        assert other.fixed is not None
        assert other.fixed[0].estimate == pytest.approx(model.fixed[0].estimate + offset)
        assert [row.estimate for row in other.fixed[1:]] == pytest.approx(
            [row.estimate for row in model.fixed[1:]], rel=1e-5, abs=1e-7
        )
        assert other.reml_loglik == pytest.approx(model.reml_loglik, abs=1e-5)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1e-9, 1e-3, -2.0, 1e8]),
    unit=st.sampled_from([0.25, 3.0, 365.0]),
    start=st.sampled_from([0, 2025, 10**9]),
)
def test_units_of_value_and_time_do_not_matter(
    seed: int, scale: float, unit: float, start: float
) -> None:
    observations = random_table(seed)
    other = Observations.from_matrix(
        observations.matrix * scale,
        observations.subjects,
        tuple(start + unit * time for time in observations.times),  # type: ignore[operator]
    )
    before, after = fit_models(observations), fit_models(other)
    for name in NAMES[:3]:
        model: MixedModel = getattr(before, name)
        same: MixedModel = getattr(after, name)
        assert model.converged
        assert same.converged
        assert model.anova_satterthwaite is not None
        assert same.anova_satterthwaite is not None
        (test,), (again,) = model.anova_satterthwaite, same.anova_satterthwaite
        assert (again.F, again.df2) == pytest.approx((test.F, test.df2), rel=1e-5, abs=1e-9)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_and_names_of_clinics_do_not_matter(seed: int) -> None:
    observations = random_table(seed)
    rows = list(observations.rows)
    np.random.default_rng(seed).shuffle(rows)  # type: ignore[arg-type]
    renamed = Observations(
        replace(row, subject=f"{9 - int(row.subject[1:])} of nine") for row in rows
    )
    before, after = fit_models(observations), fit_models(renamed)
    for name in NAMES:
        model: MixedModel = getattr(before, name)
        assert model.status is Status.OK
        assert numbers(getattr(after, name)) == pytest.approx(numbers(model), rel=1e-6, abs=1e-9)


def test_a_model_becomes_json_without_empty_results() -> None:
    models = fit_models(table(np.array([[1.0, 2, 4, 3]])))
    assert plain({"status": "not_estimable", "fixed": None}) == {"status": "not_estimable"}
    assert models.linear_time_random_slope.formula == "value ~ t + (t | subject)"


def test_steep_lines_with_little_noise_are_found_at_the_end_of_a_narrow_valley() -> None:
    # Clinics' own lines differ a thousand times more than values scatter around them.
    draw = np.random.default_rng(10)
    steepness = draw.normal(size=(19, 1))
    values = 2 + steepness * (0.01 + 0.5 * np.arange(9)) + draw.normal(0, 0.001, (19, 9))
    model = fit_models(table(values)).linear_time_random_slope
    assert model.converged
    assert model.variance is not None
    assert model.variance[1].sdcor == pytest.approx(0.5 * float(steepness.std(ddof=1)), rel=1e-3)
    assert model.variance[3].sdcor == pytest.approx(0.001, rel=0.1)


@pytest.mark.parametrize("clinics", [2, 3, 5, 8])
def test_two_quarters_are_a_paired_t_test_with_as_many_degrees_of_freedom(clinics: int) -> None:
    # 5 clinics have 4 degrees of freedom, where Kenward and Roger's formula divides by 0.
    draw = np.random.default_rng(1)
    values = draw.normal(2, 2, (clinics, 1)) + draw.normal(0, 0.3, (clinics, 2))
    change = values[:, 1] - values[:, 0]
    F = clinics * change.mean() ** 2 / change.var(ddof=1)
    model = fit_linear(table(values))
    assert not model.singular
    for tests in (model.anova_satterthwaite, model.anova_kenward_roger):
        assert tests is not None
        assert (tests[0].F, tests[0].df2) == pytest.approx((F, clinics - 1), rel=1e-7)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_values_whose_squares_are_no_numbers_are_refused(scale: float) -> None:
    model = fit_linear(table(np.array([[1.0, 2, 4], [2, 2.5, 1], [1.5, 3.5, 2]]) * scale))
    assert model.reason == "the values are too large or too small to be squared"


def test_identifiers_in_the_column_of_groups_are_refused_before_they_fill_the_memory() -> None:
    values = np.random.default_rng(1).normal(2, 1, (3, 101))
    long = Observations.from_matrix(values.T, [f"C{at}" for at in range(101)], range(3),
                                    groups=[f"g{at}" for at in range(101)])  # fmt: skip
    assert fit_models(long).group_by_linear_time.reason == "101 groups are too many to compare"
    wide = fit_models(table(values))
    assert wide.linear_time_random_intercept.status is Status.OK
    assert wide.factor_time_random_intercept.reason == (
        "101 quarters are too many to compare one by one"
    )
