"""A person's own pages: set the app up, keep the recovery codes, turn it off."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from accounts.factors import queries as factor_queries
from accounts.models import Person
from accounts.notices import Change
from accounts.sign_in import passwords
from core import clock, mail
from core.db import db
from tests.cast import PASSWORD, Cast
from tests.pages import CheckingClient
from tests.phone import with_phone

SignedIn = Callable[[int], CheckingClient]
OWN = "/account/second-factor"
SET_UP = f"{OWN}/set-up"
TURN_OFF = f"{OWN}/turn-off"
LATER = timedelta(minutes=11)


@pytest.fixture
def browser(app: Flask, cast: Cast, signed_in: SignedIn) -> CheckingClient:
    """The member's, who has a password."""
    with app.app_context():
        person = db.session.get_one(Person, cast.member)
        person.password_hash = passwords.hash_password(PASSWORD)
        db.session.commit()
    return signed_in(cast.member)


def is_on(app: Flask, person_id: int) -> bool:
    with app.app_context():
        return factor_queries.get_second_factor(person_id).is_on


def begin(browser: CheckingClient) -> str:
    """Open the page with the QR code; the key in it."""
    answer = browser.send(f"{OWN}/begin", page=OWN)
    assert answer.location == SET_UP
    return key_in(browser.get(SET_UP).get_data(as_text=True))


def key_in(page: str) -> str:
    found = re.search(r'<textarea id="key"[^>]*>([A-Z2-7 ]+)<', page)
    assert found is not None
    return found[1].replace(" ", "")


def codes_in(page: str) -> list[str]:
    found = re.search(r'<textarea id="codes"[^>]*>([^<]+)</textarea>', page)
    assert found is not None
    return found[1].split()


def test_setting_it_up_ends_with_ten_codes_shown_once(
    app: Flask, cast: Cast, browser: CheckingClient
) -> None:
    key = begin(browser)
    answer = browser.send(SET_UP, {"code": pyotp.TOTP(key).at(clock.now())}, page=SET_UP)
    assert answer.location == f"{OWN}/codes"
    page = browser.get(answer.location).get_data(as_text=True)
    codes = codes_in(page)
    assert len(set(codes)) == 10
    assert all(
        re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}", one) for one in codes
    )
    text = browser.get(f"{OWN}/codes.txt")
    assert text.headers["Content-Disposition"].startswith("attachment;")
    assert set(codes) <= set(text.get_data(as_text=True).split())
    browser.send(f"{OWN}/codes/kept", page=OWN)
    for gone in (f"{OWN}/codes", f"{OWN}/codes.txt"):
        assert browser.get(gone).location == OWN, "never again after that"
    assert "10 of 10 left" in browser.get(OWN).get_data(as_text=True)
    assert is_on(app, cast.member)


def test_a_wrong_first_code_keeps_the_key(app: Flask, cast: Cast, browser: CheckingClient) -> None:
    key = begin(browser)
    for typed, said in (("", "Enter the six digits"), ("12", "This code does not work.")):
        answer = browser.send(SET_UP, {"code": typed}, page=SET_UP)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert page.count(said) == 2, "in the summary and at the field"
        assert "<title>Error: " in page
        assert key_in(page) == key
    assert not is_on(app, cast.member)


