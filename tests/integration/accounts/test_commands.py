"""The commands with which an administrator sets a program up."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Grant, Person
from core.db import db
from tests.cast import PASSWORD, Cast

CLINIC = ["add-clinic", "--organization", "Elm Health", "--name", "Elm", "--code", "E01"]


def run(app: Flask, *arguments: str):  # type: ignore[no-untyped-def]
    return app.test_cli_runner().invoke(args=["accounts", *arguments])


def add(app: Flask, role: str, *more: str, email: str = "kim@example.org"):  # type: ignore[no-untyped-def]
    fixed = ["--email", email, "--name", "Kim", "--role", role, "--password", PASSWORD]
    return run(app, "add-person", *fixed, *more)


def test_a_program_is_set_up_from_nothing(app: Flask) -> None:
    assert run(app, *CLINIC, "--state", "wa").exit_code == 0
    assert "lead of Elm." in add(app, "lead", "--clinic", "E01").output
    assert "coach of Elm Health." in add(app, "coach", "--organization", "Elm Health").output
    with app.app_context():
        assert len(db.session.scalars(select(Person)).all()) == 1
        assert {one.role for one in db.session.scalars(select(Grant))} == {"lead", "coach"}


def test_the_same_clinic_twice_is_refused(app: Flask) -> None:
    run(app, *CLINIC)
    again = run(app, *CLINIC)
    assert again.exit_code == 1
    assert "already has a clinic Elm" in again.output


@pytest.mark.parametrize(
    ("role", "more", "words"),
    [
        ("lead", (), "--clinic: a lead works in one clinic"),
        ("member", ("--clinic", "X99"), "--clinic: there is none called X99"),
        ("coach", ("--organization", "None Such"), "--organization: there is none called"),
    ],
)
def test_a_wrong_option_is_named(
    app: Flask, cast: Cast, role: str, more: tuple[str, ...], words: str
) -> None:
    answer = add(app, role, *more)
    assert answer.exit_code == 1
    assert words in answer.output


def test_an_administrator_needs_a_long_password(app: Flask) -> None:
    fixed = ["create-admin", "--email", "root@example.org", "--name", "Root"]
    short = run(app, *fixed, "--password", "short")
    assert short.exit_code == 1
    assert "Use at least 15 characters." in short.output
    own = run(app, *fixed, "--password", "Root Root Root 1")
    assert own.exit_code == 1
    assert "Choose several unrelated words." in own.output
    assert "can sign in as administrator" in run(app, *fixed, "--password", PASSWORD).output
    assert "already has an account" in run(app, *fixed, "--password", PASSWORD).output
