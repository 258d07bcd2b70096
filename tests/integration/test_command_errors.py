"""A command that cannot use its database or settings says so in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from config import ROOT
from tests import databases
from tests.cast import Cast


@pytest.mark.parametrize(
    "arguments",
    [
        ["accounts", "add-clinic", "--organization", "A", "--name", "B", "--code", "C"],
        ["plans", "pdf", "--latest", "-o", "plan.pdf"],
        ["demo", "load"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_database_without_tables_is_named(tmp_path: Path, arguments: list[str]) -> None:
    app = create_app(databases.settings_for(f"sqlite:///{tmp_path / 'empty.db'}"))
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 1
    assert "no such table" in result.output
    assert "setup-program" in result.output


def test_a_plan_number_that_no_plan_can_have_is_refused(app: Flask, cast: Cast) -> None:
    arguments = ["plans", "pdf", "9" * 20, "-o", "plan.pdf"]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 2
    assert "is not in the range" in result.output


def test_a_wrong_setting_ends_a_command_without_a_trace() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "flask", "assess", "--help"],
        env={**os.environ, "DATABASE_URL": "mysql://x"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "DATABASE_URL must start with" in result.stderr
    assert "Traceback" not in result.stderr
