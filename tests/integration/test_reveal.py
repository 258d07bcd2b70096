"""Before the reveal no answer makes a difference to anything that anybody else can see.

Non-interference (Goguen & Meseguer 1982): the same program is looked at twice, and in between every
answer of the others is exchanged for another one. Whatever can be fetched must stay the same, byte
for byte, and take the same SQL statements, so that not even the time it takes tells anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from werkzeug.routing import Rule

from assess.answers import DONT_KNOW, AnswerValue
from assess.models import Answer, AnswerChange, BlockScore, Rating
from assess.views import excel
from core import clock
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient
from tests.things import Things

SignedIn = Callable[[int], CheckingClient]

INSTRUMENT = catalog.get("six_building_blocks")
KEYS = [milestone.key for milestone in INSTRUMENT.milestones]
NOW = datetime(2026, 8, 3, 15, 0, tzinfo=UTC)
LOOKERS = ("lead", "researcher", "member")
_VARYING = re.compile(
    rb'(?<=name="csrf_token" value=")[^"]+|(?<=name="csrf-token" content=")[^"]+|"token":"[^"]+"'
)


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    """Open, with six raters and a paper form beside the member, after a revealed quarter."""
    with clock.frozen_at(NOW), app.app_context():
        raters = [cast.member, cast.second_member, *seeding.add_members(cast.clinic, 5)]
        before = seeding.open_assessment(cast.clinic, "2026Q2")
        seeding.rate_all(before, cast.second_member, 2)
        seeding.reveal(before)
        assessment = seeding.open_assessment(cast.clinic, "2026Q3")
        for person_id in raters:
            seeding.rate_all(assessment, person_id, 1)
        seeding.key_in(assessment, level=1)
        seeding.make_join_link(assessment, secret=str(app.secret_key))
    return assessment


def exchange_answers_of_others(assessment: int, cast: Cast) -> None:
    """Every other rater now says something else about everything, and half of it not at all."""
    own = select(Rating.id).filter_by(assessment_id=assessment, person_id=cast.member)
    mine = own.scalar_subquery()
    others = Answer.rating_id != mine
    is_here = Answer.rating_id.in_(select(Rating.id).filter_by(assessment_id=assessment))
    db.session.execute(
        update(Answer).where(others, is_here).values(level=4, note="exchanged evidence")
    )
    gone = Answer.milestone.in_(KEYS[::2])
    db.session.execute(delete(Answer).where(others, is_here, gone))
    db.session.execute(delete(AnswerChange).where(AnswerChange.rating_id != mine))
    db.session.execute(
        update(Answer)
        .where(others, is_here, Answer.milestone == KEYS[1])
        .values(level=None, state=DONT_KNOW.state.value)
    )
    db.session.commit()


def _sheet(app: Flask, assessment: int) -> int:
    """The paper form."""
    with app.app_context():
        found = select(Rating.id).filter_by(assessment_id=assessment, source="paper")
        return db.session.scalars(found).one_or_none() or 0


def pages(app: Flask, assessment: int, cast: Cast) -> Iterator[tuple[Rule, str]]:
    things = Things(
        {
            "assessment_id": str(assessment),
            "clinic_id": str(cast.clinic),
            "organization_id": str(cast.organization),
            "block_id": INSTRUMENT.blocks[0].id,
            "milestone": KEYS[1],
            "sheet_id": str(_sheet(app, assessment)),
            "kind": "svg",
        }
    )
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and set(rule.arguments) <= things.ids.keys():
            yield rule, things.path(rule)


def look(
    app: Flask,
    assessment: int,
    cast: Cast,
    browser: CheckingClient,
    count_statements: CountStatements,
) -> dict[str, tuple[object, ...]]:
    """What a person sees of every page: status, headers, content, and how it was put together."""
    seen: dict[str, tuple[object, ...]] = {}
    for _rule, path in pages(app, assessment, cast):
        with count_statements() as statements:
            answer = browser.get(path)
        content = _VARYING.sub(b"", answer.get_data())
        headers = {name: answer.headers.get(name) for name in ("ETag", "Location", "Content-Type")}
        seen[path] = (answer.status_code, headers, content, len(statements))
    return seen


@pytest.fixture(autouse=True)
def the_same_download(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each download of the Excel sheet has a number of its own; here it is always the same."""
    monkeypatch.setattr(excel.secrets, "token_hex", lambda size: "0" * 2 * size)


@pytest.mark.parametrize("looker", LOOKERS)
def test_no_answer_of_others_makes_a_difference_before_the_reveal(
    app: Flask,
    cast: Cast,
    assessment: int,
    signed_in: SignedIn,
    count_statements: CountStatements,
    looker: str,
) -> None:
    with clock.frozen_at(NOW):
        browser = signed_in(getattr(cast, looker))
        before = look(app, assessment, cast, browser, count_statements)
        with app.app_context():
            exchange_answers_of_others(assessment, cast)
        after = look(app, assessment, cast, browser, count_statements)
    assert len(before) > 30
    different = [path for path, seen in before.items() if after[path] != seen]
    assert different == []


def test_the_look_would_find_a_difference_after_the_reveal(
    app: Flask,
    cast: Cast,
    assessment: int,
    signed_in: SignedIn,
    count_statements: CountStatements,
) -> None:
    """The test above can fail: with the results shown, the same exchange does change pages."""
    with clock.frozen_at(NOW):
        browser = signed_in(cast.lead)
        with app.app_context():
            seeding.reveal(assessment)
        before = look(app, assessment, cast, browser, count_statements)
        with app.app_context():
            exchange_answers_of_others(assessment, cast)
        after = look(app, assessment, cast, browser, count_statements)
    different = {path for path, seen in before.items() if after[path] != seen}
    assert f"/assessments/{assessment}/results" in different


def test_no_total_is_stored_before_the_reveal(app: Flask, cast: Cast, assessment: int) -> None:
    """Scores come into being with the reveal, so no copy, export or later page can tell of them."""

    def stored() -> int | None:
        return db.session.scalar(
            select(func.count()).select_from(BlockScore).filter_by(assessment_id=assessment)
        )

    with app.app_context():
        rating = seeding.start_rating(assessment, cast.member)
        assert stored() == 0
        seeding.rate(rating, {KEYS[0]: AnswerValue.level(1)})
        assert stored() == 0
        seeding.reveal(assessment)
        assert stored() == len(INSTRUMENT.blocks) + 1
