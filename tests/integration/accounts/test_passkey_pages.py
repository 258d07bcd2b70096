"""Passkeys: added by their owner, used once per challenge, and refused when anything is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.factors import queries as factor_queries
from accounts.models import Method, Passkey, Person, SignIn
from core import clock
from core.audit import AuditEvent
from core.db import db
from tests.cast import Cast
from tests.pages import CheckingClient
from tests.passkey_device import Device
from tests.phone import with_phone

SignedIn = Callable[[int], CheckingClient]
OWN = "/account/passkeys"
WAY_IN = "/sign-in/passkey"
ORIGIN = "http://localhost:5000"


@pytest.fixture(autouse=True)
def named_address(app: Flask) -> None:
    app.config["BASE_URL"] = ORIGIN


@pytest.fixture
def device(cast: Cast, signed_in: SignedIn) -> Device:
    """Holds a passkey of the lead."""
    device = Device()
    assert add(signed_in(cast.lead), device).status_code == 303
    return device


def options(browser: CheckingClient, path: str, page: str) -> dict[str, Any]:
    token = {"X-CSRFToken": browser.csrf_token(page), "Accept": "application/json"}
    answer = browser.post(f"{path}/options", headers=token)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def add(browser: CheckingClient, device: Device, name: str = "My phone") -> TestResponse:
    made = device.make(options(browser, OWN, OWN), origin=ORIGIN)
    return browser.send(OWN, {"name": name, "passkey": made}, page=OWN)


def sign_in(client: CheckingClient, device: Device, flaw: str = "", **fields: str) -> TestResponse:
    signed = device.sign(options(client, WAY_IN, "/sign-in"), origin=ORIGIN, flaw=flaw)
    return client.send(WAY_IN, {"passkey": signed, **fields}, page="/sign-in")


def is_in(client: CheckingClient) -> bool:
    return client.get(OWN).status_code == 200


def test_a_passkey_is_asked_for_that_needs_no_email(cast: Cast, signed_in: SignedIn) -> None:
    asked = options(signed_in(cast.lead), OWN, OWN)["publicKey"]
    assert asked["rp"]["id"] == "localhost"
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert "lead@example.org" not in asked["user"]["id"]


def test_it_signs_in_without_password_or_code(
    app: Flask, cast: Cast, client: CheckingClient, device: Device
) -> None:
    with_phone(app, cast.lead)
    asked = options(client, WAY_IN, "/sign-in")["publicKey"]
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials"), "who has an account is not told"
    assert sign_in(client, device, next=f"/clinics/{cast.clinic}").location == (
        f"/clinics/{cast.clinic}"
    )
    assert is_in(client)
    with app.app_context():
        newest = db.session.scalars(select(SignIn).order_by(SignIn.id.desc())).first()
        assert newest is not None
        assert newest.method == Method.PASSKEY
        (row,) = factor_queries.list_passkeys(cast.lead)
        assert row.last_used_at is not None


def test_a_form_typed_before_comes_along(client: CheckingClient, device: Device) -> None:
    typed = {"resume-path": "/clinics/1/open", "resume-field-quarter": "2026Q4"}
    answer = sign_in(client, device, **typed)
    assert 'action="/clinics/1/open"' in answer.text
    assert 'name="quarter" value="2026Q4"' in answer.text


def test_a_refused_passkey_keeps_the_form_and_the_wanted_page(
    client: CheckingClient, cast: Cast
) -> None:
    typed = {"resume-path": "/clinics/1/open", "resume-field-quarter": "2026Q4"}
    answer = sign_in(client, Device(), next="/clinics", **typed)
    assert answer.status_code == 422
    assert "We do not know this passkey" in answer.text
    assert 'name="next" value="/clinics"' in answer.text
    assert 'name="resume-field-quarter" value="2026Q4"' in answer.text


@pytest.mark.parametrize("flaw", ["verified", "challenge", "signature", "cross_origin"])
def test_a_flawed_answer_lets_nobody_in(client: CheckingClient, device: Device, flaw: str) -> None:
    answer = sign_in(client, device, flaw=flaw)
    assert answer.status_code == 422
    assert not is_in(client)


def test_a_challenge_counts_once_even_with_a_kept_cookie(
    app: Flask, client: CheckingClient, device: Device
) -> None:
    device.counts = False  # like a passkey that is shared between devices
    signed = device.sign(options(client, WAY_IN, "/sign-in"), origin=ORIGIN)
    with client.session_transaction() as session:
        kept = dict(session)
    token = client.csrf_token("/sign-in")
    fields = {"passkey": signed, "csrf_token": token}
    assert client.post(WAY_IN, data=fields).status_code == 302
    thief: CheckingClient = app.test_client()  # type: ignore[assignment]
    with thief.session_transaction() as session:
        session.update(kept)
    assert thief.post(WAY_IN, data=fields).status_code == 422
    assert not is_in(thief)


def test_a_challenge_is_gone_after_its_first_answer_and_after_five_minutes(
    client: CheckingClient, device: Device
) -> None:
    signed = device.sign(options(client, WAY_IN, "/sign-in"), origin=ORIGIN)
    assert client.send(WAY_IN, {"passkey": "junk"}, page="/sign-in").status_code == 422
    late = client.send(WAY_IN, {"passkey": signed}, page="/sign-in")
    assert "took too long" in late.text
    signed = device.sign(options(client, WAY_IN, "/sign-in"), origin=ORIGIN)
    with clock.frozen_at(clock.now() + timedelta(minutes=5, seconds=2)):
        late = client.send(WAY_IN, {"passkey": signed}, page="/sign-in")
    assert "took too long" in late.text


def test_a_counter_that_does_not_rise_is_a_copy(
    app: Flask, cast: Cast, client: CheckingClient, device: Device
) -> None:
    sign_in(client, device)
    copy = device
    copy.counter -= 1
    other: CheckingClient = app.test_client()  # type: ignore[assignment]
    answer = sign_in(other, copy)
    assert answer.status_code == 422
    assert "may have been copied" in answer.text
    assert not is_in(other)
    with app.app_context():
        actions = db.session.scalars(select(AuditEvent.action)).all()
    assert "passkey.refused_as_copy" in actions


def test_a_closed_account_stays_closed(
    app: Flask, cast: Cast, client: CheckingClient, device: Device
) -> None:
    with app.app_context():
        db.session.get_one(Person, cast.lead).disabled_at = clock.now()
        db.session.commit()
    assert sign_in(client, device).status_code == 403
    assert not is_in(client)


def test_a_removed_passkey_opens_nothing(
    app: Flask, cast: Cast, client: CheckingClient, device: Device, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.lead)
    with app.app_context():
        (row,) = factor_queries.list_passkeys(cast.lead)
    renamed = browser.send(f"{OWN}/{row.id}/name", {"name": " Old phone "}, page=OWN)
    assert renamed.status_code == 303
    assert "Old phone" in browser.get(OWN).text
    empty = browser.send(f"{OWN}/{row.id}/name", {"name": " "}, page=OWN)
    assert empty.status_code == 422
    assert empty.text.count("Give the passkey a name.") == 2
    for stranger in (signed_in(cast.member), signed_in(cast.administrator)):
        for path in (f"{OWN}/{row.id}/name", f"{OWN}/{row.id}/remove"):
            assert stranger.send(path, {"name": "Mine"}, page=OWN).status_code == 404
    assert browser.send(f"{OWN}/{row.id}/remove", page=OWN).status_code == 303
    assert sign_in(client, device).status_code == 422
    with app.app_context():
        lines = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action.startswith("passkey."))
        ).all()
        told = [(line.action, json.loads(line.after or "{}")) for line in lines]
    assert told == [
        ("passkey.added", {"passkey": "My phone"}),
        ("passkey.renamed", {"passkey": "Old phone"}),
        ("passkey.removed", {}),
    ]


def test_adding_says_what_is_missing(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser, device = signed_in(cast.lead), Device()
    nameless = add(browser, device, name="")
    assert nameless.status_code == 422
    assert nameless.text.count("Give the passkey a name.") == 2
    assert browser.send(OWN, {"name": "Phone"}, page=OWN).status_code == 422
    assert add(browser, device).status_code == 303
    again = add(browser, device)
    assert again.status_code == 422
    assert "added before" in again.text
    with app.app_context():
        assert len(db.session.scalars(select(Passkey)).all()) == 1


def test_an_impatient_finger_adds_it_once(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    made = Device().make(options(browser, OWN, OWN), origin=ORIGIN)
    with browser.session_transaction() as session:
        kept = dict(session)
    fields = {"name": "Phone", "passkey": made, "csrf_token": browser.csrf_token(OWN)}
    tabs: list[CheckingClient] = [app.test_client() for _ in range(3)]  # type: ignore[misc]
    for tab in tabs:
        with tab.session_transaction() as session:
            session.update(kept)
    start = Barrier(len(tabs))

    def send(tab: CheckingClient) -> int:
        start.wait()
        return tab.post(OWN, data=fields).status_code

    with ThreadPoolExecutor(len(tabs)) as pool:
        assert sorted(pool.map(send, tabs)) == [303, 422, 422]
    with app.app_context():
        assert len(db.session.scalars(select(Passkey)).all()) == 1


def test_a_challenge_for_signing_in_adds_nothing(cast: Cast, signed_in: SignedIn) -> None:
    browser, device = signed_in(cast.lead), Device()
    asked = options(browser, OWN, OWN)
    made = device.make(asked, origin=ORIGIN)
    options(browser, WAY_IN, OWN)  # replaces the challenge that waits
    assert browser.send(OWN, {"name": "Phone", "passkey": made}, page=OWN).status_code == 422


def test_ten_minutes_after_sign_in_it_asks_who_is_there(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    token = {"X-CSRFToken": browser.csrf_token(OWN), "Accept": "application/json"}
    with clock.frozen_at(clock.now() + timedelta(minutes=11)):
        assert "data-passkey-add" not in browser.get(OWN).text
        assert browser.post(f"{OWN}/options", headers=token).status_code == 403
        answer = browser.send(OWN, {"name": "Phone", "passkey": "{}"}, page=OWN)
        assert answer.location == f"/account/confirm?next={OWN}"


@pytest.mark.parametrize("address", ["http://127.0.0.1:5000", "http://blockwise.example.org"])
def test_without_a_safe_name_there_are_no_passkeys(
    app: Flask, cast: Cast, client: CheckingClient, signed_in: SignedIn, address: str
) -> None:
    app.config["BASE_URL"] = address
    browser = signed_in(cast.lead)
    assert "data-passkey-add" not in browser.get(OWN).text
    assert "data-passkey-sign-in" not in client.get("/sign-in").text
    token = {"X-CSRFToken": client.csrf_token("/sign-in"), "Accept": "application/json"}
    answer = client.post(f"{WAY_IN}/options", headers=token)
    assert answer.status_code == 409
    assert "address with a name" in answer.get_json()["message"]


def test_options_need_a_token(client: CheckingClient, cast: Cast) -> None:
    answer = client.post(f"{WAY_IN}/options", headers={"Accept": "application/json"})
    assert answer.status_code == 400
