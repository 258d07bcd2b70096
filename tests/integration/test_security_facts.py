"""Facts that docs/security.md states about every page, and that no other test shows."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.http import parse_options_header

import config
from accounts import guard, service
from accounts.models import SignIn
from accounts.sign_in import passwords
from core.db import db
from tests import databases
from tests.cast import PASSWORD, Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/instance/secret_key",
        "/instance/blockwise.db",
        "/app.py",
        "/static/",
        "/static/css/",
        "/static/../app.py",
        "/static/%2e%2e/instance/secret_key",
        "/static/..%5capp.py",
    ],
)
def test_nothing_but_our_pages_and_named_files_is_served(client: CheckingClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/help", "/sign-in", "/static/css/base.css", "/healthz"])
def test_trace_is_no_method_of_ours(client: CheckingClient, path: str) -> None:
    answer = client.open(path, method="TRACE", headers={"X-Told": "secret"})
    assert answer.status_code == 405
    assert "secret" not in answer.text


def test_no_debugger_is_on(app: Flask) -> None:
    assert not app.debug
    assert not app.config["DEBUG"]


def test_no_other_site_is_allowed_to_read(client: CheckingClient) -> None:
    elsewhere = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
    for method, path in [("GET", "/help"), ("OPTIONS", "/ratings/1/answers"), ("GET", "/healthz")]:
        answer = client.open(path, method=method, headers=elsewhere)
        allowed = [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert allowed == [], path


def test_text_says_in_which_characters_it_is_written(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.administrator)
    kinds = {
        "/help": "text/html",
        "/no-such-page": "text/html",
        "/admin/import/template.csv": "text/csv",
        "/static/css/base.css": "text/css",
        "/static/js/copying.js": "text/javascript",
    }
    for path, kind in kinds.items():
        with browser.get(path) as answer:
            told, options = parse_options_header(answer.headers["Content-Type"])
            assert (told, options.get("charset")) == (kind, "utf-8"), path
    # JSON is UTF-8 by its own standard (RFC 8259)
    assert browser.get("/healthz").mimetype == "application/json"


def test_every_page_of_somebody_signed_in_has_the_way_out(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser, seen = signed_in(cast.administrator), 0
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", guard.PUBLIC)
        if rule.arguments or "GET" not in (rule.methods or ()) or access == guard.PUBLIC:
            continue
        answer = browser.get(rule.rule)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            assert 'action="/sign-out"' in answer.text, rule.rule
            seen += 1
    assert seen > 10


def test_fields_for_passwords_are_masked_and_open_to_managers(
    app: Flask, cast: Cast, client: CheckingClient, signed_in: SignedIn
) -> None:
    with app.app_context():
        service.set_password(cast.member, passwords.hashed(PASSWORD))
        db.session.commit()
    pages = [client.get("/sign-in").text, signed_in(cast.member).get("/account/password").text]
    for wanted in ("current-password", "new-password"):
        assert any(f'autocomplete="{wanted}"' in page for page in pages)
    for page in pages:
        assert 'type="password"' in page
        assert "onpaste" not in page
        assert 'autocomplete="off"' not in page


def test_every_cookie_of_an_encrypted_site_is_bound_and_closed(
    app: Flask, cast: Cast, make_app: Callable[[config.Settings], Flask], database_url: str
) -> None:
    with app.app_context():
        service.set_password(cast.member, passwords.hashed(PASSWORD))
        db.session.commit()
    address = "https://blockwise.example.org"
    settings = replace(databases.settings_for(database_url, base_url=address), secure_cookies=True)
    site = make_app(settings)
    site.test_client_class = CheckingClient
    browser = site.test_client()
    page = browser.get("/sign-in", base_url=address).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    fields = {"email": "member@example.org", "password": PASSWORD, "csrf_token": token}
    answer = browser.post("/sign-in", data=fields, base_url=address, headers={"Referer": address})
    assert answer.status_code == 302
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_fields_in_the_address_are_not_taken_for_those_of_the_form(
    app: Flask, cast: Cast, client: CheckingClient
) -> None:
    with app.app_context():
        service.set_password(cast.member, passwords.hashed(PASSWORD))
        db.session.commit()
    answer = client.send(f"/sign-in?email=member@example.org&password={PASSWORD}", page="/sign-in")
    assert answer.status_code == 422


def test_an_error_of_the_database_leaves_what_was_typed_out_of_the_log(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The error is logged with its reference; the values of the statement are not."""

    typed = secrets.token_hex(8)  # not a word of this file: the log quotes lines of it

    def broken(_viewer: object) -> None:
        db.session.execute(text("select * from no_such_table where a = :note"), {"note": typed})

    browser = signed_in(cast.lead)
    monkeypatch.setattr("assess.views.pages.list_clinics", broken)
    answer = browser.get("/clinics")
    assert answer.status_code in {500, 503}
    log = capsys.readouterr().err
    reference = answer.text.partition("this reference: ")[2][:8]
    assert reference in log
    assert "no_such_table" in log
    assert typed not in log


def test_pages_are_kept_by_no_cache(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser, seen = signed_in(cast.administrator), 0
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()):
            continue
        answer = browser.get(rule.rule)
        assert answer.headers["Cache-Control"] == "no-store", rule.rule
        seen += 1
    assert seen > 15


def test_a_sign_in_is_a_new_long_token_of_which_only_the_hash_is_kept(
    app: Flask, cast: Cast, client: CheckingClient
) -> None:
    with app.app_context():
        service.set_password(cast.member, passwords.hashed(PASSWORD))
        db.session.commit()
    tokens = []
    for _ in range(2):
        # a form sent after the sign-in ended signs in once more in the same browser
        fields = {"email": "member@example.org", "password": PASSWORD, "resume-path": "/help"}
        assert client.send("/sign-in", fields, page="/help" if tokens else "/sign-in").status_code
        with client.session_transaction() as session:
            tokens.append(session["sign_in"])
    assert len(set(tokens)) == 2
    assert all(len(token) == 43 for token in tokens)  # 256 bits in base 64
    with app.app_context():
        rows = db.session.execute(select(SignIn.token_sha256, SignIn.ended_at)).all()
    assert {row.token_sha256 for row in rows} == {
        hashlib.sha256(token.encode()).digest() for token in tokens
    }
    assert [row.ended_at is None for row in rows].count(True) == 1
