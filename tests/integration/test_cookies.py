"""The session cookie lives on while it is used, and a page token is good for its session only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from itsdangerous.timed import TimestampSigner

from core.cookies import FRESH_SECONDS
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def older(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Let every cookie be so much older than it is."""
    real = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda one: real(one) + seconds)


def test_a_fresh_cookie_is_not_sent_again_and_an_older_one_is_signed_anew(
    cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(cast.lead)
    browser.get("/account")  # which gives the session its page token
    assert "Set-Cookie" not in browser.get("/account").headers
    older(monkeypatch, FRESH_SECONDS)
    again = browser.get("/account").headers["Set-Cookie"]
    assert "blockwise=" in again
    assert "HttpOnly" in again
    assert "SameSite=Lax" in again
    assert "Set-Cookie" not in browser.get("/account").headers


def test_a_forgotten_screen_of_a_meeting_keeps_nobody_signed_in(
    app: Flask, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        seeding.reveal(assessment := seeding.open_assessment(cast.clinic))
    browser = signed_in(cast.member)
    browser.get("/account")
    older(monkeypatch, FRESH_SECONDS)
    asked = browser.get(f"/assessments/{assessment}/meeting/state")
    assert asked.status_code == 200
    assert "Set-Cookie" not in asked.headers, "each second by itself is no use of the session"
    assert "Set-Cookie" in browser.get(f"/assessments/{assessment}/meeting").headers


def test_a_cookie_signed_with_another_key_is_nobodys(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.lead)
    assert browser.get("/account").status_code == 200
    app.secret_key = "another key"
    assert browser.get("/account").status_code == 302
    assert signed_in(cast.lead).get("/account").status_code == 200


def test_a_page_token_is_good_for_its_own_session_only(cast: Cast, signed_in: SignedIn) -> None:
    browser, other = signed_in(cast.lead), signed_in(cast.member)
    own, foreign = browser.csrf_token(), other.csrf_token()

    def status(token: str | None, header: str | None = None) -> int:
        sent = {} if token is None else {"csrf_token": token}
        headers = {} if header is None else {"X-CSRFToken": header}
        return browser.post("/account", data=sent, headers=headers).status_code

    assert status(own) == 422, "the token is good, the form is not"
    assert status(None, own) == 422
    with browser.session_transaction() as session:
        raw = session["csrf_token"]
    for wrong in (foreign, raw, own[:-1], own + "x", "", "ä", None):
        assert status(wrong) == 400, wrong
        assert status(None, (wrong or "").encode("ascii", "ignore").decode()) == 400, wrong
