"""Programs of researchers read the files: R, PSPP, gretl and frictionless, where installed."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from research.bundle.tables import Kind, Table
from tests.unit.research.bundle.test_readers import cells, same

pytestmark = pytest.mark.outside_readers
HERE = Path(__file__).parent


def run(program: str, *arguments: str, folder: Path, packages: str = "") -> str:
    """What a program prints; skips where it, or a package of R, is not installed."""
    beside = Path(sys.executable).with_name(program)
    path = str(beside) if beside.exists() else shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    if packages:
        names = ", ".join(f"'{name}'" for name in packages.split())
        asks = f"quit(status = !all(sapply(c({names}), requireNamespace, quietly = TRUE)))"
        if subprocess.run([path, "-e", asks], capture_output=True, check=False).returncode:
            pytest.skip(f"R has not all of: {packages}")
    found = subprocess.run(
        [path, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-3000:]
    return found.stdout


def test_r_reads_every_cell_with_haven(folder: Path, made: Mapping[str, Table]) -> None:
    script = str(HERE / "read_bundle.R")
    printed = run("Rscript", script, str(folder), folder=folder, packages="haven")
    found: dict[tuple[str, str], list[str]] = {}
    for file, _, name, value in csv.reader(printed.splitlines()):
        found.setdefault((file, name), []).append(value)
    assert {file for file, _ in found} == {
        f"{name}.{end}" for name in ("assessments", "wide", "clinics") for end in ("dta", "sav")
    }
    for (file, name), values in found.items():
        table = made[file.partition(".")[0]]
        column = table.columns[table.place(name)]
        codes = {"dta": ".a", "sav": "9"}
        is_coded = bool(column.na and column.levels)
        flags = cells(table, str(column.na)) if is_coded else [0] * len(values)
        for value, cell, flag in zip(values, cells(table, name), flags, strict=True):
            if flag == 1:
                assert value == codes[file.rpartition(".")[2]]
            else:
                is_text = column.kind is Kind.TEXT or value == ""
                assert same(value if is_text else float(value), cell)


def test_r_finds_every_number_of_the_page(folder: Path) -> None:
    printed = run("Rscript", "analysis.R", folder=folder, packages="lme4 lmerTest")
    assert "F(3, 24) = " in printed
    assert ", 0 differ." in printed
    assert "were not compared" not in printed


def test_pspp_knows_the_missing_code(
    folder: Path, tmp_path: Path, made: Mapping[str, Table]
) -> None:
    syntax = tmp_path / "read.sps"
    syntax.write_text(
        f"GET FILE='{folder}/spss/assessments.sav'.\n"
        "DISPLAY DICTIONARY /VARIABLES=m02.\n"
        "FREQUENCIES /VARIABLES=m02 /FORMAT=NOTABLE.\n"
        f"SAVE TRANSLATE /OUTFILE='{tmp_path}/out.csv' /TYPE=CSV /FIELDNAMES /REPLACE.\n"
    )
    printed = run("pspp", str(syntax), folder=tmp_path)
    assert "Does not apply" in printed
    table = made["assessments"]
    levels = [cell for cell in cells(table, "m02") if cell is not None]
    assert f"|N Valid  |{len(levels):>10}".replace(" ", "") in printed.replace(" ", "")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["clinic"].strip() for row in rows] == cells(table, "clinic")
    expected = cells(table, "overall")
    for row, cell in zip(rows, expected, strict=True):
        assert float(row["overall"]) == pytest.approx(cell, abs=1e-4)


def test_gretl_opens_the_stata_file(
    folder: Path, tmp_path: Path, made: Mapping[str, Table]
) -> None:
    script = tmp_path / "read.inp"
    script.write_text(
        f"open {folder}/stata/assessments.dta --quiet\nscalar m = mean(overall)\n"
        'printf "mean %.10f\\n", m\nscalar n = nobs(m02)\nprintf "levels %d\\n", n\n'
    )
    printed = run("gretlcli", "-b", str(script), folder=tmp_path)
    scores = [cell for cell in cells(made["assessments"], "overall") if isinstance(cell, float)]
    assert f"mean {sum(scores) / len(scores):.10f}" in printed
    levels = [cell for cell in cells(made["assessments"], "m02") if cell is not None]
    assert f"levels {len(levels)}" in printed


def test_frictionless_finds_the_package_valid(folder: Path) -> None:
    printed = run("frictionless", "validate", "datapackage.json", folder=folder)
    assert printed.count("VALID") == 4
    assert "INVALID" not in printed
