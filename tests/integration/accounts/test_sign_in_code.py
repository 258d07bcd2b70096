"""Step two of sign-in: until the code is right nothing opens, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.factors import second_factors
from accounts.models import Method, Person, SignIn
from accounts.sign_in import passwords
from core import clock
from core.db import db
from tests.cast import PASSWORD, Cast
from tests.pages import CheckingClient
from tests.phone import Phone, with_phone

SignedIn = Callable[[int], CheckingClient]
CODE = "/sign-in/code"
TYPED = {"resume-path": "/clinics/1/open", "resume-field-quarter": "2026Q4 <typed>"}


@pytest.fixture
def phone(app: Flask, cast: Cast) -> Phone:
    """The administrator's, who has a password as well."""
    with app.app_context():
        person = db.session.get_one(Person, cast.administrator)
        person.password_hash = passwords.hash_password(PASSWORD)
        db.session.commit()
    return with_phone(app, cast.administrator)


def show_password(client: CheckingClient, **fields: str) -> TestResponse:
    known = {"email": "administrator@example.org", "password": PASSWORD}
    return client.send("/sign-in", {**known, **fields}, page="/sign-in")


def show_code(client: CheckingClient, code: str, **fields: str) -> TestResponse:
    return client.send(CODE, {"code": code, **fields}, page=CODE)


def test_the_password_alone_opens_nothing(client: CheckingClient, phone: Phone) -> None:
    assert show_password(client).location == CODE
    assert "Enter your code" in client.get(CODE).get_data(as_text=True)
    for path in ("/clinics", "/account/second-factor", "/account/passkeys", "/trends"):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (302, f"/sign-in?next={path}")
    assert "administrator@example.org" not in client.get("/").get_data(as_text=True)
    token = {"X-CSRFToken": client.csrf_token(CODE)}
    assert client.put("/ratings/1/answers", json={}, headers=token).status_code == 401
    assert client.post("/account/second-factor/begin", headers=token).status_code == 401
    assert client.post("/account/passkeys/options", headers=token).status_code == 401


def test_the_code_opens_the_wanted_page(app: Flask, client: CheckingClient, phone: Phone) -> None:
    assert show_password(client, next="/clinics").location == f"{CODE}?next=/clinics"
    assert 'name="next" value="/clinics"' in client.get(f"{CODE}?next=/clinics").text
    assert show_code(client, phone.code(), next="/clinics").location == "/clinics"
    assert client.get("/clinics").status_code == 200
    with app.app_context():
        newest = db.session.query(SignIn).order_by(SignIn.id.desc()).first()
        assert newest is not None
        assert newest.method == Method.PASSWORD_AND_CODE


def test_no_way_leads_off_this_site(client: CheckingClient, phone: Phone) -> None:
    show_password(client)
    assert show_code(client, phone.code(), next="//evil.example/").location == "/"


def test_wrong_old_and_used_codes_read_the_same(
    app: Flask, client: CheckingClient, phone: Phone
) -> None:
    used = phone.code()
    show_password(client)
    assert show_code(client, used).status_code == 302
    pages = []
    other: CheckingClient = app.test_client()  # type: ignore[assignment]
    show_password(other)
    for typed in (used, phone.code(clock.now() - timedelta(minutes=3)), phone.wrong_code):
        answer = show_code(other, typed)
        assert answer.status_code == 422
        assert typed not in answer.text, "nobody has to erase it first"
        pages.append(answer.text.split("<main")[1].split('name="csrf_token"')[0])
    assert len(set(pages)) == 1
    assert pages[0].count("This code does not work.") == 1
    assert "<title>Error: Enter your code" in answer.text


def test_an_empty_answer_says_what_to_enter(client: CheckingClient, phone: Phone) -> None:
    show_password(client)
    answer = show_code(client, " ")
    assert answer.status_code == 422
    assert answer.text.count("Enter the six digits your app shows.") == 2


