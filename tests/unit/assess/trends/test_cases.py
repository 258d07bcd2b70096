"""Every published case agrees with R within the tolerance that its own file states."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from assess.agreement import analysis as agreement
from assess.trends import analysis
from assess.trends.observation_file import parse_file
from assess.trends.observations import Observations

HERE = Path(__file__).parents[3] / "cases"
EXTRA = os.environ.get("BLOCKWISE_CASES")
FOLDERS = sorted(HERE.glob("s*/")) + (sorted(Path(EXTRA).glob("*/")) if EXTRA else [])

COMPARED = (
    "descriptives",
    "rm_anova",
    "linear_trend",
    "friedman",
    "oneway_independent",
    "pairwise",
    "mixed_anova",
    "lmm",
    "run_chart",
    "icc",
    "krippendorff_alpha",
    "kappa",
    "rwg",
)
# Bookkeeping of R, and results that the files mark as optional.
NOT_OURS = {
    "_row", "tukey", "p_bonferroni", "p_fdr_bh", "reason", "eps_hf_note", "nhs_point_causes",
    "nhs_point_types",
}  # fmt: skip
MAUCHLY_P = ("mauchly_p", "mauchly_p_box_second_order", "mauchly_p_chi2_first_order")


def differences(expected: Any, actual: Any, tolerance: dict[str, float], path: str) -> list[str]:
    if isinstance(expected, dict):
        found = []
        for key, value in expected.items():
            if key not in NOT_OURS:
                inner = actual.get(key) if isinstance(actual, dict) else f"{actual} (no {key})"
                found += differences(value, inner, tolerance, f"{path}.{key}")
        return found
    if isinstance(expected, list):
        if not isinstance(actual, list):
            return [f"{path}: {actual} instead of a list"]
        if len(expected) != len(actual):
            return [f"{path}: {len(actual)} instead of {len(expected)}"]
        pairs = enumerate(zip(expected, actual, strict=True))
        return [d for i, (e, a) in pairs for d in differences(e, a, tolerance, f"{path}[{i}]")]
    return [] if agrees(expected, actual, tolerance, path) else [f"{path}: {actual} ≠ {expected}"]


def agrees(expected: Any, actual: Any, tolerance: dict[str, float], path: str) -> bool:
    if expected is None or isinstance(expected, str | bool):
        return bool(expected == actual)
    if not isinstance(actual, int | float):
        return False
    key = path.rsplit(".", 1)[-1].split("[")[0]
    relative, absolute = tolerance["rel"], tolerance["abs_effect"]
    if key.startswith("mauchly_p"):
        relative = tolerance["rel_mauchly_p"]
    if key in {"p", "iman_p"} or key.startswith("p_") or key.endswith("_p"):
        absolute = tolerance["p_abs"]
    if key.startswith("ss_"):
        absolute = tolerance.get("abs_ss", absolute)
    if path.startswith("lmm."):
        relative, absolute = of_mixed_models(key, tolerance)
    return bool(abs(actual - expected) <= max(absolute, relative * abs(expected)))


def of_mixed_models(key: str, tolerance: dict[str, float]) -> tuple[float, float]:
    """R's optimizer stops a little before the optimum; ours is exact."""
    if key in {"reml_loglik", "reml_criterion", "ml_loglik"}:
        return 0, tolerance["abs_lmm_loglik"]
    if key == "sdcor":
        # A variance of 0 may be 1e-15 in R, which makes 3e-8 of its root.
        return tolerance["rel_lmm_variance"], 1e-6
    if key == "vcov":
        return tolerance["rel_lmm_variance"], 1e-12
    return tolerance["rel_lmm_estimates"], tolerance["p_abs"]


def load(folder: Path) -> tuple[dict[str, Any], Any]:
    case = json.loads((folder / "expected.json").read_text("utf-8"))
    table = parse_file((folder / "data.csv").read_bytes())
    result: object
    if isinstance(table, Observations):
        result = analysis.as_json(table, analysis.analyse(table))
    else:
        result = agreement.as_json(
            table, agreement.analyse_agreement(table, levels=case.get("levels"))
        )
    # A round trip through JSON without NaN is part of the promise.
    return case, json.loads(json.dumps(result, allow_nan=False))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_agrees_with_r(folder: Path) -> None:
    case, result = load(folder)
    tolerance, expected = case["tolerance"], case["expected"]
    compared = [key for key in COMPARED if key in expected]
    found = [d for k in compared for d in differences(expected[k], result[k], tolerance, k)]
    certified = expected.get("oneway_independent_certified")
    if certified:
        key = "oneway_independent_certified"
        found += differences(certified, result[key], tolerance, key)
    assert compared or certified
    assert found == []


def has_mauchly(folder: Path) -> bool:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))["expected"]
    return expected.get("rm_anova", {}).get(MAUCHLY_P[0]) is not None


@pytest.mark.parametrize(
    "folder", list(filter(has_mauchly, FOLDERS)), ids=lambda folder: folder.name
)
def test_mauchly_p_is_one_of_the_three_published_values(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))["expected"]
    published = [expected["rm_anova"][key] for key in MAUCHLY_P]
    _, result = load(folder)
    # Ours are exact to R's own, not merely within the 2 % the files allow.
    assert [result["rm_anova"][key] for key in MAUCHLY_P] == pytest.approx(published, rel=1e-8)


def test_one_clinic_says_why() -> None:
    _, result = load(HERE / "s10_one_clinic_8_quarters")
    assert result["rm_anova"]["status"] == "not_estimable"
    assert result["rm_anova"]["reason"] == "one clinic"


def test_missing_quarters_name_who_was_left_out() -> None:
    _, result = load(HERE / "s08_missing_quarters")
    assert len(result["left_out"]) == 8
    assert result["left_out"][0] == {"subject": "C01", "missing": [1, 4]}
