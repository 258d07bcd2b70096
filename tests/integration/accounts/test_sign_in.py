"""Coming in, going out, and what happens to a form when the sign-in has run out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy import func, select

from accounts import queries, service
from accounts.demo_links import make_demo_key
from accounts.models import Role
from accounts.sign_in import passwords, signing_in
from accounts.sign_in.resuming import is_local_path
from app import create_app
from core import clock
from core.db import db
from core.throttling import Attempt
from tests import databases
from tests.cast import PASSWORD, Cast
from tests.pages import CheckingClient
from tests.phone import with_phone

SignedIn = Callable[[int], CheckingClient]


@pytest.fixture
def robin(app: Flask, cast: Cast) -> str:
    """The email of a person with a password."""
    with app.app_context():
        person = service.create_person(email="Robin@Example.org", name="Robin", password=PASSWORD)
        service.grant_role(person=person, role=Role.ADMINISTRATOR)
        db.session.commit()
    return "robin@example.org"


def sign_in_with(client: CheckingClient, email: str, password: str, **extra: str):  # type: ignore[no-untyped-def]
    fields = {"email": email, "password": password, **extra}
    return client.send("/sign-in", fields, page="/sign-in")


def test_the_right_password_opens_the_home_page(client: CheckingClient, robin: str) -> None:
    answer = sign_in_with(client, robin.upper(), PASSWORD)
    assert answer.status_code == 302
    assert "Robin" in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("email", ["robin@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_email_read_the_same(
    client: CheckingClient, robin: str, email: str
) -> None:
    answer = sign_in_with(client, email, "wrong")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Email and password do not match" in page
    assert "<title>Error: " in page
    assert f'value="{email}"' in page, "what was typed comes back"
    assert "wrong" not in page, "but never a password"


def test_guessing_is_slowed_down_and_others_are_not(client: CheckingClient, robin: str) -> None:
    for _ in range(signing_in.WRONG_PASSWORDS.allowed):
        assert sign_in_with(client, robin, "wrong").status_code == 422
    assert sign_in_with(client, robin, PASSWORD).status_code == 429
    assert sign_in_with(client, "else@example.org", "wrong").status_code == 422


def test_old_wrong_tries_are_forgotten(app: Flask, robin: str) -> None:
    with app.app_context():
        with clock.frozen_at(clock.now() - signing_in.WRONG_PASSWORDS.window):
            for _ in range(signing_in.WRONG_PASSWORDS.allowed):
                signing_in.check_password(email=robin, password="wrong")
                db.session.commit()
        signing_in.check_password(email="else@example.org", password="wrong")
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == 3, "one of each"


def test_an_empty_form_names_both_fields(client: CheckingClient) -> None:
    page = client.send("/sign-in", {}, page="/sign-in").get_data(as_text=True)
    assert "Enter your email address." in page
    assert "Enter your password." in page


def test_signing_out_ends_the_sign_in_in_the_database(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.lead)
    with browser.session_transaction() as session:
        token = session["sign_in"]
    assert browser.send("/sign-out", page="/").status_code == 302
    with app.app_context():
        assert queries.get_viewer(token) is None


def test_a_sign_in_ends_after_twelve_hours(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    with browser.session_transaction() as session:
        token = session["sign_in"]
    with app.app_context():
        assert queries.get_viewer(token) is not None
        with clock.frozen_at(clock.now() + timedelta(hours=12, seconds=1)):
            assert queries.get_viewer(token) is None


def idle_for(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """Let Flask's cookie be older than it is, as after a break."""
    real = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda one: real(one) + minutes * 60)


