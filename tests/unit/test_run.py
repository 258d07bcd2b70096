"""`./run audit` says that packages were audited only when they were."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOKED_UP = {"name": "flask", "version": "3.1.3", "vulns": []}
LEFT_OUT = {"name": "scipy", "skip_reason": "Dependency not found on PyPI"}
KNOWN = {
    "name": "jinja2",
    "version": "3.0.0",
    "vulns": [{"id": "CVE-2099-1", "fix_versions": ["3.0.1"], "aliases": []}],
}


def audit(folder: Path, report: object, *, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The audit step of ./run with a pip-audit that writes this report (none: it fails)."""
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(ROOT / ".venv" / "bin" / "python")
    (folder / "report.json").write_text(json.dumps(report))
    writes = f"cp {folder}/report.json" if report is not None else "false"
    fake = programs / "pip-audit"
    fake.write_text(
        "#!/bin/sh\n"
        'while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done\n'
        f'echo "no route to the vulnerability service"\n{writes} "$out"; exit {code}\n'
    )
    fake.chmod(0o755)
    text = (ROOT / "run").read_text(encoding="utf-8")
    functions = text.split("\ncommand=${1:-serve}\n", maxsplit=1)[0]
    script = folder / "run"
    script.write_text(f"{functions}\naudit\n")
    return subprocess.run(
        ["sh", script], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )


pytestmark = pytest.mark.skipif(
    not (ROOT / ".venv" / "bin" / "python").exists() or shutil.which("sh") is None,
    reason="./run has made no environment here",
)


def test_all_looked_up_and_none_known_passes(tmp_path: Path) -> None:
    answer = audit(tmp_path, {"dependencies": [LOOKED_UP]})
    assert answer.returncode == 0, answer.stderr
    assert "1 packages looked up, no known vulnerability" in answer.stderr


def test_a_known_vulnerability_fails_even_beside_what_was_left_out(tmp_path: Path) -> None:
    answer = audit(tmp_path, {"dependencies": [LOOKED_UP, KNOWN, LEFT_OUT]}, code=1)
    assert answer.returncode == 1
    assert "jinja2 3.0.0: CVE-2099-1, fixed in 3.0.1" in answer.stderr


@pytest.mark.parametrize("dependencies", [[LEFT_OUT], [LEFT_OUT, LOOKED_UP]])
def test_packages_without_data_are_not_audited(tmp_path: Path, dependencies: list[object]) -> None:
    answer = audit(tmp_path, {"dependencies": dependencies})
    assert answer.returncode == 75
    assert f"not audited here: no vulnerability data for 1 of {len(dependencies)}" in answer.stderr


def test_a_service_that_is_away_is_no_pass(tmp_path: Path) -> None:
    answer = audit(tmp_path, None, code=1)
    assert answer.returncode == 75
    assert "not audited here: no route to the vulnerability service" in answer.stderr
