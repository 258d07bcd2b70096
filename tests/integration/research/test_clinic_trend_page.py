"""The trend of one clinic: its words, who may see it, and the program as quartiles only."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts import service as accounts_service
from accounts.models import Clinic, Organization, Person, Role
from assess.models import Assessment, State
from assess.quarters import Quarter
from core.db import db
from questionnaires import catalog
from research.quartiles import SMALLEST_SPREAD
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.assess.program_scores import Row, store
from tests.integration.research.test_trends_page import text_of
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
RISING = (1.2, 1.0, 1.4, 1.3, 1.1, 1.2, 2.1, 2.2, 2.4, 2.6, 2.5, 2.8)


def quarter(place: int) -> str:
    return str(Quarter(2024, 1) + place)


def program(clinics: int, quarters: int = 3) -> list[Row]:
    """Clinic n has the score 1 + n / 10 in every quarter."""
    return [
        (f"Owner {number % 2}", f"Secretmark {number}", quarter(place), 1 + number / 10)
        for number in range(1, clinics + 1)
        for place in range(quarters)
    ]


def join(cast: Cast, name: str) -> int:
    """Make the cast's stranger a member of the clinic of this name."""
    clinic = db.session.scalars(select(Clinic).filter_by(name=name)).one()
    person = db.session.get_one(Person, cast.stranger)
    accounts_service.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
    db.session.commit()
    return clinic.id


@pytest.fixture
def own(app: Flask, cast: Cast, signed_in: SignedIn) -> tuple[CheckingClient, str]:
    """A member of Secretmark 1, and the address of its trend; five others are in the program."""
    with app.app_context():
        store(program(SMALLEST_SPREAD))
        clinic = join(cast, "Secretmark 1")
    return signed_in(cast.stranger), f"/clinics/{clinic}/trend"


def test_it_says_how_the_score_moved_and_what_the_rules_say(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    rows = [("Owner", "Rising", quarter(at), score) for at, score in enumerate(RISING)]
    with app.app_context():
        store(rows)
        clinic = join(cast, "Rising")
    text = text_of(signed_in(cast.stranger), f"/clinics/{clinic}/trend")
    assert "Over 12 quarters the overall score rose from 1.2 to 2.8." in text
    assert "Six quarters in a row above the median, Q3 2025 to Q4 2026" in text
    assert "The program is shown in quarters in which this clinic and at least 5 others" in text
    assert "ANOVA" not in text


def test_the_program_is_there_from_five_others_on_without_any_name(
    own: tuple[CheckingClient, str],
) -> None:
    browser, path = own
    page = browser.get(path).get_data(as_text=True)
    assert "1.2 to 1.5" in page  # the quartiles of 1.1 to 1.6, as pages show scores
    assert "Secretmark 1" in page
    assert not any(f"Secretmark {number}" in page for number in range(2, 8))
    assert "Owner 0" not in page
    picture = browser.get(f"{path}/figures/program.svg")
    assert picture.status_code == 200
    assert b"Secretmark" not in picture.data


def test_fewer_clinics_show_no_program(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        store(program(SMALLEST_SPREAD - 1))
        clinic = join(cast, "Secretmark 1")
    path = f"/clinics/{clinic}/trend"
    browser = signed_in(cast.stranger)
    assert "There is none yet." in text_of(browser, path)
    assert browser.get(f"{path}/figures/program.svg").status_code == 404
    assert browser.get(f"{path}/figures/run-chart.png").status_code == 200


def test_real_and_fictional_clinics_never_stand_in_one_spread(
    app: Flask, cast: Cast, own: tuple[CheckingClient, str]
) -> None:
    with app.app_context():
        db.session.execute(
            update(Organization).where(Organization.name == "Owner 0").values(is_demo=True)
        )
        db.session.commit()
    browser, path = own
    assert "There is none yet." in text_of(browser, path)


def test_hidden_results_count_nowhere(app: Flask, own: tuple[CheckingClient, str]) -> None:
    with app.app_context():
        other = select(Clinic.id).where(Clinic.name == "Secretmark 2")
        db.session.execute(
            update(Assessment).where(Assessment.clinic_id.in_(other)).values(state=State.OPEN)
        )
        db.session.commit()
    browser, path = own
    assert "There is none yet." in text_of(browser, path)


def test_a_block_can_be_followed_and_what_is_not_there_is_named(
    own: tuple[CheckingClient, str],
) -> None:
    browser, path = own
    assert "stayed at 1.1" in text_of(browser, f"{path}?score=nothing&questionnaire=nothing")
    assert "has no such score" in text_of(browser, f"{path}?score=nothing")
    block = catalog.get("six_building_blocks").blocks[1]
    page = browser.get(f"{path}?score={block.id}").get_data(as_text=True)
    assert f"the score of “{block.title}” stayed at 1.1" in html.unescape(page)
    assert f'<option value="{block.id}" selected>' in page


def test_before_the_first_score_it_says_what_will_be_here(cast: Cast, signed_in: SignedIn) -> None:
    path = f"/clinics/{cast.clinic}/trend"
    assert "No scores yet" in text_of(signed_in(cast.member), path)
    assert signed_in(cast.member).get(f"{path}/figures/run-chart.svg").status_code == 404


@pytest.mark.parametrize("role", ["member", "lead", "coach", "researcher"])
def test_nobody_sees_the_trend_of_a_clinic_that_is_not_theirs(
    cast: Cast, own: tuple[CheckingClient, str], signed_in: SignedIn, role: str
) -> None:
    for path in (own[1], f"{own[1]}/figures/run-chart.svg"):
        assert signed_in(getattr(cast, role)).get(path).status_code in {403, 404}


def test_the_page_costs_at_most_12_statements(
    own: tuple[CheckingClient, str], count_statements: CountStatements
) -> None:
    browser, path = own
    with count_statements() as seen:
        assert browser.get(path).status_code == 200
    assert len(seen) <= 12
