"""Raters see how their own answers changed; the team's lead sees how many did after the reveal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from assess.answers import AnswerState, AnswerValue, SentAnswer
from assess.queries.ratings import get_answers
from assess.rating import giving
from assess.rating.holding import hold_rating
from core import clock
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
MILESTONES = catalog.get("six_building_blocks").milestones
FIRST, SECOND, THIRD = (milestone.key for milestone in MILESTONES[:3])
MORNING = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def sheet(app: Flask, cast: Cast) -> int:
    """An assessment in which the member has answered two milestones."""
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        with clock.frozen_at(MORNING):
            rating = seeding.start_rating(assessment, cast.member)
            seeding.rate(rating, {FIRST: 2, SECOND: 1})
    return assessment


def test_the_page_tells_each_change_with_its_day(
    app: Flask, cast: Cast, signed_in: SignedIn, sheet: int
) -> None:
    with app.app_context():
        rating = seeding.start_rating(sheet, cast.member)
        _again(rating, FIRST, AnswerValue.level(3), MORNING + timedelta(days=1))
        _again(rating, FIRST, AnswerValue(AnswerState.DONT_KNOW, None), MORNING + timedelta(days=2))
        for hour in (1, 2):
            later = MORNING + timedelta(days=3, hours=hour)
            _again(rating, SECOND, AnswerValue.level(1), later, note=f"policy {hour}")
    page = signed_in(cast.member).get(f"/assessments/{sheet}/rate/history").text
    assert "Changed 2 times" in page
    assert "Not changed since" in page
    assert page.count("Evidence changed") == 1
    assert "policy" not in page
    for day in ("Nov 20, 2026", "Nov 21, 2026", "Nov 22, 2026", "Nov 23, 2026"):
        assert day in page


def _again(
    rating: int, key: str, value: AnswerValue, when: datetime, note: str | None = None
) -> None:
    stored = get_answers(rating)[key]
    with clock.frozen_at(when):
        giving.save_answers(
            rating=hold_rating(rating),
            sent=[SentAnswer(key, value, note, stored.revision)],
            person_id=None,
        )
        db.session.commit()


def test_nobody_sees_the_history_of_another(cast: Cast, signed_in: SignedIn, sheet: int) -> None:
    for name in ("second_member", "lead"):
        answer = signed_in(getattr(cast, name)).get(f"/assessments/{sheet}/rate/history")
        assert answer.status_code == 302  # their own sheet, which they have not begun
    for name in ("coach", "administrator", "researcher", "member_of_other_clinic"):
        answer = signed_in(getattr(cast, name)).get(f"/assessments/{sheet}/rate/history")
        assert answer.status_code in {403, 404}


def test_the_history_is_one_statement(
    cast: Cast, signed_in: SignedIn, sheet: int, count_statements: CountStatements
) -> None:
    browser = signed_in(cast.member)
    with count_statements() as seen:
        browser.get(f"/assessments/{sheet}/rate/history")
    assert sum("FROM answer_change" in one for one in seen) == 1
    assert len(seen) <= 8
