"""Until a vote is revealed no vote makes a difference to anything that anybody else can see.

As in test_reveal: everything is fetched, the votes are exchanged for others, and everything must
come again byte for byte, with the same ETags.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from assess.answers import DONT_KNOW
from assess.meeting import revotes
from core import clock
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.integration.test_reveal import _VARYING, KEYS, NOW, pages, things_of_assessment
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
VOTED_ON = KEYS[1]
Seen = dict[str, tuple[object, ...]]


@pytest.fixture
def voting(app: Flask, cast: Cast) -> int:
    """The meeting is at a milestone on which the team votes again; three have voted."""
    with clock.frozen_at(NOW), app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q3")
        for person, level in ((cast.member, 1), (cast.second_member, 2), (cast.lead, 4)):
            seeding.rate_all(assessment, person, level)
        seeding.reveal(assessment)
        revotes.open_revote(assessment_id=assessment, milestone=VOTED_ON, person_id=cast.lead)
        vote(assessment, cast, 1)
    return assessment


def vote(assessment: int, cast: Cast, level: int) -> None:
    """Three people vote, or vote for something else."""
    said = {cast.member: level, cast.administrator: level}
    seeding.vote(assessment, VOTED_ON, {**said, cast.coach: DONT_KNOW if level > 1 else level})


def look(app: Flask, assessment: int, cast: Cast, browser: CheckingClient) -> Seen:
    """Status, headers and content of the home page and all pages of the clinic and its meeting."""
    seen: Seen = {}
    for rule, path in pages(app, things_of_assessment(app, assessment, cast)):
        of_clinic = {"assessment_id", "clinic_id"} & set(rule.arguments) or path == "/"
        if not of_clinic or path.endswith(".pdf"):
            continue  # what is printed has the same content as the page beside it
        answer = browser.get(path)
        content = _VARYING.sub(b"", answer.get_data())
        headers = {
            name: answer.headers.get(name) for name in ("ETag", "Location", "Content-Length")
        }
        seen[path] = (answer.status_code, headers, content)
    return seen


# who looks is what differs; the statements are the same on both databases
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("looker", ["lead", "second_member"])
def test_no_vote_makes_a_difference_before_it_is_revealed(
    app: Flask,
    cast: Cast,
    voting: int,
    signed_in: SignedIn,
    looker: str,
) -> None:
    companion = f"/assessments/{voting}/meeting"
    with clock.frozen_at(NOW):
        browser = signed_in(getattr(cast, looker))
        before = look(app, voting, cast, browser)
        with app.app_context(), clock.frozen_at(NOW + timedelta(minutes=1)):
            vote(voting, cast, 4)
        after = look(app, voting, cast, browser)
        assert len(before) > 15
        assert before[companion][0] == before[f"{companion}/state"][0] == 200
        assert [path for path, seen in before.items() if after[path] != seen] == []
        with app.app_context():
            revotes.reveal_revote(assessment_id=voting, milestone=VOTED_ON, number=1)
            db.session.commit()
        shown = look(app, voting, cast, browser)
    # the look can find a difference: once revealed, the pages of the meeting change
    assert {companion, f"{companion}/state"} <= {
        path for path in before if before[path] != shown[path]
    }
