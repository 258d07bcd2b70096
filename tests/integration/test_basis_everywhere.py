"""Wherever a score can be seen, what it rests on stands beside it.

Every route of the map is read by the people who may; what shows the score of Alder Clinic, which no
other number equals, must say in the same answer that it is a mean of ratings.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pypdf
import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from core.db import db
from research.tokens import keeping
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient, QuickClient
from tests.things import Things

SignedIn = Callable[[int], CheckingClient]

# the mean of 2, 2, 2 and 1
SCORE = re.compile(r"(?<![\d.])1\.(?:8|750*)(?!\d)")
SAID = re.compile(r"mean of 4( ratings)?|mean of ratings|\"basis\":|\"bases\":")
SHOWING = {
    "action_plans.pdf",
    "action_plans.print_view",
    "assess.minutes",
    "assess.minutes_as_pdf",
    "assess.results",
    "pages.clinic",
    "research.clinic_trend",
    "research.api_analysis",
    "research.api_scores",
    "research.trends",
}


@pytest.fixture
def alders(app: Flask, cast: Cast, things: tuple[Things, Things]) -> Things:
    """One of everything of Alder Clinic, whose scores are the mean 1.75 of four ratings."""
    app.test_client_class = QuickClient
    found, _ = things
    with app.app_context():
        seeding.rate_late(int(found.ids["assessment_id"]), cast.second_member, 1)
    return found


def routes(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint != "static":
            yield rule


def text_of(answer: TestResponse) -> str:
    """What a person or a program reads: no markup, no addresses, no widths of bars."""
    if answer.mimetype == "application/pdf":
        pages = pypdf.PdfReader(io.BytesIO(answer.get_data())).pages
        return " ".join(page.extract_text() for page in pages)
    text = answer.get_data().decode(errors="replace")
    if answer.mimetype in {"text/html", "image/svg+xml"}:
        text = re.sub(r"<(style|script|metadata)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
    return " ".join(text.split())


# what is written there is the same on both databases
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_score_stands_alone(app: Flask, cast: Cast, signed_in: SignedIn, alders: Things) -> None:
    with app.app_context():
        _, token = keeping.make_token(person_id=cast.coach, name="walk", days=1)
        db.session.commit()
    read, showing, alone = set(), set(), []
    for who in ("lead", "coach", "researcher", "administrator"):
        browser = signed_in(cast.people[who])
        for rule in routes(app):
            # these show each role something else; all others are read once
            own = rule.endpoint.startswith(("pages.", "research.")) or rule.endpoint not in read
            if not own:
                continue
            head = {"Authorization": f"Bearer {token}"} if "/api/" in rule.rule else {}
            answer = browser.get(alders.path(rule), headers=head)
            if answer.status_code != 200:
                continue
            read.add(rule.endpoint)
            text = text_of(answer)
            if SCORE.search(text):
                showing.add(rule.endpoint)
                if not SAID.search(text):
                    alone.append((who, rule.rule))
    assert alone == []
    assert showing >= SHOWING
