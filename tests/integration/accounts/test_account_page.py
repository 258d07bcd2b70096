"""A person's own account: name, password, and the browsers that are signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import queries, service
from accounts.models import Method, Person, SignIn
from accounts.sign_in import passwords, sign_ins
from core import clock
from core.audit import AuditEvent
from core.db import db
from tests.cast import PASSWORD, Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
NEW = "violet harbor tractor nine"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def lead(app: Flask, cast: Cast) -> int:
    with app.app_context():
        service.set_password(cast.lead, passwords.hashed(PASSWORD))
        db.session.commit()
    return cast.lead


def token_of(browser: CheckingClient) -> str:
    with browser.session_transaction() as session:
        token: str = session["sign_in"]
    return token


def is_in(browser: CheckingClient) -> bool:
    return browser.get("/account").status_code == 200


def change(browser: CheckingClient, old: str, new: str):  # type: ignore[no-untyped-def]
    fields = {"password": old, "new_password": new}
    return browser.send("/account/password", fields, page="/account/password")


def test_name_and_job_role_can_be_changed(app: Flask, lead: int, signed_in: SignedIn) -> None:
    browser = signed_in(lead)
    # a name with line ends could write sentences of its own into a mail to somebody else
    fields = {"name": "  Robin\r\n Lee ", "job_role": "Nurse"}
    answer = browser.send("/account", fields, page="/account")
    assert answer.location == "/account?saved=details"
    page = browser.get(answer.location).text
    assert "Your details are saved" in page
    assert 'value="Robin Lee"' in page
    with app.app_context():
        assert db.session.get_one(Person, lead).job_role == "Nurse"
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "person.changed")
        ).one()
        assert "Robin Lee" in (event.after or "")


def test_a_name_is_needed_and_the_rest_comes_back(lead: int, signed_in: SignedIn) -> None:
    browser = signed_in(lead)
    answer = browser.send("/account", {"name": " ", "job_role": "Nurse"}, page="/account")
    assert answer.status_code == 422
    assert "Enter your name." in answer.text
    assert '<option selected value="Nurse">' in answer.text


def test_changing_the_password_asks_for_the_old_one_and_signs_others_out(
    app: Flask, lead: int, signed_in: SignedIn
) -> None:
    browser, elsewhere = signed_in(lead), signed_in(lead)
    wrong = change(browser, "not the old one", NEW)
    assert wrong.status_code == 422
    assert "This is not your current password." in wrong.text
    assert is_in(elsewhere)
    assert change(browser, PASSWORD, NEW).location == "/account?saved=password"
    assert is_in(browser)
    assert not is_in(elsewhere)
    assert change(browser, NEW, PASSWORD).status_code == 303


def test_a_new_password_that_people_guess_is_refused(lead: int, signed_in: SignedIn) -> None:
    answer = change(signed_in(lead), PASSWORD, "password password")
    assert answer.status_code == 422
    assert "Choose several unrelated words." in answer.text


def test_guessing_the_old_password_is_slowed_down(lead: int, signed_in: SignedIn) -> None:
    browser = signed_in(lead)
    statuses = [change(browser, "wrong", NEW).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_somebody_without_a_password_sets_one_after_a_fresh_sign_in(
    cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.coach)
    assert "Set a password" in browser.get("/account").text
    answer = browser.send("/account/password", {"new_password": NEW}, page="/account/password")
    assert answer.location == "/account?saved=password"
    assert "Change your password" in browser.get("/account").text


def test_browsers_are_listed_and_can_be_signed_out(
    app: Flask, lead: int, signed_in: SignedIn
) -> None:
    browser = signed_in(lead)
    with app.app_context():
        far = sign_ins.start(
            lead, method=Method.PASSKEY, address="203.0.113.9", browser=FIREFOX + "\0"
        )
        db.session.commit()
    page = browser.get("/account").text
    assert "(this browser)" in page
    assert "Firefox on Windows" in page
    assert "Passkey, from 203.0.113.9" in page
    path = page.split('action="/account/browsers/')[1].split('"')[0]
    assert browser.send(f"/account/browsers/{path}", page="/account").status_code == 303
    assert "Firefox on Windows" not in browser.get("/account").text
    assert is_in(browser)
    with app.app_context():
        assert queries.get_viewer(far) is None
    assert browser.send(f"/account/browsers/{path}", page="/account").status_code == 404


def test_signing_out_everywhere_else_leaves_this_browser(lead: int, signed_in: SignedIn) -> None:
    browser, second, third = signed_in(lead), signed_in(lead), signed_in(lead)
    answer = browser.send("/account/browsers/sign-out-others", page="/account")
    assert answer.location == "/account?saved=browsers"
    assert [is_in(one) for one in (browser, second, third)] == [True, False, False]


def test_nobody_signs_others_out(app: Flask, lead: int, cast: Cast, signed_in: SignedIn) -> None:
    theirs = signed_in(lead)
    mine = signed_in(cast.member)
    with app.app_context():
        number = db.session.scalars(select(SignIn.id).where(SignIn.person_id == lead)).one()
    answer = mine.send(f"/account/browsers/{number}/sign-out", page="/account")
    assert answer.status_code == 404
    assert is_in(theirs)


def test_a_closed_account_is_out_at_once_and_stays_out(
    app: Flask, lead: int, signed_in: SignedIn, client: CheckingClient
) -> None:
    browser = signed_in(lead)
    with app.app_context():
        db.session.get_one(Person, lead).disabled_at = clock.now()
        db.session.commit()
    assert not is_in(browser)
    fields = {"email": "lead@example.org", "password": PASSWORD}
    answer = client.send("/sign-in", fields, page="/sign-in")
    assert answer.status_code == 422
    assert "Email and password do not match" in answer.text, "nobody learns that it exists"
    with app.app_context(), pytest.raises(sign_ins.AccountClosed):
        sign_ins.start(lead, method=Method.PASSKEY)
