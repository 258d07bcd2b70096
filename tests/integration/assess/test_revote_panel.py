"""Voting again as the facilitator meets it: open, count, wait for enough, reveal or cancel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from assess.meeting.models import Meeting
from assess.queries.revotes import get_revotes
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
FIRST = catalog.get("six_building_blocks").milestones[0]

# the verbs and the page of the phones run on both databases; this is what one page says of them
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def revealed(app: Flask, cast: Cast) -> int:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        for person, level in ((cast.member, 1), (cast.second_member, 1), (cast.lead, 4)):
            seeding.rate_all(assessment, person, level)
        seeding.reveal(assessment)
    return assessment


def page_of(browser: CheckingClient, assessment: int) -> str:
    return browser.get(f"/assessments/{assessment}/agree/{FIRST.key}").get_data(as_text=True)


def press(
    browser: CheckingClient, assessment: int, what: str = "", number: str = "1"
) -> TestResponse:
    page = f"/assessments/{assessment}/agree/{FIRST.key}"
    return browser.send(f"{page}/revote{what}", {"number": number}, page=page)


def vote(app: Flask, assessment: int, *levels: int) -> None:
    """Votes of the clinic's first people."""
    with app.app_context():
        seeding.vote(assessment, FIRST.key, dict(enumerate(levels, start=1)))


def test_a_facilitator_opens_a_vote_and_reveals_it_once_enough_have_voted(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    lead = signed_in(cast.lead)
    assert "Has the talk changed minds?" in page_of(lead, revealed)
    assert "Agree level 1" in page_of(lead, revealed)
    opened = press(lead, revealed)
    assert opened.location == f"/assessments/{revealed}/agree/{FIRST.key}#revote"
    with app.app_context():
        assert db.session.get_one(Meeting, revealed).milestone == FIRST.key, "phones follow"
    page = page_of(lead, revealed)
    assert "Nobody has voted yet." in page
    assert "Reveal the votes" not in page
    vote(app, revealed, 3, 2)
    page = page_of(lead, revealed)
    assert "2 of 3 have voted." in page
    assert "Not enough votes to show: it takes 3" in page
    assert "Reveal the votes" not in page
    assert press(lead, revealed, "/reveal").status_code == 303, "its page says what is missing"
    assert "2 of 3 have voted." in page_of(lead, revealed)
    vote(app, revealed, 3, 2, 3)
    page = page_of(lead, revealed)
    assert "3 of 3 have voted." in page
    assert "Not enough votes" not in page
    assert press(lead, revealed, "/reveal").status_code == 303
    page = page_of(lead, revealed)
    assert "Before: 1 to 4. Now: 2 to 3. Start from level 3." in page
    assert "Agree level 3" in page
    assert press(lead, revealed).status_code == 303
    assert "Nobody has voted yet." in page_of(lead, revealed)


def test_what_another_facilitator_did_meanwhile_shows_and_is_not_undone(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    lead, coach = signed_in(cast.lead), signed_in(cast.coach)
    press(lead, revealed)
    assert press(coach, revealed, "/reveal").status_code == 303, "nobody has voted"
    vote(app, revealed, 2, 2, 2)
    press(lead, revealed, "/reveal")
    assert press(coach, revealed, "/cancel").status_code == 303
    assert press(coach, revealed, "/reveal").status_code == 303
    with app.app_context():
        (now,) = get_revotes(revealed, FIRST).rounds
        assert not now.is_open
    for what, number in (("/reveal", "7"), ("/cancel", "x")):
        assert press(coach, revealed, what, number).status_code == 303, "there is no such vote"


def test_a_vote_that_was_cancelled_leaves_nothing(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    lead = signed_in(cast.lead)
    press(lead, revealed)
    vote(app, revealed, 4, 4, 4)
    assert press(lead, revealed, "/cancel").status_code == 303
    assert "Has the talk changed minds?" in page_of(lead, revealed)
    with app.app_context():
        assert get_revotes(revealed, FIRST).rounds == ()


@pytest.mark.parametrize("what", ["", "/reveal", "/cancel"])
def test_who_does_not_lead_opens_and_reveals_nothing(
    cast: Cast, signed_in: SignedIn, revealed: int, what: str
) -> None:
    path = f"/assessments/{revealed}/agree/{FIRST.key}/revote{what}"
    for person in (cast.member, cast.researcher, cast.member_of_other_clinic):
        assert signed_in(person).send(path, {"number": "1"}).status_code in {403, 404}


def test_after_closing_nothing_is_voted_on_again(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    lead = signed_in(cast.lead)
    with app.app_context():
        seeding.close(revealed)
    assert "Vote again" not in page_of(lead, revealed)
    assert lead.send(f"/assessments/{revealed}/agree/{FIRST.key}/revote").status_code == 409