def test_a_recovery_code_lets_in_once(app: Flask, client: CheckingClient, phone: Phone) -> None:
    show_password(client)
    fields = {"code": "", "recovery_code": phone.recovery_codes[3].lower()}
    assert client.send(CODE, fields, page=CODE).status_code == 302
    other: CheckingClient = app.test_client()  # type: ignore[assignment]
    show_password(other)
    again = other.send(CODE, fields, page=CODE)
    assert again.status_code == 422
    assert again.text.count("Check it, or use another one.") == 2
    assert "<details open>" in again.text, "the field with the error is open"
    assert "9 of 10 left" in client.get("/account/second-factor").text


def test_too_many_wrong_codes_wait_and_keep_everything(
    client: CheckingClient, phone: Phone
) -> None:
    show_password(client)
    for _ in range(second_factors.WRONG_CODES.allowed):
        assert show_code(client, phone.wrong_code, **TYPED).status_code == 422
    answer = show_code(client, phone.code(), next="/clinics", **TYPED)
    assert answer.status_code == 429
    assert "15 minutes" in answer.text
    assert 'name="next" value="/clinics"' in answer.text
    assert 'name="resume-field-quarter" value="2026Q4 &lt;typed&gt;"' in answer.text


def test_a_form_typed_before_comes_through_both_steps(client: CheckingClient, phone: Phone) -> None:
    first = show_password(client, **TYPED)
    assert first.status_code == 200
    assert "Enter your code" in first.text
    for name in TYPED:
        assert f'name="{name}"' in first.text
    wrong = show_code(client, phone.wrong_code, **TYPED)
    assert 'value="2026Q4 &lt;typed&gt;"' in wrong.text
    done = show_code(client, phone.code(), **TYPED)
    assert done.status_code == 200
    assert 'action="/clinics/1/open"' in done.text
    assert 'name="quarter" value="2026Q4 &lt;typed&gt;"' in done.text


def test_after_ten_minutes_the_password_is_asked_again(
    client: CheckingClient, phone: Phone
) -> None:
    show_password(client)
    with clock.frozen_at(clock.now() + timedelta(minutes=10, seconds=5)):
        answer = client.send(CODE, {"code": phone.code(), **TYPED}, page="/sign-in")
        assert answer.status_code == 401
        assert 'name="password"' in answer.text
        assert 'value="2026Q4 &lt;typed&gt;"' in answer.text
        assert client.get(CODE).location == "/sign-in"


def test_without_a_password_before_it_no_code_helps(client: CheckingClient, phone: Phone) -> None:
    assert client.get(f"{CODE}?next=/clinics").location == "/sign-in?next=/clinics"
    answer = client.send(CODE, {"code": phone.code()}, page="/sign-in")
    assert answer.status_code == 401


def test_a_password_changed_meanwhile_ends_the_half_way(
    app: Flask, client: CheckingClient, cast: Cast, phone: Phone
) -> None:
    show_password(client)
    with app.app_context():
        person = db.session.get_one(Person, cast.administrator)
        person.password_hash = passwords.hash_password("another long password")
        db.session.commit()
    answer = client.send(CODE, {"code": phone.code()}, page="/sign-in")
    assert answer.status_code == 401


def test_a_page_with_an_old_token_brings_the_form_to_the_sign_in_page(
    client: CheckingClient, phone: Phone
) -> None:
    show_password(client)
    answer = client.post(CODE, data={"csrf_token": "old", "code": phone.code(), **TYPED})
    assert answer.status_code == 400
    assert 'name="password"' in answer.text
    assert 'value="2026Q4 &lt;typed&gt;"' in answer.text


def test_signed_in_meanwhile_in_another_tab_goes_on(
    cast: Cast, signed_in: SignedIn, phone: Phone
) -> None:
    browser = signed_in(cast.administrator)
    fields = {"code": phone.code(), "next": "/clinics"}
    assert browser.send(CODE, fields, page="/help").location == "/clinics"
    answer = browser.send(CODE, {**fields, **TYPED}, page="/help")
    assert 'action="/clinics/1/open"' in answer.text
