"""Guessing passwords is slowed down, without a way to lock others out or to learn who exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier, Event

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import service
from accounts.sign_in import passwords, signing_in
from core import clock
from core.audit import AuditEvent
from core.db import db
from core.throttling import Attempt, Limit, TooManyTries
from questionnaires import catalog
from tests import seeding
from tests.cast import PASSWORD, Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
EMAIL = "lead@example.org"
MILESTONE = catalog.get("six_building_blocks").milestones[0].key


@pytest.fixture
def lead(app: Flask, cast: Cast) -> int:
    with app.app_context():
        service.set_password(cast.lead, passwords.hashed(PASSWORD))
        db.session.commit()
    return cast.lead


def enter(client: CheckingClient, password: str, *, email: str = EMAIL, address: str = "10.0.0.1"):  # type: ignore[no-untyped-def]
    return client.post(
        "/sign-in",
        data={"email": email, "password": password, "csrf_token": client.csrf_token("/sign-in")},
        environ_overrides={"REMOTE_ADDR": address},
    )


def use_up(limit: Limit, subject: str) -> None:
    at, hashed = clock.now(), sha256(subject.encode()).digest()
    db.session.add_all(
        Attempt(kind=limit.kind, subject_sha256=hashed, at=at) for _ in range(limit.allowed)
    )
    db.session.commit()


def test_guesses_from_elsewhere_do_not_lock_a_person_out(app: Flask, lead: int) -> None:
    """An attacker uses up all tries for the email, from many addresses."""
    known: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert enter(known, PASSWORD).status_code == 302
    known.send("/sign-out")
    with app.app_context():
        use_up(signing_in.WRONG_FOR_EMAIL, EMAIL)
    unknown: CheckingClient = app.test_client()  # type: ignore[assignment]
    assert enter(unknown, PASSWORD).status_code == 429, "a strange browser must wait"
    assert enter(known, PASSWORD).status_code == 302, "the person's own need not"


def test_a_known_browser_has_its_own_count(app: Flask, client: CheckingClient, lead: int) -> None:
    enter(client, PASSWORD)
    client.send("/sign-out")
    for _ in range(signing_in.WRONG_PASSWORDS.allowed):
        assert enter(client, "wrong").status_code == 422
    assert enter(client, PASSWORD).status_code == 429


def test_a_known_browser_knows_only_who_signed_in_there(
    app: Flask, client: CheckingClient, lead: int, cast: Cast
) -> None:
    enter(client, PASSWORD)
    client.send("/sign-out")
    with app.app_context():
        use_up(signing_in.WRONG_FOR_EMAIL, "member@example.org")
    assert enter(client, "guess", email="member@example.org").status_code == 429


def test_a_made_up_cookie_is_no_known_browser(
    app: Flask, client: CheckingClient, lead: int
) -> None:
    client.set_cookie("blockwise-known", f'["abc", [{lead}]]')
    with app.app_context():
        use_up(signing_in.WRONG_FOR_EMAIL, EMAIL)
    assert enter(client, PASSWORD).status_code == 429


def test_ten_wrong_ones_at_one_address_leave_other_addresses_alone(
    app: Flask, client: CheckingClient, lead: int
) -> None:
    for _ in range(signing_in.WRONG_PASSWORDS.allowed):
        enter(client, "wrong")
    assert enter(client, PASSWORD).status_code == 429
    assert enter(client, PASSWORD, address="10.0.0.2").status_code == 302


def test_one_address_cannot_try_all_emails(app: Flask, client: CheckingClient, lead: int) -> None:
    with app.app_context():
        use_up(signing_in.WRONG_FROM_ADDRESS, "10.0.0.1")
    assert enter(client, "wrong", email="nobody@example.org").status_code == 429
    assert enter(client, PASSWORD).status_code == 429


def test_too_many_tries_read_the_same_for_unknown_emails_and_keep_what_was_typed(
    app: Flask, client: CheckingClient, lead: int
) -> None:
    pages = []
    for email in (EMAIL, "nobody@example.org"):
        with app.app_context():
            use_up(signing_in.WRONG_FOR_EMAIL, email)
        fields = {"resume-path": "/sign-out", "resume-field-note": "typed before"}
        answer = client.send(
            "/sign-in", {"email": email, "password": PASSWORD, **fields}, page="/sign-in"
        )
        assert answer.status_code == 429
        assert 'value="typed before"' in answer.text
        pages.append(re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text.replace(email, "")))
    assert pages[0] == pages[1]


def test_wrong_passwords_are_logged_without_what_was_typed(
    app: Flask, client: CheckingClient, lead: int
) -> None:
    enter(client, "wrong-secret")
    enter(client, "wrong-secret", email="wrong-email@example.org")
    with app.app_context():
        failed = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "person.sign_in_failed")
        ).all()
    assert {event.subject for event in failed} == {f"person {lead}", "an unknown email"}
    assert {event.address for event in failed} == {"10.0.0.1"}
    assert not any("wrong" in f"{event.before}{event.after}{event.subject}" for event in failed)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        # as some proxies hand it on; each connection has a port of its own
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8:1:2:ffff::1]:4711", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_one_home_is_one_address(address: str, network: str) -> None:
    assert signing_in.network_of(address) == network


def test_tries_at_the_same_moment_are_counted_exactly(app: Flask, cast: Cast) -> None:
    limit = Limit("test", allowed=3, window=signing_in.WRONG_PASSWORDS.window)
    start = Barrier(8)

    def attempt(_number: int) -> bool:
        with app.app_context():
            start.wait()
            try:
                limit.take("somebody")
                db.session.commit()
            except TooManyTries:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 3


def test_a_right_guess_among_many_at_once_is_not_told_beyond_the_limit(
    app: Flask, lead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others use up the tries while this one is being hashed."""
    client: CheckingClient = app.test_client()  # type: ignore[assignment]
    token = client.csrf_token("/sign-in")
    real = passwords.is_correct

    def slow(password: str, password_hash: str | None) -> bool:
        use_up(signing_in.WRONG_FOR_EMAIL, EMAIL)
        return real(password, password_hash)

    monkeypatch.setattr(passwords, "is_correct", slow)
    fields = {"email": EMAIL, "password": PASSWORD, "csrf_token": token}
    assert client.post("/sign-in", data=fields).status_code == 429


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sign-in", {"email": EMAIL, "password": PASSWORD}),
        ("/account/password", {"password": PASSWORD, "new_password": "violet harbor tractor nine"}),
    ],
)
def test_others_save_while_a_password_is_hashed(
    app: Flask,
    lead: int,
    cast: Cast,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    fields: dict[str, str],
) -> None:
    """The hash waits until the other browser's answers are saved; a lock would end in an error."""
    with app.app_context():
        rating = seeding.start_rating(seeding.open_assessment(cast.clinic), cast.member)
    rater = signed_in(cast.member)
    headers = {"X-CSRFToken": rater.csrf_token()}
    somebody = signed_in(lead) if path != "/sign-in" else app.test_client()
    token = somebody.csrf_token(path)  # type: ignore[attr-defined]
    hashing, saved = Event(), Event()
    real = passwords._worker

    def waits() -> object:
        hashing.set()
        assert saved.wait(20), "the answers could not be saved while the password was hashed"
        return real()

    monkeypatch.setattr(passwords, "_worker", waits)
    with ThreadPoolExecutor(1) as pool:
        entering = pool.submit(somebody.post, path, data={**fields, "csrf_token": token})
        assert hashing.wait(20)
        answer = {"milestone": MILESTONE, "state": "level", "level": 3, "revision": 0}
        reply = rater.put(
            f"/ratings/{rating}/answers", json={"key": "k", "answers": [answer]}, headers=headers
        )
        saved.set()
        assert reply.status_code == 200
        assert entering.result().status_code in {302, 303}
