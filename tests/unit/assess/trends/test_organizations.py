"""Clinics that share organizations: the test on organization means, and when to prefer it."""

from __future__ import annotations

import numpy as np
import pytest

from assess.trends.analysis import analyse, as_json
from assess.trends.anova import Status, repeated_measures
from assess.trends.observations import Observation, Observations
from assess.trends.organizations import analyse_organizations, organization_means
from assess.trends.warnings import Code

VALUES = np.array([[1.0, 2, 4], [2, 2.5, 1], [1.5, 3.5, 2], [3, 2, 2.5], [2, 3, 3]])
CLINICS = ("C1", "C2", "C3", "C4", "C5")


def program(*orgs: str | None, values: np.ndarray = VALUES) -> Observations:  # type: ignore[type-arg]
    return Observations.from_matrix(values, CLINICS, (1, 2, 3), orgs or None)


def test_each_organization_counts_once_with_the_mean_of_its_clinics() -> None:
    means, clinics = organization_means(program("x", "x", "y", "y", "y"))
    assert clinics == 5
    assert means.subjects == ("x", "y")
    assert means.matrix.tolist() == [
        [1.5, 2.25, 2.5], pytest.approx([6.5 / 3, 8.5 / 3, 2.5])
    ]  # fmt: skip
    found = analyse_organizations(program("x", "x", "y", "y", "y"))
    assert found is not None
    assert found.rm_anova == repeated_measures(means.complete)


def test_a_clinic_without_organization_stands_for_itself() -> None:
    means, clinics = organization_means(program("x", "x", None, "y", "y"))
    assert means.subjects == ("C3 (no organization)", "x", "y")
    assert clinics == 5


def test_only_complete_clinics_count_and_those_that_moved_do_not() -> None:
    values = VALUES.copy()
    values[0, 1] = np.nan
    assert organization_means(program("x", "x", "y", "y", "y", values=values))[1] == 4
    rows = [
        Observation(clinic, time, float(value), org="y" if at > 2 or time == 3 else "x")
        for at, clinic in enumerate(CLINICS[1:])
        for time, value in enumerate(VALUES[at], 1)
    ]
    means, clinics = organization_means(Observations(rows))
    assert means.subjects == ("y",)
    assert clinics == 1


@pytest.mark.parametrize("orgs", [(), ("a", "b", "c", "d", "e"), (None,) * 5])
def test_clinics_that_share_nothing_need_no_second_test(orgs: tuple[str | None, ...]) -> None:
    found = analyse(program(*orgs))
    assert found.organizations is None
    assert "organizations" not in as_json(program(*orgs), found)
    assert Code.SHARED_ORGANIZATIONS not in [warning.code for warning in found.warnings]


def test_few_shared_organizations_are_warned_of_with_the_test_beside() -> None:
    found = analyse(program("x", "x", "y", "y", "y"))
    (text,) = (row.text for row in found.warnings if row.code is Code.SHARED_ORGANIZATIONS)
    assert text.startswith("The 5 clinics belong to 2 organizations.")
    assert "20 to 37 of 100" in text


def test_ten_organizations_are_enough() -> None:
    values = np.random.default_rng(1).normal(2, 1, (12, 3))
    names = [f"C{at}" for at in range(12)]
    orgs = [f"o{min(at, 9)}" for at in range(12)]
    found = analyse(Observations.from_matrix(values, names, (1, 2, 3), orgs))
    assert found.organizations is not None
    assert found.organizations.n_organizations == 10
    assert Code.SHARED_ORGANIZATIONS not in [warning.code for warning in found.warnings]


def test_one_organization_says_so() -> None:
    found = analyse_organizations(program("x", "x", "x", "x", "x"))
    assert found is not None
    assert found.rm_anova.status is Status.NOT_ESTIMABLE
    assert found.rm_anova.reason == found.linear_trend.reason == "one organization"
