"""How long a screen that follows the meeting by itself keeps its sign-in alive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from itsdangerous import TimestampSigner

from core import clock, cookies
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
SHOWN = {"Blockwise-Screen": "shown", "Accept": "application/json"}
HIDDEN = {"Accept": "application/json"}

# cookies know nothing of the database
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def meeting(app: Flask, cast: Cast) -> str:
    with app.app_context():
        seeding.rate_all(found := seeding.open_assessment(cast.clinic), cast.member)
        seeding.reveal(found)
    return f"/assessments/{found}/meeting"


@pytest.fixture
def at_minute(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Ask for something so many minutes after the sign-in; the status of the answer."""
    began, real = clock.now(), TimestampSigner.get_timestamp

    def ask(minute: int, browser: CheckingClient, path: str, headers: dict[str, str]) -> int:
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda one: real(one) + minute * 60)
        with clock.frozen_at(began + timedelta(minutes=minute)):
            return browser.get(path, headers=headers).status_code

    return ask


def test_a_screen_that_is_seen_stays_signed_in_for_an_hour_more(
    cast: Cast, signed_in: SignedIn, meeting: str, at_minute: Callable[..., int]
) -> None:
    member, state = signed_in(cast.member), f"{meeting}/state"
    assert cookies.WATCHED_SECONDS == 3600
    # a talk of 35 minutes, then a milestone that loads the page by itself, and no tap at all
    for minute, path in ((2, state), (29, state), (36, meeting), (61, state), (90, state)):
        assert at_minute(minute, member, path, SHOWN) == 200, minute
    assert at_minute(92, member, state, SHOWN) == 401


def test_a_tap_begins_the_hour_anew(
    cast: Cast, signed_in: SignedIn, meeting: str, at_minute: Callable[..., int]
) -> None:
    member, state = signed_in(cast.member), f"{meeting}/state"
    for minute in (2, 29, 58):
        assert at_minute(minute, member, state, SHOWN) == 200
    assert at_minute(80, member, meeting, {}) == 200
    for minute in (109, 135, 164):
        assert at_minute(minute, member, state, SHOWN) == 200, minute
    assert at_minute(200, member, state, SHOWN) == 401


def test_a_screen_that_nobody_sees_keeps_nothing_alive(
    cast: Cast, signed_in: SignedIn, meeting: str, at_minute: Callable[..., int]
) -> None:
    member, state = signed_in(cast.member), f"{meeting}/state"
    for minute in (2, 15, 29):
        assert at_minute(minute, member, state, HIDDEN) == 200
    assert at_minute(31, member, state, HIDDEN) == 401
