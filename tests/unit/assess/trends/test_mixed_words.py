"""What a mixed model says in words: how much, how sure, where the spread lies; never why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assess.trends.analysis import analyse
from assess.trends.mixed import words
from assess.trends.mixed.models import fit_models
from assess.trends.mixed.results import MixedModels
from assess.trends.observation_file import parse_file
from assess.trends.observations import Observations
from assess.trends.warnings import Code

CASES = Path(__file__).parents[3] / "cases"


def read(case: str) -> Observations:
    table = parse_file((CASES / case / "data.csv").read_bytes())
    assert isinstance(table, Observations)
    return table


@pytest.fixture(scope="module")
def gaps() -> Observations:
    return read("s08_missing_quarters")


@pytest.fixture(scope="module")
def models(gaps: Observations) -> MixedModels:
    return fit_models(gaps)


def test_a_change_is_said_per_quarter_and_per_year(gaps: Observations, models: MixedModels) -> None:
    assert words.sentence(models.linear_time_random_intercept, gaps.times) == (
        "Over all 144 assessments of 20 clinics, the mean rose by 0.06 per quarter, 0.25 per year. "
        "That is more than chance alone would explain."
    )


def test_the_line_for_a_journal(gaps: Observations, models: MixedModels) -> None:
    # b, SE and df of R's lmerTest in the case; qt(.975, 125.1187) = 1.97909.
    assert words.line(models.linear_time_random_intercept, gaps.times) == (
        "b = 0.06 [95% CI 0.04, 0.08] per quarter, t(125.12) = 6.47, p < .001; "
        "0.25 [95% CI 0.17, 0.32] per year; 144 assessments of 20 clinics"
    )


def test_where_the_spread_lies(models: MixedModels) -> None:
    assert words.variance_line(models.linear_time_random_intercept) == (
        "Variance around the line: 56% between clinics, 44% from quarter to quarter (ICC .56)"
    )
    assert words.variance_line(models.linear_time_org_nested) == (
        "Variance around the line: 38% between clinics, 19% between organizations, "
        "43% from quarter to quarter (ICC .57)"
    )
    assert words.variance_line(models.linear_time_random_slope) is None


def test_years_and_ages_are_not_called_quarters(gaps: Observations) -> None:
    matrix = gaps.matrix[:, :3]
    yearly = Observations.from_matrix(matrix, gaps.subjects, (8, 10, 12))
    line = words.line(fit_models(yearly).linear_time_random_intercept, yearly.times)
    assert "per unit of time" in line
    assert "per year" not in line
    skipped = Observations.from_matrix(matrix, gaps.subjects, ("2025Q1", "2025Q3", "2026Q1"))
    line = words.line(fit_models(skipped).linear_time_random_intercept, skipped.times)
    assert "per quarter" in line
    assert "per year" in line


def test_no_movement_and_no_certainty() -> None:
    draw = np.random.default_rng(5).normal(2, 0.01, (6, 4))
    still = Observations.from_matrix(draw, [f"C{at}" for at in range(6)], range(4))
    sentence = words.sentence(fit_models(still).linear_time_random_intercept, still.times)
    assert "moved by less than 0.005 per quarter" in sentence
    assert "could be chance" in sentence


def test_one_clinic_has_no_model_but_words() -> None:
    one = read("s10_one_clinic_8_quarters")
    model = fit_models(one).linear_time_random_intercept
    assert words.sentence(model, one.times) == "A mixed model is not possible: one clinic."
    assert words.line(model, one.times) == "Not possible: one clinic"
    assert words.variance_line(model) is None


def test_a_singular_model_is_said_and_warned_of(models: MixedModels) -> None:
    draw = np.random.default_rng(1).normal(2, 0.3, (8, 5))
    draw -= draw.mean(axis=1, keepdims=True)
    flat = Observations.from_matrix(draw, [f"C{at}" for at in range(8)], range(5))
    found = analyse(flat)
    line = words.variance_line(found.lmm.linear_time_random_intercept)
    assert line is not None
    assert line.endswith("; singular: a variance is estimated as zero")
    assert Code.SINGULAR in [warning.code for warning in found.warnings]
    assert words.model_warnings(models) == ()


def test_a_search_that_did_not_settle_is_warned_of(models: MixedModels) -> None:
    lost = replace(
        models,
        linear_time_random_slope=replace(models.linear_time_random_slope, converged=False),
    )
    assert [warning.code for warning in words.model_warnings(lost)] == [Code.NOT_CONVERGED]
