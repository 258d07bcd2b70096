"""Distributions by job role: from five raters up, and nothing to subtract below that."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
FIRST, SECOND = KEYS[:2]


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return seeding.open_assessment(cast.clinic)


@pytest.fixture
def rate(app: Flask, cast: Cast, assessment: int) -> Callable[..., None]:
    """rate("Nurse", 5, level=2) lets five nurses rate every milestone at level 2."""

    def rating(job_role: str | None, count: int, level: int = 2, without: str = "") -> None:
        with app.app_context():
            for person in seeding.add_members(cast.clinic, count, job_role=job_role):
                seeding.rate_all(assessment, person, {one: level for one in KEYS if one != without})

    return rating


def page(app: Flask, browser: CheckingClient, assessment: int) -> str:
    with app.app_context():
        seeding.reveal(assessment)
    return browser.get(f"/assessments/{assessment}/results/job-roles").get_data(as_text=True)


def columns(html: str) -> list[str]:
    head = html.split("<thead>")[1].split("</thead>")[0]
    return re.findall(r'<th scope="col">([^<]+)</th>', head)[1:]


def test_large_groups_stand_beside_everyone_else(
    app: Flask, cast: Cast, signed_in: SignedIn, assessment: int, rate: Callable[..., None]
) -> None:
    rate("Nurse", 6, level=3)
    rate("Front desk", 4, level=1)
    rate(None, 1, level=1)
    html = page(app, signed_in(cast.lead), assessment)
    assert columns(html) == ["Nurse (6)", "Everyone else (5)"]
    assert "Everyone else 1.0, Nurse 3.0" in html
    assert "Front desk" not in html


def test_one_person_left_over_takes_a_group_along(
    app: Flask, cast: Cast, signed_in: SignedIn, assessment: int, rate: Callable[..., None]
) -> None:
    rate("Nurse", 7)
    rate("Front desk", 5)
    rate("Pharmacist", 1, level=4)
    html = page(app, signed_in(cast.lead), assessment)
    assert columns(html) == ["Nurse (7)", "Everyone else (6)"]
    assert "Pharmacist" not in html


@pytest.mark.parametrize(
    "roles", [{"Nurse": 4, "Front desk": 4}, {"Nurse": 5, "Pharmacist": 1}, {None: 9}]
)
def test_with_small_groups_only_nothing_is_shown(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    assessment: int,
    rate: Callable[..., None],
    roles: dict[str | None, int],
) -> None:
    for role, count in roles.items():
        rate(role, count)
    html = page(app, signed_in(cast.lead), assessment)
    assert "Every group is too small to show" in html
    assert "Nurse" not in html


def test_a_milestone_that_few_of_a_group_answered_is_hidden_with_its_complement(
    app: Flask, cast: Cast, signed_in: SignedIn, assessment: int, rate: Callable[..., None]
) -> None:
    rate("Nurse", 4, level=2)
    rate("Nurse", 2, level=2, without=FIRST)
    rate("Front desk", 5, level=3)
    html = page(app, signed_in(cast.lead), assessment)
    assert columns(html) == ["Nurse (6)", "Front desk (5)"]
    # four nurses answered; with the front desk shown, the total would tell their answers
    assert html.count("Too few answers to show") == 2
    assert f"role-1-{FIRST}-title" not in html
    assert f"role-1-{SECOND}-title" in html


def test_before_the_reveal_there_is_nothing(
    cast: Cast, signed_in: SignedIn, assessment: int, rate: Callable[..., None]
) -> None:
    rate("Nurse", 6)
    answer = signed_in(cast.lead).get(f"/assessments/{assessment}/results/job-roles")
    assert answer.status_code == 302


def test_no_more_than_12_statements(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    assessment: int,
    rate: Callable[..., None],
    count_statements: CountStatements,
) -> None:
    rate("Nurse", 6)
    rate("Front desk", 6)
    browser = signed_in(cast.lead)
    page(app, browser, assessment)
    with count_statements() as seen:
        browser.get(f"/assessments/{assessment}/results/job-roles")
    assert len(seen) <= 12
