"""A lead or coach opens an assessment for the clinic."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from assess.models import Assessment
from assess.quarters import Quarter
from core import clock
from core.db import db
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]


def send(browser: CheckingClient, clinic_id: int, **fields: str):  # type: ignore[no-untyped-def]
    page = f"/clinics/{clinic_id}/open"
    quarter = str(Quarter.of(clock.today()))
    return browser.send(
        page, {"questionnaire": "six_building_blocks", "quarter": quarter, **fields}, page=page
    )


@pytest.mark.parametrize("who", ["lead", "coach", "administrator"])
def test_it_opens_for_rating(app: Flask, cast: Cast, signed_in: SignedIn, who: str) -> None:
    answer = send(signed_in(cast.people[who]), cast.clinic)
    with app.app_context():
        assessment = db.session.scalars(select(Assessment)).one()
        # who works in the clinic rates first; others go back to where they came from
        onward = (
            f"/assessments/{assessment.id}/rate" if who == "lead" else f"/clinics/{cast.clinic}"
        )
        assert answer.location == onward
        assert (assessment.clinic_id, assessment.state) == (cast.clinic, "open")
    page = signed_in(cast.member).get(f"/clinics/{cast.clinic}").get_data(as_text=True)
    assert "Start rating" in page


def test_the_same_quarter_twice_is_refused_by_name(cast: Cast, signed_in: SignedIn) -> None:
    lead = signed_in(cast.lead)
    send(lead, cast.clinic)
    again = send(lead, cast.clinic)
    assert again.status_code == 409
    assert "Open that one." in again.get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"due_on": "2020-01-01"}, "Choose today or a later day."),
        ({"due_on": "soon"}, "enter it as month/day/year"),
        ({"quarter": "2019Q1"}, "Choose one of the options shown"),
        ({"questionnaire": "unknown"}, "Choose one of the options shown"),
    ],
)
def test_a_wrong_entry_is_named(
    cast: Cast, signed_in: SignedIn, fields: dict[str, str], words: str
) -> None:
    answer = send(signed_in(cast.lead), cast.clinic, **fields)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


@pytest.mark.parametrize("who", ["member", "researcher", "member_of_other_clinic", "stranger"])
def test_others_cannot_open(cast: Cast, signed_in: SignedIn, who: str) -> None:
    answer = signed_in(cast.people[who]).get(f"/clinics/{cast.clinic}/open")
    assert answer.status_code in {403, 404}


def test_a_lead_cannot_open_for_a_sister_clinic(cast: Cast, signed_in: SignedIn) -> None:
    assert signed_in(cast.lead).get(f"/clinics/{cast.sister_clinic}/open").status_code == 404
