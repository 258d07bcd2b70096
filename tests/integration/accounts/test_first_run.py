"""The first administrator is made once, by whoever can read the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import service
from accounts.models import Grant, Person, Role
from accounts.program.first_run import first_run_code
from app import create_app
from core.audit import AuditEvent
from core.db import db
from tests import databases
from tests.cast import PASSWORD, create_cast
from tests.pages import CheckingClient

PATH = f"/first-run/{first_run_code('only for tests')}"
FIELDS = {"name": "Ada Admin", "email": "Ada@Example.org", "new_password": PASSWORD}


@pytest.fixture
def demo(database_url: str) -> Iterator[Flask]:
    application = create_app(databases.settings_for(database_url, demo=True))
    application.test_client_class = CheckingClient
    yield application
    with application.app_context():
        db.engine.dispose()


def add_demo_administrator(app: Flask) -> None:
    with app.app_context():
        person = service.create_person(email="demo@example.org", name="Demo", is_demo=True)
        service.grant_role(person=person, role=Role.ADMINISTRATOR)
        db.session.commit()


def test_the_link_makes_the_administrator_and_leads_to_the_first_organization(
    app: Flask, client: CheckingClient
) -> None:
    assert "This Blockwise is new" in client.get("/").get_data(as_text=True)
    made = client.send(PATH, FIELDS, page=PATH)
    assert made.status_code == 302
    page = client.get(made.location).get_data(as_text=True)
    assert "<h1>Add your first organization</h1>" in page
    assert "Ada Admin" in page, "signed in"
    with app.app_context():
        person = db.session.scalars(select(Person)).one()
        assert person.email == "ada@example.org"
        grant = db.session.scalars(select(Grant)).one()
        assert (grant.role, grant.organization_id, grant.clinic_id) == ("administrator", None, None)
        actions = db.session.scalars(select(AuditEvent.action)).all()
        assert actions == ["person.created", "role.given", "person.signed_in"]
    visitor: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert "This Blockwise is new" not in visitor.get("/").get_data(as_text=True)


def test_the_link_works_once(app: Flask, client: CheckingClient) -> None:
    client.send(PATH, FIELDS, page=PATH)
    late: CheckingClient = app.test_client()  # type: ignore[assignment]
    answer = late.send(PATH, {**FIELDS, "email": "eve@example.org"}, page="/sign-in")
    assert answer.status_code == 409
    assert "Blockwise is set up already" in answer.get_data(as_text=True)
    assert late.get(PATH).status_code == 409


@pytest.mark.parametrize("code", ["x", "0" * 64, "é", PATH.rsplit("/", 1)[1][:-1]])
def test_a_guessed_link_opens_nothing(app: Flask, client: CheckingClient, code: str) -> None:
    assert client.get(f"/first-run/{code}").status_code == 404
    assert client.send(f"/first-run/{code}", FIELDS, page="/sign-in").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Person)).all() == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "Enter the name."),
        ({"email": "nobody"}, "Enter it like this"),
        ({"new_password": "short"}, "Use at least 15 characters."),
        ({"new_password": "a" * 20}, "Choose several unrelated words."),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_comes_back(
    client: CheckingClient, changed: dict[str, str], words: str
) -> None:
    answer = client.send(PATH, FIELDS | changed, page=PATH)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.count(words) == 2
    assert changed.get("new_password", "nothing") not in page


def test_two_people_who_open_it_at_once_make_one_administrator(app: Flask) -> None:
    start = Barrier(3)

    def post(number: int) -> int:
        browser: CheckingClient = app.test_client()  # type: ignore[assignment]
        token = browser.csrf_token(PATH)
        start.wait()
        fields = {**FIELDS, "email": f"ada{number}@example.org", "csrf_token": token}
        return browser.post(PATH, data=fields).status_code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(post, range(3))) == [302, 409, 409]
    with app.app_context():
        assert len(db.session.scalars(select(Grant)).all()) == 1


def test_a_fictional_administrator_counts_in_the_demonstration_only(
    app: Flask, demo: Flask
) -> None:
    add_demo_administrator(app)
    assert app.test_client().get(PATH).status_code == 200
    assert demo.test_client().get(PATH).status_code == 409


def test_an_email_that_has_an_account_is_named(app: Flask, client: CheckingClient) -> None:
    with app.app_context():
        service.create_person(email="ada@example.org", name="Ada")
        db.session.commit()
    answer = client.send(PATH, FIELDS, page=PATH)
    assert answer.status_code == 422
    assert "ada@example.org already has an account" in answer.get_data(as_text=True)


def test_the_terminal_prints_the_link_while_there_is_no_administrator(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    printed = run(args=["accounts", "first-run-link"])
    assert f"http://127.0.0.1{PATH}" in printed.output
    with app.app_context():
        create_cast()
    assert run(args=["accounts", "first-run-link"]).exit_code == 1
