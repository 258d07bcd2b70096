"""The benchmarks measure what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import reveal_timing
from benchmarks.program import making, own
from benchmarks.reveal_timing import Times


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


def test_a_page_that_takes_longer_for_some_answers_is_told_from_one_that_does_not() -> None:
    usual = [0.010 + 0.0001 * (number % 7) for number in range(300)]
    longer = [one + 0.0002 for one in usual]
    times = (Times(usual, usual), Times(usual[::-1], longer))
    found = reveal_timing.compare("progress", (reveal_timing.ONES, reveal_timing.FOURS), *times)
    assert (found.clock_difference_ms, found.clock_p > 0.9) == (0, True)
    assert (round(found.cpu_difference_ms, 3), found.cpu_p < 0.001) == (0.2, True)
    assert "+0.200  0.000" in reveal_timing.report([found])
    assert not found.may_differ
