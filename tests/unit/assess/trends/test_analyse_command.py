"""The analyse command: JSON alone on standard output, clear refusals, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.commands import analyse_command

CASES = Path(__file__).parents[3] / "cases"


def no_constants(name: str) -> None:
    raise AssertionError(f"{name} in JSON")


def case_of(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "expected.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("case", sorted(CASES.glob("s*/")), ids=lambda path: path.name)
def test_json_stands_alone(case: Path) -> None:
    result = CliRunner().invoke(analyse_command, [str(case / "data.csv"), "--json"])
    assert result.exit_code == 0
    assert result.stderr == ""
    parsed = json.loads(result.stdout, parse_constant=no_constants)
    if "levels" in case_of(case) or case.name.startswith("s11"):
        assert {"icc", "krippendorff_alpha", "kappa", "rwg"} <= parsed.keys()
    else:
        assert {"descriptives", "rm_anova", "friedman", "oneway_independent"} <= parsed.keys()


def test_the_report_starts_with_the_sentence() -> None:
    case = CASES / "s06_slide_like_20x6" / "data.csv"
    result = CliRunner().invoke(analyse_command, [str(case)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith("Over 6 quarters the mean rose from 2.3 to 2.6")
    assert "F(5, 95) = 3.46" in result.stdout


def test_a_file_of_raters_gives_a_report_of_agreement() -> None:
    case = CASES / "s31_raters_with_gaps" / "data.csv"
    result = CliRunner().invoke(analyse_command, [str(case), "--levels", "4"])
    assert result.exit_code == 0
    first, *lines = result.stdout.splitlines()
    assert first.startswith("6 raters, 26 subjects: on ordered levels their agreement is")
    assert any(line.startswith("  ICC2 ") and "95% CI" in line for line in lines)
    assert "  Left out here: 7 of 26 subjects without a value from every rater" in lines
    assert max(map(len, lines)) <= 100


def test_the_number_of_levels_is_for_raters_only() -> None:
    case = CASES / "s05_two_times_student_sleep" / "data.csv"
    result = CliRunner().invoke(analyse_command, [str(case), "--levels", "4"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--levels is for files with a column named rater." in result.stderr


def test_refusals_exit_with_1_and_leave_standard_output_empty(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("subject,time,value\n" + "".join(f"C{i},1,x\n" for i in range(30)), "utf-8")
    result = CliRunner().invoke(analyse_command, [str(file), "--json"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "was not analyzed, 30 problems" in result.stderr
    assert "line 2, column value: “x”: This is not a number." in result.stderr
    assert "and 10 more" in result.stderr


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_exits_with_1(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(analyse_command, [str(tmp_path / name)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be read" in result.stderr


def test_importing_the_command_loads_no_numerics() -> None:
    code = "import sys, assess.commands; sys.exit('numpy' in sys.modules or 'scipy' in sys.modules)"
    root = Path(__file__).parents[4]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_the_analysis_loads_neither_flask_nor_scipy_stats() -> None:
    code = (
        "import sys, assess.trends.analysis, assess.trends.report, assess.trends.observation_file;"
        "import assess.agreement.analysis, assess.agreement.report;"
        "sys.exit(any(m in sys.modules for m in ('flask', 'sqlalchemy', 'scipy.stats')))"
    )
    root = Path(__file__).parents[4]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
