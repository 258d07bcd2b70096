"""Every kind of answer carries the security headers, and the cookie of a sign-in its flags."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
from core.headers import SECRET_PARTS
from tests import databases
from tests.cast import Cast
from tests.pages import CheckingClient

HEADERS = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "X-Frame-Options",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Cache-Control",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/healthz", 200),
        ("GET", "/static/css/base.css", 200),
        ("GET", "/static/no-such-file", 404),
        ("GET", "/no-such-page", 404),
        ("PUT", "/help", 405),
        ("OPTIONS", "/help", 200),
        ("GET", "/clinics", 302),
        ("GET", "/static//css/base.css", 308),
        ("POST", "/clinics/1/open", 401),
        ("PUT", "/ratings/1/answers", 401),
        ("POST", "/sign-in", 400),
        ("GET", "/%00", 404),
        ("GET", "/\N{GRINNING FACE}", 404),
        ("GET", "/clinics/99999999999999999999", 404),
    ],
)
def test_every_kind_of_answer_carries_them(
    client: CheckingClient, method: str, path: str, status: int
) -> None:
    # bodies are for other tests: an answer to OPTIONS has none, and a file must be closed
    with FlaskClient.open(client, path, method=method) as answer:
        assert answer.status_code == status
        assert set(answer.headers.keys()) >= HEADERS


def test_an_error_on_our_side_carries_them_and_tells_nothing(
    cast: Cast, signed_in: Callable[[int], CheckingClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(cast.lead)

    def broken(_viewer: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("assess.views.pages.list_clinics", broken)
    answer = browser.get("/clinics")
    assert answer.status_code == 500
    assert set(answer.headers.keys()) >= HEADERS
    assert "secret detail" not in answer.text
    assert "reference" in answer.text


def test_the_cookie_cannot_be_read_or_sent_from_elsewhere(client: CheckingClient) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("blockwise=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_cookie_of_an_encrypted_site_is_bound_to_it(
    make_app: Callable[[config.Settings], Flask], database_url: str
) -> None:
    settings = replace(
        databases.settings_for(database_url, base_url="https://blockwise.example.org"),
        secure_cookies=True,
    )
    address = settings.base_url
    answer = make_app(settings).test_client().get("/sign-in", base_url=address)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-blockwise=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_an_encrypted_site_tells_browsers_to_stay_encrypted(
    client: CheckingClient, make_app: Callable[[config.Settings], Flask], database_url: str
) -> None:
    assert "Strict-Transport-Security" not in client.get("/help").headers
    address = "https://blockwise.example.org"
    site = make_app(databases.settings_for(database_url, base_url=address)).test_client()
    for path in ("/help", "/healthz", "/no-such-page"):
        policy = site.get(path, base_url=address).headers["Strict-Transport-Security"]
        assert policy == "max-age=63072000; includeSubDomains"


def test_pages_with_a_secret_in_their_address_tell_it_nobody(app: Flask) -> None:
    """Links out of such a page, and what it loads, carry no referrer at all."""
    browser = app.test_client()
    seen = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        path = re.sub(r"<[^>]*>", "1", rule.rule)
        policy = browser.get(path).headers["Referrer-Policy"]
        is_secret = any(name.endswith(SECRET_PARTS) for name in rule.arguments)
        assert policy == ("no-referrer" if is_secret else "same-origin"), path
        if is_secret:
            seen.add(rule.endpoint)
    assert seen == {
        "accounts.demo_sign_in",
        "accounts.first_run",
        "accounts.invitation",
        "accounts.reset",
        "assess.join",
    }


def test_nothing_may_run_inline(client: CheckingClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    permissions = client.get("/").headers["Permissions-Policy"]
    assert "camera=()" in permissions
    assert "publickey-credentials-get=(self)" in permissions