def test_a_sign_in_ends_after_half_an_hour_without_use(
    cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(cast.lead)
    idle_for(monkeypatch, 29)
    assert browser.get("/account").status_code == 200, "which counts as use"
    idle_for(monkeypatch, 29)
    assert browser.get("/account").status_code == 200
    idle_for(monkeypatch, 31)
    assert browser.get("/account").status_code == 302


def test_a_form_typed_before_a_break_comes_back_after_password_and_code(
    app: Flask, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        service.set_password(cast.lead, passwords.hashed(PASSWORD))
        db.session.commit()
    phone = with_phone(app, cast.lead)
    browser = signed_in(cast.lead)
    token = browser.csrf_token()
    idle_for(monkeypatch, 31)
    late = browser.post("/account", data={"name": "Robin <typed>", "csrf_token": token})
    assert late.status_code == 401
    page = late
    for path, fields in (
        ("/sign-in", {"email": "lead@example.org", "password": PASSWORD}),
        ("/sign-in/code", {"code": phone.code()}),
    ):
        assert 'value="Robin &lt;typed&gt;"' in page.text
        carried = dict(re.findall(r'name="(resume-[^"]+)" value="([^"]*)"', page.text))
        carried = {name: unescape(value) for name, value in carried.items()}
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert csrf
        page = browser.post(path, data={**carried, **fields, "csrf_token": csrf[1]})
        assert page.status_code == 200
    assert "Choose the button to save it now." in page.text
    assert 'action="/account"' in page.text
    assert 'name="name" value="Robin &lt;typed&gt;"' in page.text


def test_a_form_sent_after_the_session_ended_comes_back_whole(
    client: CheckingClient, robin: str
) -> None:
    late = client.post("/sign-out", data={"note": "first line\nsecond <b>", "block": "a"})
    page = late.get_data(as_text=True)
    assert late.status_code == 401
    assert "second &lt;b&gt;" in page
    fields = {
        "resume-path": "/sign-out",
        "resume-field-note": "first line\nsecond <b>",
        "resume-field-block": "a",
    }
    answer = sign_in_with(client, robin, PASSWORD, **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'action="/sign-out"' in page
    assert 'name="note"' in page
    assert "second &lt;b&gt;" in page


def test_a_form_never_resumes_on_another_site(client: CheckingClient, robin: str) -> None:
    answer = sign_in_with(client, robin, PASSWORD, **{"resume-path": "//evil.example"})
    assert answer.status_code == 302
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/clinics/1", True),
        ("/clinics?x=1", True),
        ("", False),
        (None, False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/\t/evil.example", False),
        ("/\t/[", False),
        ("/\t//evil.example", False),
        ("/\r\n//\u2100.example", False),
        ("https://evil.example", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_paths_of_this_site_are_followed(path: str | None, local: bool) -> None:
    assert is_local_path(path) is local


def test_a_json_request_without_sign_in_gets_json(client: CheckingClient) -> None:
    answer = client.post("/sign-out", json={})
    assert answer.status_code == 401
    assert answer.json == {"error": "sign_in", "message": "Sign in to send your answers."}


def test_a_demo_link_signs_its_role_in(app: Flask, database_url: str) -> None:
    demo = create_app(databases.settings_for(database_url, demo=True))
    demo.test_client_class = CheckingClient
    with demo.app_context():
        person = service.create_person(email="lead@example.org", name="Lee", is_demo=True)
        organization = service.create_organization(name="Fiction", is_demo=True)
        clinic = service.create_clinic(organization=organization, name="F", study_code="F1")
        service.grant_role(person=person, role=Role.LEAD, clinic=clinic)
        db.session.commit()
        key = make_demo_key(Role.LEAD, secret="only for tests")
    browser: CheckingClient = demo.test_client()  # type: ignore[assignment]
    assert "Lee" in browser.get(f"/demo/sign-in/{key}").get_data(as_text=True)
    assert browser.send(f"/demo/sign-in/{key}", page=f"/demo/sign-in/{key}").status_code == 302
    assert "Lee" in browser.get("/").get_data(as_text=True)
    assert browser.get(f"/demo/sign-in/{key}x").status_code == 404
    assert app.test_client().get(f"/demo/sign-in/{key}").status_code == 404
    with demo.app_context():
        db.engine.dispose()


def test_healthz_answers_with_the_version(client: CheckingClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "version": "0.1.0"}