def test_guessing_the_first_code_is_slowed_down(browser: CheckingClient) -> None:
    begin(browser)
    statuses = [browser.send(SET_UP, {"code": "12"}, page=SET_UP).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_the_key_waits_only_in_the_browser_that_began(
    cast: Cast, browser: CheckingClient, signed_in: SignedIn
) -> None:
    begin(browser)
    other = signed_in(cast.member)
    assert other.get(SET_UP).location == OWN
    assert other.send(SET_UP, {"code": "123456"}, page=OWN).location == OWN


def test_another_phone_replaces_the_first(
    app: Flask, cast: Cast, browser: CheckingClient, signed_in: SignedIn
) -> None:
    first = with_phone(app, cast.member)
    browser = signed_in(cast.member)
    key = begin(browser)
    browser.send(SET_UP, {"code": pyotp.TOTP(key).at(clock.now())}, page=SET_UP)
    answer = browser.send(TURN_OFF, {"proof": first.code()}, page=TURN_OFF)
    assert answer.status_code == 422
    assert is_on(app, cast.member)


@pytest.mark.parametrize("path", [f"{OWN}/begin", f"{OWN}/codes"])
def test_ten_minutes_after_sign_in_it_asks_who_is_there(
    app: Flask, cast: Cast, browser: CheckingClient, signed_in: SignedIn, path: str
) -> None:
    phone = with_phone(app, cast.member)
    browser = signed_in(cast.member)
    with clock.frozen_at(clock.now() + LATER):
        answer = browser.send(path, page=OWN)
        assert answer.location == f"/account/confirm?next={OWN}"
        wrong = browser.send("/account/confirm", {"proof": "wrong", "next": OWN}, page=OWN)
        assert wrong.status_code == 422
        assert browser.send(path, page=OWN).location == answer.location
        proved = {"proof": phone.code(), "next": OWN}
        assert browser.send("/account/confirm", proved, page=OWN).location == OWN
        assert browser.send(path, page=OWN).location != answer.location
    with clock.frozen_at(clock.now() + 2 * LATER):
        assert browser.send(path, page=OWN).location == answer.location


def test_a_password_confirms_too_and_leads_nowhere_else(browser: CheckingClient) -> None:
    fields = {"proof": PASSWORD, "next": "https://evil.example/"}
    answer = browser.send("/account/confirm", fields, page="/account/confirm")
    assert (answer.status_code, answer.location) == (303, OWN)


def test_whoever_has_no_password_is_told_to_sign_in_again(cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.lead).get("/account/confirm").get_data(as_text=True)
    assert "Sign out, sign in again" in page
    assert 'name="proof"' not in page


def test_making_codes_without_a_second_factor_makes_none(
    app: Flask, cast: Cast, browser: CheckingClient
) -> None:
    assert browser.send(f"{OWN}/codes", page=OWN).location == OWN
    with app.app_context():
        assert factor_queries.get_second_factor(cast.member).codes_left == 0


@pytest.mark.parametrize("with_password", [True, False])
def test_turning_it_off_asks_once_more(
    app: Flask, cast: Cast, browser: CheckingClient, signed_in: SignedIn, with_password: bool
) -> None:
    phone = with_phone(app, cast.member)
    browser = signed_in(cast.member)
    for typed in ("", "not the password", phone.wrong_code):
        answer = browser.send(TURN_OFF, {"proof": typed}, page=TURN_OFF)
        assert answer.status_code == 422
        if typed:
            assert typed not in answer.get_data(as_text=True)
    assert is_on(app, cast.member)
    proof = PASSWORD if with_password else phone.code()
    assert browser.send(TURN_OFF, {"proof": proof}, page=TURN_OFF).location == OWN
    assert not is_on(app, cast.member)
    assert "Set up an app" in browser.get(OWN).get_data(as_text=True), "and stays signed in here"
    assert browser.get(TURN_OFF).location == OWN


def test_a_short_password_must_grow_first(
    app: Flask, cast: Cast, browser: CheckingClient, signed_in: SignedIn
) -> None:
    with_phone(app, cast.member)
    browser = signed_in(cast.member)
    with app.app_context():
        db.session.get_one(Person, cast.member).password_is_short = True
        db.session.commit()
    page = html.unescape(browser.get(TURN_OFF).get_data(as_text=True))
    assert "First set a password of 15 characters or more" in page
    answer = browser.send(TURN_OFF, {"proof": PASSWORD}, page=OWN)
    assert answer.status_code == 409
    assert "15 characters" in answer.get_data(as_text=True)
    assert is_on(app, cast.member)


def test_people_are_told_by_mail_what_has_changed(
    app: Flask,
    cast: Cast,
    browser: CheckingClient,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(mail, "is_configured", lambda: True)
    monkeypatch.setattr(
        mail, "queue_mail", lambda **told: sent.append(f"{told['to']}: {told['text']}")
    )
    key = begin(browser)
    browser.send(SET_UP, {"code": pyotp.TOTP(key).at(clock.now())}, page=SET_UP)
    browser.send(TURN_OFF, {"proof": PASSWORD}, page=TURN_OFF)
    assert [one.startswith("member@example.org: ") for one in sent] == [True, True]
    assert Change.CODES_ON in sent[0]
    assert Change.CODES_OFF in sent[1]
    assert not any(key in one for one in sent)


def test_a_password_typed_too_late_is_not_printed_into_the_sign_in_page(
    client: CheckingClient,
) -> None:
    fields = {"proof": "a secret of mine", "next": OWN}
    for path in (TURN_OFF, "/account/confirm"):
        answer = client.send(path, fields, page="/sign-in")
        assert answer.status_code == 401
        assert f'name="resume-path" value="{path}"' in answer.text
        assert "a secret of mine" not in answer.text
