"""The audit log is proved, its ends are written down, and it is exported, from the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from core import audit, clock
from core.db import db
from tests import databases


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["audit", *map(str, arguments)])


@pytest.fixture
def log(app: Flask) -> None:
    with app.app_context():
        for number in range(3):
            audit.record("thing.changed", subject=f"=thing {number}")
            audit.record("thing.changed", subject="other", organization_id=4)
        db.session.commit()


def cut_the_end(app: Flask) -> None:
    """As the owner of the database could, without leaving a trace in it."""
    with app.app_context(), databases.as_superuser(db.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        else:
            connection.execute(text("DROP TRIGGER audit_event_no_delete"))
        connection.execute(text("DELETE FROM audit_event WHERE chain='program' AND sequence = 3"))
        connection.execute(
            text(
                "UPDATE audit_head SET sequence = 2, sha256 = (SELECT sha256 FROM audit_event "
                "WHERE chain='program' AND sequence = 2) WHERE chain = 'program'"
            )
        )


@pytest.mark.usefixtures("log")
def test_a_whole_log_is_said_to_be_whole(app: Flask) -> None:
    answer = run(app, "verify")
    assert answer.exit_code == 0
    assert "whole: 6 lines in 2 chains." in answer.output
    assert "whole: 3 lines in 1 chain." in run(app, "verify", "--chain", "program").output


@pytest.mark.usefixtures("log")
def test_a_cut_end_is_found_with_the_heads_kept_elsewhere(app: Flask, tmp_path: Path) -> None:
    kept = tmp_path / "heads.txt"
    kept.write_text(run(app, "heads").output, encoding="utf-8")
    assert run(app, "verify", "--expect", kept).exit_code == 0
    cut_the_end(app)
    assert run(app, "verify").exit_code == 0
    answer = run(app, "verify", "--expect", kept)
    assert answer.exit_code == 1
    assert "program, line 3: cut off" in answer.output
    assert "1 problem found" in answer.output


@pytest.mark.usefixtures("log")
def test_a_file_that_holds_no_heads_is_refused(app: Flask, tmp_path: Path) -> None:
    for content in ("program 3", "program\tx\t" + "0" * 64, "program\t3\tabc"):
        wrong = tmp_path / "heads.txt"
        wrong.write_text("\n" + content, encoding="utf-8")
        answer = run(app, "verify", "--expect", wrong)
        assert answer.exit_code == 1
        assert "Line 2 is not a chain" in answer.output


@pytest.mark.usefixtures("log")
def test_a_period_is_exported_for_spreadsheets_and_programs(app: Flask, tmp_path: Path) -> None:
    today = clock.today().isoformat()
    table, objects = tmp_path / "log.csv", tmp_path / "log.jsonl"
    assert "Wrote 6 lines" in run(app, "export", "--from", today, "-o", table).output
    assert "Wrote 6 lines" in run(app, "export", "--to", today, "-o", objects).output
    lines = table.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 7
    assert any('"\'=thing 0"' in line for line in lines)
    rows = [json.loads(line) for line in objects.read_text(encoding="utf-8").splitlines()]
    assert next(row["subject"] for row in rows if row["chain"] == "program") == "=thing 0"
    nothing = run(app, "export", "--to", "2001-01-01", "-o", tmp_path / "nothing.csv")
    assert "Wrote 0 lines" in nothing.output


@pytest.mark.usefixtures("log")
def test_an_export_overwrites_nothing(app: Flask, tmp_path: Path) -> None:
    there = tmp_path / "log.csv"
    there.write_text("mine", encoding="utf-8")
    answer = run(app, "export", "-o", there)
    assert answer.exit_code == 1
    assert "File exists" in answer.output
    assert there.read_text(encoding="utf-8") == "mine"
    assert "end log.xlsx in .csv or .jsonl" in run(app, "export", "-o", "log.xlsx").output
