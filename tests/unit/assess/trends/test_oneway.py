"""One-way ANOVA: NIST's certified values, degenerate groups, a second implementation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from assess.trends.descriptives import describe
from assess.trends.observation_file import parse_observations
from assess.trends.observations import Matrix
from assess.trends.oneway import one_way
from assess.trends.precise import differences_of

NIST = Path(scipy.__file__).parent / "stats/tests/data/nist_anova"
# SmLs07-09 sit on an offset of 10^12: as doubles they have lost 4 digits before we see them.
TOLERANCE = {"SmLs07": 2e-4, "SmLs08": 2e-4, "SmLs09": 2e-4}


@dataclass(frozen=True)
class Certified:
    groups: list[Matrix]
    ss_between: float
    ss_within: float
    F: float


def read(name: str) -> Certified:
    """Values by treatment and the certified sums of squares (lines 41-52 and 61 on)."""
    lines = (NIST / f"{name}.dat").read_text("ascii").splitlines()
    certified = {line.split()[0]: line.split() for line in lines[40:52] if line.strip()}
    rows = [line.split() for line in lines[60:] if line.strip()]
    labels = sorted({row[0] for row in rows}, key=int)
    groups = [np.array([float(v) for t, v in rows if t == label]) for label in labels]
    between, within = certified["Between"], certified["Within"]
    return Certified(groups, float(between[-3]), float(within[-2]), float(between[-1]))


@pytest.mark.parametrize("name", ["SmLs07", "SmLs08", "SmLs09"])
def test_a_file_keeps_the_digits_that_doubles_lose(name: str) -> None:
    lines = (NIST / f"{name}.dat").read_text("ascii").splitlines()[60:]
    cells = [line.split() for line in lines if line.strip()]
    rows = "".join(f"u{at},{time},{value}\n" for at, (time, value) in enumerate(cells))
    observations = parse_observations(f"subject,time,value\n{rows}".encode())
    certified, result = read(name), one_way(differences_of(observations).by_time)
    assert (result.F, result.ss_between, result.ss_within) == pytest.approx(
        (certified.F, certified.ss_between, certified.ss_within), rel=1e-12
    )
    deviations = ((row.n - 1) * row.sd**2 for row in describe(observations) if row.sd is not None)
    assert sum(deviations) == pytest.approx(certified.ss_within, rel=1e-12)


@pytest.mark.parametrize("name", sorted(path.stem for path in NIST.glob("*.dat")))
def test_agrees_with_nist(name: str) -> None:
    certified = read(name)
    result = one_way(certified.groups)
    tolerance = TOLERANCE.get(name, 1e-9)
    assert pytest.approx(certified.F, rel=tolerance) == result.F
    assert result.ss_between == pytest.approx(certified.ss_between, rel=tolerance)
    assert result.ss_within == pytest.approx(certified.ss_within, rel=tolerance)


def test_all_eleven_files_are_there() -> None:
    assert len(list(NIST.glob("*.dat"))) == 11


def test_groups_without_spread_have_no_f() -> None:
    result = one_way([np.array([1.1, 1.1, 1.1]), np.array([2.1, 2.1, 2.1])])
    assert (result.status, result.F, result.p) == ("undefined_no_error_variance", None, None)
    assert result.welch_F is None
    assert result.brown_forsythe_F is None
    assert result.kruskal_H == pytest.approx(5.0)


def test_equal_values_have_no_variation() -> None:
    result = one_way([np.array([0.1] * 3), np.array([0.1] * 4)])
    assert result.status == "undefined_no_variation"
    assert (result.F, result.eta2, result.kruskal_H) == (None, None, None)


@pytest.mark.parametrize("groups", [[], [[1.0, 2.0]], [[1.0], [2.0]]])
def test_too_little_is_not_estimable(groups: list[list[float]]) -> None:
    assert one_way([np.array(group) for group in groups]).status == "not_estimable"


def test_one_value_in_a_group_leaves_welch_out() -> None:
    result = one_way([np.array([1.0]), np.array([2.0, 3.0, 5.0])])
    assert result.welch_F is None
    assert result.F is not None


groups_of_levels = st.lists(
    st.lists(st.integers(1, 4).map(float), min_size=2, max_size=8), min_size=2, max_size=5
)


@given(groups_of_levels)
def test_between_and_within_add_up_to_the_whole(groups: list[list[float]]) -> None:
    result = one_way([np.array(group) for group in groups])
    everything = [value for group in groups for value in group]
    mean = sum(everything) / len(everything)
    total = sum((value - mean) ** 2 for value in everything)
    assert result.ss_between is not None
    assert result.ss_within is not None
    assert result.ss_between + result.ss_within == pytest.approx(total, abs=1e-9)
    for group in groups:
        own = sum(group) / len(group)
        total -= sum((value - own) ** 2 for value in group)
    assert result.ss_between == pytest.approx(total, abs=1e-9)


def test_welch_keeps_its_first_df_beside_a_group_without_spread() -> None:
    # oneway.test(c(2, 2, 2, 1, 3, 4, 2, 5, 3) ~ gl(3, 3)): F = NaN, num df = 2, denom df = NaN
    result = one_way([np.array(g, dtype=float) for g in ([2, 2, 2], [1, 3, 4], [2, 5, 3])])
    assert (result.status, result.welch_F, result.welch_df1, result.welch_df2) == (
        "ok", None, 2, None,
    )  # fmt: skip
    # one value in a group: oneway.test stops with "not enough observations"
    result = one_way([np.array([2.0]), np.array([1.0, 3.0]), np.array([2.0, 5.0])])
    assert (result.welch_F, result.welch_df1) == (None, None)


def test_medians_of_large_values_cost_brown_forsythe_no_digits() -> None:
    # car::leveneTest(c(1.125, 2.375, 2, 3.5, 2.125, 2.25, 2.625, 2.375) ~ gl(2, 4),
    #                 center = median): F = 3.15273, p = 0.12614
    near = [np.array([1.125, 2.375, 2.0, 3.5]), np.array([2.125, 2.25, 2.625, 2.375])]
    far = one_way([group + 2.0**33 for group in near])
    assert far.brown_forsythe_F == pytest.approx(one_way(near).brown_forsythe_F, rel=1e-12)
    assert far.brown_forsythe_F == pytest.approx(3.15273, rel=1e-5)
    assert far.brown_forsythe_p == pytest.approx(0.12614, rel=1e-4)
