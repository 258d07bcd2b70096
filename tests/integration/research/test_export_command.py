"""The data bundle at the terminal."""

from __future__ import annotations

import zipfile
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from accounts.models import Person
from core.audit import AuditEvent
from core.db import db
from tests.cast import Cast
from tests.integration.assess.program_scores import rows_of_case, store


def test_it_writes_one_zip_and_says_what_is_in_it(app: Flask, cast: Cast, tmp_path: Path) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    target = tmp_path / "bundle.zip"
    run = app.test_cli_runner().invoke
    answer = run(args=["research", "export", "--selection", "from=2025Q2", "-o", str(target)])
    assert answer.exit_code == 0, answer.output
    assert "Overall score, 20 clinics, Q2 2025 to Q2 2026" in answer.output
    with zipfile.ZipFile(target) as bundle:
        assert bundle.testzip() is None
        assert any(name.endswith("data/long.csv") for name in bundle.namelist())
    with app.app_context():
        actions = db.session.scalars(select(AuditEvent.action)).all()
    assert "data_bundle.exported" in actions
    again = run(args=["research", "export", "-o", str(target)])
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_it_says_why_nothing_was_written(app: Flask, cast: Cast, tmp_path: Path) -> None:
    target = tmp_path / "bundle.zip"
    run = app.test_cli_runner().invoke
    with app.app_context():
        lead = db.session.get_one(Person, cast.lead).email
    for more, words in (
        ([], "There are no scores for this analysis."),
        (["--selection", "clock=moon"], "“moon” is no time."),
        (["--as", lead], "may not do this here (data.export)"),
    ):
        answer = run(args=["research", "export", "-o", str(target), *more])
        assert answer.exit_code in {1, 2}
        assert words in answer.output
    assert not target.exists()
