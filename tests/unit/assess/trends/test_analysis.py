"""The whole analysis as one mapping: what is there for which table, and that nothing breaks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assess.trends.analysis import analyse, as_json
from assess.trends.observation_file import parse_observations

CASES = Path(__file__).parents[3] / "cases"


def analysed(*lines: str, header: str = "subject,time,value") -> dict[str, Any]:
    observations = parse_observations("\n".join((header, *lines)).encode())
    text = json.dumps(as_json(observations, analyse(observations)), allow_nan=False)
    found: dict[str, Any] = json.loads(text)
    return found


def test_one_clinic_has_a_run_chart_and_no_warning() -> None:
    result = analysed("A,2025Q1,1", "A,2025Q2,", "A,2025Q3,2", "B,2025Q1,", "B,2025Q2,")
    assert result["rm_anova"]["status"] == "not_estimable"
    assert result["rm_anova"]["reason"] == "one clinic"
    assert result["run_chart"]["times"] == ["2025Q1", "2025Q2", "2025Q3"]
    assert result["run_chart"]["n"] == 2
    assert result["warnings"] == []


def test_several_clinics_have_neither_run_chart_nor_groups_they_did_not_give() -> None:
    result = analysed("A,1,1", "A,2,2", "B,1,2", "B,2,2.5", "C,1,1")
    assert not {"run_chart", "mixed_anova"} & result.keys()
    assert [warning["code"] for warning in result["warnings"]][:2] == [
        "fewer_than_3_clinics", "more_than_20_percent_left_out",
    ]  # fmt: skip
    assert result["baseline"]["rows"][0]["mean_change"] == pytest.approx(0.75)


def test_certified_numbers_are_those_of_the_one_way_anova() -> None:
    result = analysed("A,1,1", "A,2,2", "B,1,2", "B,2,2.5", "C,1,1")
    certified, plain = result["oneway_independent_certified"], result["oneway_independent"]
    assert set(certified) == {
        "ss_between", "ms_between", "F", "df1", "df2", "ss_within", "ms_within", "r_squared",
        "residual_sd",
    }  # fmt: skip
    assert all(plain[name] == value for name, value in certified.items())
    assert "oneway_independent_certified" not in analysed("A,1,1", "B,1,1")


def test_groups_of_two_quarters_leave_corrections_out() -> None:
    rows = [f"C{i},{g},{t},{i % 3 + t * (i % 2)}" for i, g in enumerate("aabb") for t in (1, 2)]
    result = analysed(*rows, header="subject,group,time,value")
    assert {"effects", "effects_type2", "ss_type"} <= result["mixed_anova"].keys()
    assert not {"mauchly", "corrections", "reason"} & result["mixed_anova"].keys()


def test_a_trend_of_quarters_has_a_slope_per_year() -> None:
    rows = ["A,1,1", "A,2,2", "B,1,2", "B,2,2.5", "C,1,1", "C,2,1.25"]
    trend = analysed(*rows)["linear_trend"]
    assert trend["slope_per_year"] == pytest.approx(4 * trend["slope_per_time"])
    assert trend["ci95_per_year"] == pytest.approx([4 * one for one in trend["ci95_own"]])
    apart = analysed(*(row.replace(",2,", ",3,") for row in rows))
    assert "slope_per_year" not in apart["linear_trend"]


def flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {k: v for key, one in value.items() for k, v in flat(one, f"{path}.{key}").items()}
    if isinstance(value, list):
        return {k: v for at, one in enumerate(value) for k, v in flat(one, f"{path}[{at}]").items()}
    return {path: value}


def numbers(result: dict[str, Any]) -> dict[str, float]:
    closed = {key: one for key, one in result.items() if key not in {"lmm", "left_out"}}
    return {key: one for key, one in flat(closed).items() if isinstance(one, int | float)}


def test_neither_the_order_of_rows_nor_the_names_of_clinics_matter() -> None:
    header, *lines = (CASES / "s53_groups_ties_and_gaps" / "data.csv").read_text().splitlines()
    before = numbers(analysed(*lines, header=header))
    random = np.random.default_rng(53)
    shuffled = [lines[at] for at in random.permutation(len(lines))]
    assert numbers(analysed(*shuffled, header=header)) == before
    names = dict(zip(range(1, 19), random.permutation(18).tolist(), strict=True))
    renamed = [f"North {names[int(line[1:3])]}{line[3:]}" for line in lines]
    assert numbers(analysed(*renamed, header=header)) == pytest.approx(before, rel=1e-9, abs=1e-12)


def test_a_shift_and_a_scale_move_no_test() -> None:
    header, *lines = (CASES / "s51_three_unequal_groups" / "data.csv").read_text().splitlines()
    cells = [line.rsplit(",", 1) for line in lines]
    moved = [f"{start},{float(value) * 8 + 100!r}" for start, value in cells]
    before, after = (numbers(analysed(*rows, header=header)) for rows in (lines, moved))
    for key in before:
        if key.rsplit(".")[-1] in {"F", "t", "p", "p_gg", "eps_gg", "chi2", "t_own", "wilcoxon_V"}:
            assert after[key] == pytest.approx(before[key], rel=1e-8, abs=1e-12), key
        elif key.endswith(("mean_diff", "mean_change", "slope_per_time", ".sd")):
            assert after[key] == pytest.approx(8 * before[key], rel=1e-8, abs=1e-12), key
