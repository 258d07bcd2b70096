"""Every route says who may come, and nothing that only reads may write."""

from __future__ import annotations

from contextlib import suppress
from itertools import product

import pytest
from flask import Flask

from accounts import guard
from accounts.permissions import PERMISSIONS
from core.transactions import SAFE_METHODS
from tests.cast import Cast
from tests.pages import CheckingClient

PUBLIC_ENDPOINTS = {
    "accounts.accept_invitation",
    "accounts.invitation",
    "accounts.demo_sign_in",
    "accounts.demo_sign_in_post",
    "accounts.first_run",
    "accounts.first_run_post",
    "accounts.forgot",
    "accounts.forgot_post",
    "accounts.reset",
    "accounts.reset_post",
    "accounts.second_factor",
    "accounts.second_factor_post",
    "accounts.service_worker",
    "assess.join",
    "assess.join_by_code",
    "assess.join_done",
    "assess.join_start",
    "accounts.sign_in",
    "accounts.sign_in_passkey_options",
    "accounts.sign_in_post",
    "accounts.sign_in_with_passkey",
    "accounts.single_sign_on",
    "accounts.single_sign_on_return",
    "accounts.single_sign_on_return_post",
    "healthz",
    "pages.help",
    "pages.home",
    "research.api_description",
    "static",
}


def test_every_route_declares_its_access(app: Flask) -> None:
    undeclared = []
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        known = access in PERMISSIONS or access in {guard.PUBLIC, guard.SIGNED_IN}
        if rule.endpoint != "static" and not known:
            undeclared.append(rule.endpoint)
    assert undeclared == []


def test_public_routes_are_these_and_no_others(app: Flask) -> None:
    public = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "access", guard.PUBLIC) == guard.PUBLIC
    }
    assert public <= PUBLIC_ENDPOINTS


def test_unsafe_routes_take_no_safe_method(app: Flask) -> None:
    both = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and (rule.methods or set()) - SAFE_METHODS
    ]
    assert both == []


def test_a_signed_out_visitor_is_sent_to_sign_in(app: Flask, client: CheckingClient) -> None:
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", guard.PUBLIC)
        if access == guard.PUBLIC:
            continue
        path = _example_path(app, rule.endpoint)
        method = "GET" if "GET" in (rule.methods or ()) else sorted(rule.methods or ())[-1]
        answer = client.open(path, method=method)
        if getattr(app.view_functions[rule.endpoint], "by_token", False):
            assert answer.status_code == 401, rule.endpoint
            continue
        assert answer.status_code in ({302} if method == "GET" else {401}), rule.endpoint


@pytest.mark.parametrize("who", ["member_of_other_clinic", "stranger"])
def test_it_rejects_an_unsafe_request_without_csrf_token(
    app: Flask,
    cast: Cast,
    signed_in: object,
    who: str,
) -> None:
    browser: CheckingClient = signed_in(cast.people[who])  # type: ignore[operator]
    answer = browser.post("/sign-out")
    assert answer.status_code == 400
    assert "open too long" in answer.get_data(as_text=True)


def _example_path(app: Flask, endpoint: str) -> str:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    names = sorted(rule.arguments)
    for examples in product(("1", "svg"), repeat=len(names)):
        with suppress(ValueError):  # this converter takes other words
            if built := rule.build(dict(zip(names, examples, strict=True))):
                return built[1]
    raise AssertionError(f"no example address for {endpoint}")
