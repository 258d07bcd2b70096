"""Which pages a browser may keep: a rater's own, marked with whose they are; and the off switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

import config
from accounts import offline
from questionnaires import catalog
from tests import databases, seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")
PAGES = ("", f"/{INSTRUMENT.blocks[0].id}", "/check")


@pytest.fixture
def address(app: Flask, cast: Cast) -> str:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        for person in (cast.member, cast.lead):
            seeding.start_rating(assessment, person)
    return f"/assessments/{assessment}/rate"


def test_only_the_pages_of_a_rating_may_be_kept_and_only_as_their_owners(
    cast: Cast, signed_in: SignedIn, address: str
) -> None:
    whose = []
    for person in (cast.member, cast.lead):
        browser = signed_in(person)
        marks = {browser.get(address + page).headers[offline.MARK] for page in PAGES}
        assert len(marks) == 1
        place, seconds = marks.pop().split()
        assert int(seconds) == 12 * 60 * 60
        assert f'<meta name="offline" content="{place}">' in browser.get("/account").text
        whose.append(place.split(".")[0])
        for other in (f"{address}/history", f"{address}/token", "/account", "/no-such-page"):
            assert offline.MARK not in browser.get(other).headers, other
        assert offline.MARK not in browser.send(f"{address}/finish", page=address).headers
    assert len(set(whose)) == 2


def test_without_a_sign_in_nothing_is_kept_for_anybody(
    client: CheckingClient, address: str
) -> None:
    assert offline.MARK not in client.get(address).headers
    assert '<meta name="offline" content="nobody.' in client.get("/sign-in").text


def test_the_worker_names_files_that_exist_and_is_read_anew(client: CheckingClient) -> None:
    answer = client.get("/service-worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    files = answer.text.split("const FILES = ")[1].split(";")[0].strip("[]").replace('"', "")
    names = files.split(", ")
    assert "/static/js/rating/page.js" in names
    for name in names:
        with client.get(name) as file:
            assert file.status_code == 200


def test_switched_off_the_worker_ends_itself_and_no_page_is_kept(
    make_app: Callable[[config.Settings], Flask], database_url: str
) -> None:
    settings = replace(databases.settings_for(database_url), offline=False)
    browser = make_app(settings).test_client()
    text = browser.get("/service-worker.js").text
    assert "unregister" in text
    assert "fetch" not in text
    assert '<meta name="offline" content="nobody.off">' in browser.get("/sign-in").text
