"""A lead or coach opens an assessment for the clinic."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import service as accounts
from accounts.models import Clinic, Organization
from accounts.program import organizations
from assess.models import Assessment
from assess.quarters import Quarter
from core import clock
from core.audit import AuditEvent
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
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
        # the clinic's first one leads its lead to rating; others look how it goes
        onward = "rate" if who == "lead" else "progress"
        assert answer.location == f"/assessments/{assessment.id}/{onward}"
        assert assessment.opened_by == cast.people[who]
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


def test_the_form_offers_a_free_quarter_and_names_what_is_taken(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    lead, now = signed_in(cast.lead), Quarter.of(clock.today())
    with app.app_context():
        seeding.open_assessment(cast.clinic, str(now - 3))
    opened = send(
        lead, cast.clinic, message="Please be frank.", asks="chosen", people=str(cast.member)
    )
    assert opened.location.endswith("/progress")
    page = lead.get(f"/clinics/{cast.clinic}/open").get_data(as_text=True)
    assert f"{now.label} (has Six Building Blocks" in page
    assert f"{now.label} is taken." in page
    # the other questionnaire has a quarter of its own to offer
    other = "six_building_blocks_maturity"
    assert f'href="/clinics/{cast.clinic}/open?questionnaire={other}"' in page
    page = lead.get(f"/clinics/{cast.clinic}/open?questionnaire={other}").get_data(as_text=True)
    assert f"{now.label} is the running quarter." in page
    assert page.index(f'value="{other}"') < page.index('value="six_building_blocks"')
    with app.app_context():
        newest = select(Assessment).order_by(Assessment.id.desc()).limit(1)
        assessment = db.session.scalars(newest).one()
        assert (assessment.message, assessment.asks_everyone) == ("Please be frank.", False)


class TestMany:
    def fields(self, cast: Cast) -> dict[str, object]:
        clinics = [str(one) for one in (cast.clinic, cast.sister_clinic, cast.other_clinic)]
        return {"clinics": clinics, "due_on": "2099-12-24", "message": "All together now."}

    def test_it_opens_for_all_that_can_and_names_the_others(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        send(signed_in(cast.lead), cast.clinic)
        with app.app_context():
            organizations.archive_clinic(clinic_id=cast.other_clinic)
            db.session.commit()
        administrator = signed_in(cast.administrator)
        page = administrator.get("/assessments/open").get_data(as_text=True)
        assert "Cedar Clinic" not in page
        assert f'value="{cast.sister_clinic}"' in page
        assert f'value="{cast.clinic}"' not in page
        assert "checked" not in page.partition('name="invite"')[0]
        answer = administrator.send("/assessments/open", self.fields(cast))
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "1 assessment is opened" in text
        assert "<strong>Cedar Clinic</strong>: It is archived." in text
        assert "<strong>Alder Clinic</strong>: It has" in text
        again = administrator.send("/assessments/open", self.fields(cast)).get_data(as_text=True)
        assert "Nothing was opened" in again
        with app.app_context():
            rows = db.session.scalars(select(Assessment).order_by(Assessment.id)).all()
            assert [one.clinic_id for one in rows] == [cast.clinic, cast.sister_clinic]
            assert (rows[1].message, str(rows[1].due_on)) == ("All together now.", "2099-12-24")
            assert rows[1].opened_by == cast.administrator
            query = select(AuditEvent).where(AuditEvent.action == "assessment.opened")
            assert len(db.session.scalars(query).all()) == 2

    def test_a_coach_opens_nothing_elsewhere(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        answer = signed_in(cast.coach).send("/assessments/open", self.fields(cast))
        assert "2 assessments are opened" in answer.get_data(as_text=True)
        with app.app_context():
            clinics = set(db.session.scalars(select(Assessment.clinic_id)))
        assert clinics == {cast.clinic, cast.sister_clinic}

    def test_a_wrong_entry_keeps_what_was_chosen(self, cast: Cast, signed_in: SignedIn) -> None:
        coach = signed_in(cast.coach)
        fields = self.fields(cast) | {"due_on": "soon"}
        answer = coach.send("/assessments/open", fields)
        assert answer.status_code == 422
        assert answer.get_data(as_text=True).count(" checked>") == 2
        empty = coach.send("/assessments/open", {"due_on": ""})
        assert "Choose at least one clinic." in empty.get_data(as_text=True)
        huge = coach.send("/assessments/open", {"clinics": ["9" * 30, "x"], "due_on": ""})
        assert huge.status_code == 422

    @pytest.mark.parametrize("who", ["member", "researcher", "stranger"])
    def test_others_cannot(self, cast: Cast, signed_in: SignedIn, who: str) -> None:
        browser = signed_in(cast.people[who])
        assert browser.get("/assessments/open").status_code == 403
        assert browser.send("/assessments/open", self.fields(cast)).status_code == 403

    def test_reads_do_not_grow_with_the_clinics(
        self,
        app: Flask,
        cast: Cast,
        signed_in: SignedIn,
        count_statements: CountStatements,
    ) -> None:
        with app.app_context():
            north = db.session.get_one(Organization, cast.organization)
            for number in range(58):
                accounts.create_clinic(
                    organization=north, name=f"Clinic {number}", study_code=f"X{number}"
                )
            seeding.open_assessment(cast.sister_clinic)
            db.session.commit()
            ids = list(db.session.scalars(select(Clinic.id).filter_by(organization_id=north.id)))
        coach = signed_in(cast.coach)
        with count_statements() as page:
            coach.get("/assessments/open?all=1")
        assert len(page) <= 4
        with count_statements() as seen:
            answer = coach.send("/assessments/open", {"clinics": [str(one) for one in ids]})
        assert "60 assessments are opened" in answer.get_data(as_text=True)
        reads = [one for one in seen if one.startswith("SELECT")]
        assert len(reads) <= 12, reads
        with count_statements() as listed:
            assert "All 61 go" in coach.get("/assessments?quarter=").get_data(as_text=True)
        assert len(listed) <= 6
