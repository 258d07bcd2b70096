"""Ratings of people who rated again, read from the database: beside all raters, or not at all."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from assess.quarters import Quarter
from core.db import db
from research.again import compare_raters
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.research.test_trends_page import text_of
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
FIRST, SECOND = Quarter(2026, 1), Quarter(2026, 2)
SLUG = "six_building_blocks"


def rate(clinic: int, quarter: Quarter, levels: dict[int, int]) -> None:
    """One finished rating of each person, all at one level; revealed."""
    assessment = seeding.open_assessment(clinic, str(quarter))
    for person, level in levels.items():
        seeding.rate_all(assessment, person, level=level)
    seeding.reveal(assessment)
    db.session.commit()


def test_the_same_raters_stand_beside_all(
    app: Flask, cast: Cast, signed_in: SignedIn, count_statements: CountStatements
) -> None:
    with app.app_context():
        same = seeding.add_members(cast.clinic, 5)
        others = seeding.add_members(cast.clinic, 5, job_role="nurse")
        rate(cast.clinic, FIRST, dict.fromkeys(same, 2))
        rate(cast.clinic, SECOND, dict.fromkeys(same, 3) | dict.fromkeys(others, 1))
        with count_statements() as seen:
            found = compare_raters([cast.clinic], SLUG, "overall", [FIRST, SECOND])
        # and on PostgreSQL the one that begins the transaction
        assert len([one for one in seen if "set_config" not in one]) == 2
    (one,) = found.comparisons
    assert (one.clinics, one.same, one.every) == (1, (2.0, 3.0), (2.0, 2.0))
    text = text_of(signed_in(cast.member), f"/clinics/{cast.clinic}/trend")
    assert "Q1 2026 to Q2 2026 2.0 to 3.0 2.0 to 2.0" in text


def test_one_more_or_less_hides_them_and_new_people_are_said(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        same = seeding.add_members(cast.clinic, 5)
        others = seeding.add_members(cast.clinic, 6, job_role="nurse")
        rate(cast.clinic, FIRST, dict.fromkeys(same, 2))
        rate(cast.clinic, SECOND, dict.fromkeys([*same[:4], *others], 3))
        found = compare_raters([cast.clinic], SLUG, "overall", [FIRST, SECOND])
    assert found.comparisons == ()
    assert found.changed == (SECOND,)
    text = text_of(signed_in(cast.member), f"/clinics/{cast.clinic}/trend")
    assert "Other people rated from Q2 2026 on." in text
    assert "Same raters" not in text
