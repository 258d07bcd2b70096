"""The agreement page: after the reveal, from five finished ratings up, and about nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from assess.answers import DONT_KNOW, AnswerValue
from assess.models import Rating
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")
KEYS = [one.key for one in INSTRUMENT.milestones]
TRACKING = INSTRUMENT.blocks[2]


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return seeding.open_assessment(cast.clinic)


Rate = Callable[..., None]


@pytest.fixture
def rate(app: Flask, cast: Cast, assessment: int) -> Rate:
    """rate("Nurse", 5, {key: 3}) lets five nurses rate: level 2 but where told otherwise."""

    def rating(
        job_role: str, count: int, levels: dict[str, int | AnswerValue] | None = None
    ) -> None:
        with app.app_context():
            for person in seeding.add_members(cast.clinic, count, job_role=job_role):
                seeding.rate_all(assessment, person, dict.fromkeys(KEYS, 2) | (levels or {}))

    return rating


def read(app: Flask, browser: CheckingClient, assessment: int) -> str:
    with app.app_context():
        seeding.reveal(assessment)
    return browser.get(f"/assessments/{assessment}/agreement").get_data(as_text=True)


def test_the_sentence_the_table_and_the_job_roles(
    app: Flask, cast: Cast, signed_in: SignedIn, assessment: int, rate: Rate
) -> None:
    rate("Physician", 5, {one.key: 3 for one in TRACKING.milestones} | {KEYS[0]: 4})
    rate("Front desk", 6, {one.key: 1 for one in TRACKING.milestones} | {KEYS[1]: DONT_KNOW})
    with app.app_context():
        made = seeding.start_rating(assessment, cast.member)
        seeding.rate(made, dict.fromkeys(KEYS, 4))  # not finished, so it does not count
    browser = signed_in(cast.lead)
    html = read(app, browser, assessment)
    worst = f"“{INSTRUMENT.milestones[0].title}”, “{TRACKING.milestones[0].title}” and 4 more."
    assert (
        f"Your 11 raters agree well on 20 of the 26 milestones; they differ most on {worst}" in html
    )
    assert (
        "The front desk sees “Tracking and monitoring patient care” two levels lower than "
        "physicians (1.0 against 3.0)."
    ) in html
    assert html.count("<circle") == 26  # the picture has a dot for each milestone
    assert "5, from 2 to 2" not in html
    assert "All 5 at 2" in html  # the second milestone: the front desk did not know
    assert "ICC(1,11)" in html or "ICC(1,5)" in html
    with app.app_context():
        for rating_id in db.session.scalars(select(Rating.id)):
            assert f"rater {rating_id}" not in html
    by_role = browser.get(f"/assessments/{assessment}/results/job-roles").get_data(as_text=True)
    assert "two levels lower than physicians (1.0 against 3.0)." in by_role
    assert "How far your raters agree" in browser.get(
        f"/assessments/{assessment}/results"
    ).get_data(as_text=True)


def test_four_finished_ratings_are_too_few(
    app: Flask, cast: Cast, signed_in: SignedIn, assessment: int, rate: Rate
) -> None:
    rate("Nurse", 4)
    browser = signed_in(cast.member)
    html = read(app, browser, assessment)
    assert "Too few ratings to compare" in html
    assert "<table" not in html
    results = browser.get(f"/assessments/{assessment}/results").get_data(as_text=True)
    assert f"/assessments/{assessment}/agreement" not in results


def test_before_the_reveal_it_leads_to_the_results_page(
    cast: Cast, signed_in: SignedIn, assessment: int, rate: Rate
) -> None:
    rate("Nurse", 6)
    answer = signed_in(cast.lead).get(f"/assessments/{assessment}/agreement")
    assert answer.status_code == 302
    assert answer.location.endswith(f"/assessments/{assessment}/results")


def test_no_more_than_12_statements(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    assessment: int,
    rate: Rate,
    count_statements: CountStatements,
) -> None:
    rate("Nurse", 6)
    rate("Front desk", 6)
    browser = signed_in(cast.lead)
    read(app, browser, assessment)
    with count_statements() as seen:
        browser.get(f"/assessments/{assessment}/agreement")
    assert len(seen) <= 12
