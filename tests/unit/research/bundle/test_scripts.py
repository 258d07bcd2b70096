"""The Python script of a bundle finds the page's numbers with nothing of Blockwise."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from research.bundle import writing
from research.selection import Clock, Selection
from tests.unit.research.bundle import studies


def run(script: Path) -> subprocess.CompletedProcess[str]:
    # -P: nothing of the folder it is started from, as on a researcher's machine
    return subprocess.run(
        [sys.executable, "-P", "-W", "error", str(script)],
        cwd=script.parent.parent, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_it_prints_and_finds_every_number(folder: Path) -> None:
    found = run(folder / "analysis.py")
    assert found.returncode == 0, found.stdout + found.stderr
    page = studies.study().analysis.rm_anova
    assert page.F is not None
    assert page.eps_gg is not None
    line = next(line for line in found.stdout.splitlines() if "F(3, 24)" in line)
    assert f"= {page.F:.2f}, p < .001 (GG epsilon {page.eps_gg:.3f}, p_GG < .001)" in line
    assert "9 clinics with every time, 1 left out" in found.stdout
    assert ", 0 differ." in found.stdout


def test_one_changed_value_is_found(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "bundle")
    path = copy / "data" / "long.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    with path.open(encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["analyzed"] == "1"
    lines[1] = lines[1].replace(row["value"], str(float(row["value"]) + 0.001))
    path.write_text("".join(lines), encoding="utf-8")
    found = run(copy / "analysis.py")
    assert found.returncode == 1
    assert "DIFFERS: rm_anova.F" in found.stdout


def test_groups_and_waves_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = studies.content(
        studies.study(selection=Selection(group="organization", clock=Clock.WAVE))
    )
    monkeypatch.setattr(writing, "missing_packages", lambda: ("pandas",))
    writing.write_files(content, tmp_path)
    found = run(tmp_path / "analysis.py")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "group:time: F(" in found.stdout


def test_json_and_csv_expect_the_same(folder: Path) -> None:
    whole = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["measure"], row["name"], float(row["value"])) for row in csv.DictReader(file)]
    numbers = [
        (one["key"], name, value)
        for one in whole["measures"]
        for name, value in one["numbers"].items()
    ]
    assert rows == numbers
    assert len(rows) > 500
