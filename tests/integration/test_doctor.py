"""`flask doctor` tells what is not well, and ends with 1 only when something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

import config
from accounts import service
from accounts.models import Role
from core import audit
from core.db import db
from tests import databases

MakeApp = Callable[[config.Settings], Flask]


def run(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["doctor", *options])


def states(app: Flask) -> dict[str, str]:
    return {one["name"]: one["state"] for one in json.loads(run(app, "--json").output)}


def add_administrator(app: Flask) -> None:
    with app.app_context():
        person = service.create_person(email="a@example.org", name="A")
        service.grant_role(person=person, role=Role.ADMINISTRATOR)
        audit.record("thing.changed", subject="thing")
        audit.record("thing.changed", subject="thing")
        db.session.commit()


def test_an_empty_program_lacks_an_administrator_only(app: Flask) -> None:
    answer = run(app)
    assert answer.exit_code == 1
    assert "problem  administrators: nobody runs the whole program" in answer.output
    assert "→ Create one: flask accounts create-admin" in answer.output
    found = states(app)
    assert [name for name, state in found.items() if state == "problem"] == ["administrators"]
    add_administrator(app)
    answer = run(app)
    assert answer.exit_code == 0, answer.output
    found = states(app)
    assert found["second factors"] == "warning"
    assert found["SECRET_KEY"] == "warning"
    assert found["database"] == found["migrations"] == found["audit log"] == "ok"


def test_a_changed_line_of_the_log_is_a_problem(app: Flask) -> None:
    add_administrator(app)
    with app.app_context(), databases.as_superuser(db.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        else:
            connection.execute(text("DROP TRIGGER audit_event_no_update"))
        connection.execute(text("UPDATE audit_event SET who = 'x' WHERE sequence = 1"))
    answer = run(app)
    assert answer.exit_code == 1
    assert "audit log: program, line 1: this line" in answer.output


def test_a_database_that_is_behind_is_a_problem(app: Flask) -> None:
    add_administrator(app)
    with app.app_context(), databases.as_superuser(db.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert states(app)["migrations"] == "problem"


def test_rights_of_the_database_user_are_seen(app: Flask, make_app: MakeApp) -> None:
    with app.app_context(), databases.as_superuser(db.engine) as connection:
        url = connection.engine.url.render_as_string(hide_password=False)
        own = db.engine.url.username
    if url.startswith("sqlite"):
        assert "database user" not in states(app)
        return
    if own == "blockwise_test_app":
        assert states(app)["database user"] == "ok"
    over = make_app(databases.settings_for(url))
    answer = run(over)
    assert "database user is a superuser: row-level security does not hold" in answer.output
    assert "may change the audit log" in answer.output
    with over.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["sqlite:////no/such/folder/blockwise.db", "postgresql+psycopg://x@127.0.0.1:1/x"],
)
def test_a_database_that_is_away_is_said_once(make_app: MakeApp, url: str) -> None:
    answer = run(make_app(databases.settings_for(url)))
    assert answer.exit_code == 1
    assert answer.output.count("cannot be looked at") == (2 if url.startswith("sqlite") else 1)
    assert "problem  database: cannot be looked at" in answer.output
    assert "administrators" not in answer.output


def test_settings_that_are_unsafe_on_the_internet_are_problems(
    make_app: MakeApp, database_url: str
) -> None:
    settings = databases.settings_for(database_url, base_url="http://blockwise.example.org")
    found = states(make_app(replace(settings, demo=True)))
    assert found["address"] == found["SECRET_KEY"] == "problem"
    assert found["demonstration"] == "warning"
