"""The benchmark of a large program measures what Blockwise would have stored itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.program import making, own


def test_a_made_program_has_the_scores_that_its_answers_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "program.db"
    making.make(database, making.Size(clinics=3, quarters=3, raters=2))  # raises if they differ
    own.main(str(database))
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 7
    assert found["overall"]["F"] > 0
    making.write_csv(database, tmp_path / "answers.csv", tmp_path / "blocks.csv")
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    assert len(lines) == 1 + 3 * 3 * 2 * 26
