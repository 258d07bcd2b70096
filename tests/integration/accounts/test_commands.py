"""The commands with which an administrator sets a program up."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Clinic, Grant, Person
from core.audit import AuditEvent
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
    assert "--name: The organization has a clinic named Elm already" in again.output
    other = run(app, *CLINIC[:-3], "Oak", "--code", "e01")
    assert "--code: e01 is used by another clinic" in other.output


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--state", "Washington"), "--state: This is not a state."),
        (("--fte", "many"), "--fte: This is not a number of clinicians."),
        (("--baseline", "soon"), "--baseline: This is not a quarter."),
        (("--ehr", "x" * 81), "--ehr: This has 81 characters."),
        (("--code", "E 1"), "--code: This code has a space"),
    ],
)
def test_a_clinic_is_checked_as_on_its_page(app: Flask, more: tuple[str, ...], words: str) -> None:
    answer = run(app, *CLINIC, *more)
    assert answer.exit_code == 1
    assert words in answer.output
    with app.app_context():
        assert db.session.scalars(select(Clinic)).all() == []


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


def test_nobody_gets_the_same_role_twice(app: Flask, cast: Cast) -> None:
    lead = ["--clinic", "N01"]
    assert add(app, "lead", *lead, email="lead@example.org").exit_code == 1
    assert "has this role" in add(app, "lead", *lead, email="lead@example.org").output


def test_people_are_listed_with_their_roles(app: Flask, cast: Cast) -> None:
    listed = run(app, "list-people", "--search", "alder").output.splitlines()
    assert "Lead <lead@example.org>: lead of Alder Clinic" in listed
    assert len(listed) == 3
    assert "Coach <coach@example.org>: coach of North Health" in run(app, "list-people").output


def test_an_account_is_closed_and_opened(app: Flask, cast: Cast) -> None:
    assert run(app, "disable-person", "Lead@example.org").exit_code == 0
    assert "Lead <lead@example.org>, closed" in run(app, "list-people").output
    assert run(app, "enable-person", "lead@example.org").exit_code == 0
    last = run(app, "disable-person", "administrator@example.org")
    assert last.exit_code == 1
    assert "only administrator of the whole program" in last.output
    with app.app_context():
        events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        assert [one.action for one in events] == ["person.disabled", "person.enabled"]
        assert {one.address for one in events} == {"terminal"}


@pytest.mark.parametrize(
    ("who", "command", "allowed"),
    [
        ("lead", "add-person --email x@example.org --name X --role member --clinic N01", True),
        ("lead", "add-person --email x@example.org --name X --role member --clinic N02", False),
        ("lead", "add-person --email x@example.org --name X --role coach", False),
        ("lead", "list-people", False),
        ("north", "add-clinic --organization North\u00a0Health --name New --code N09", True),
        ("north", "add-clinic --organization West --name New --code W01", False),
        ("north", "add-person --email x@example.org --name X --role administrator", False),
        ("north", "disable-person lead@example.org", True),
        ("north", "disable-person researcher@example.org", False),
        ("north", "disable-person other@example.org", False),
        ("stranger", "list-people", False),
        ("nobody", "list-people", False),
    ],
)
def test_a_command_that_acts_as_a_person_may_do_what_the_person_may(
    app: Flask, cast: Cast, who: str, command: str, allowed: bool
) -> None:
    password = ["--password", PASSWORD] if command.startswith("add-person") else []
    arguments = [*[word.replace("\u00a0", " ") for word in command.split(" ")], *password]
    runner = app.test_cli_runner(env={"BLOCKWISE_AS": f"{who}@example.org"})
    answer = runner.invoke(args=["accounts", *arguments])
    assert (answer.exit_code == 0) is allowed, answer.output
    with app.app_context():
        seen = set(db.session.scalars(select(AuditEvent.who)))
        if allowed and command != "list-people":
            assert seen == {f"{who.capitalize()} <{who}@example.org> at the terminal"}
        else:
            assert seen == set()


def test_people_of_other_organizations_are_not_listed(app: Flask, cast: Cast) -> None:
    listed = run(app, "list-people", "--as", "north@example.org").output
    assert "lead@example.org" in listed
    assert "other@example.org" not in listed
    assert "researcher@example.org" not in listed


def test_other_commands_ask_the_same_table(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    file.write_text("organization,clinic,quarter,score\nNorth Health,Alder Clinic,2026Q1,2.5\n")
    runner = app.test_cli_runner()
    as_lead = runner.invoke(args=["assess", "import", str(file), "--as", "lead@example.org"])
    assert "lead@example.org may not do this here" in as_lead.output
    assert as_lead.exit_code == 1
    assert runner.invoke(args=["assess", "import", str(file), "--dry-run"]).exit_code == 0
    as_administrator = ["assess", "import", str(file), "--as", "administrator@example.org"]
    assert runner.invoke(args=as_administrator).exit_code == 0
