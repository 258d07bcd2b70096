"""Administrators add, change, archive and restore organizations and clinics by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Clinic, Organization
from accounts.program.organizations import Archived
from core.audit import AuditEvent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
MILESTONE = catalog.get("six_building_blocks").milestones[0].key


def clinic_fields(**changed: str) -> dict[str, str]:
    return {"name": "Dogwood Clinic", "study_code": "D01"} | changed


def text_of(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined,no-any-return]


def test_an_organization_and_its_first_clinic_are_added(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.administrator)
    added = browser.send("/admin/organizations/new", {"name": "  West   Health "})
    assert added.status_code == 302
    page = text_of(browser.get(added.location))
    assert "Organization added" in page
    assert "<h1>West Health</h1>" in page
    path = added.location.split("?")[0] + "/clinics/new"
    facts = {"state": "wa", "clinician_fte": "4,5", "baseline_quarter": "Q1 2026"}
    made = browser.send(path, clinic_fields(**facts))
    assert "Clinic added" in text_of(browser.get(made.location))
    with app.app_context():
        clinic = db.session.scalars(select(Clinic).where(Clinic.study_code == "D01")).one()
        assert (clinic.state, clinic.clinician_fte, clinic.baseline_quarter) == (
            "WA",
            4.5,
            "2026Q1",
        )
        actions = db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.chain != "program")
        ).all()
        assert set(actions) >= {"organization.created", "clinic.created"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "Enter the name."),
        ({"name": "alder clinic"}, "has a clinic named alder clinic already"),
        ({"study_code": "n01"}, "n01 is used by another clinic"),
        ({"study_code": "s01"}, "s01 is used by another clinic"),
        ({"study_code": "D 1"}, "Use letters, digits, dots and dashes"),
        ({"state": "Washington"}, "Use its two letters"),
        ({"clinician_fte": "many"}, "Use a number above 0"),
        ({"baseline_quarter": "soon"}, "Write it like 2026Q1."),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_what_was_typed_comes_back(
    cast: Cast, signed_in: SignedIn, changed: dict[str, str], words: str
) -> None:
    browser = signed_in(cast.administrator)
    path = f"/admin/organizations/{cast.organization}/clinics/new"
    answer = browser.send(path, clinic_fields(ehr="Typed before") | changed, page=path)
    page = text_of(answer)
    assert answer.status_code == 422
    assert page.count(words) == 2, "at the field and in the summary"
    assert "<title>Error: " in page
    assert 'value="Typed before"' in page


def test_a_code_of_an_organization_out_of_reach_is_taken_without_saying_whose(
    cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.organization_administrator)
    path = f"/admin/organizations/{cast.organization}/clinics/new"
    answer = browser.send(path, clinic_fields(study_code="S01"), page=path)
    assert answer.status_code == 422
    assert "S01 is used by another clinic" in text_of(answer)
    assert "Cedar" not in text_of(answer)


def test_a_second_organization_of_the_same_name_is_refused(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.administrator)
    answer = browser.send("/admin/organizations/new", {"name": "north health"})
    assert answer.status_code == 422
    assert "There is an organization named north health already" in text_of(answer)
    path = f"/admin/organizations/{cast.organization}/edit"
    assert browser.send(path, {"name": "South Health"}).status_code == 422
    assert browser.send(path, {"name": "NORTH Health"}).status_code == 302, "its own name is free"


def test_changing_a_clinic_records_what_it_was(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.organization_administrator)
    path = f"/admin/clinics/{cast.clinic}/edit"
    assert 'value="Alder Clinic"' in text_of(browser.get(path))
    fields = {"name": "Alder Family Clinic", "study_code": "N01", "baseline_quarter": "2026Q1"}
    assert browser.send(path, fields).status_code == 302
    with app.app_context():
        event = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "clinic.changed")
        ).one()
        assert event.before == '{"name": "Alder Clinic"}'
        assert event.after == '{"name": "Alder Family Clinic"}'
        assert event.person_id == cast.organization_administrator


def test_an_archived_clinic_vanishes_from_lists_and_comes_back(
    cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.administrator)
    path = f"/admin/clinics/{cast.clinic}"
    assert "Archive Alder Clinic?" in text_of(browser.get(f"{path}/archive"))
    archived = browser.send(f"{path}/archive")
    page = text_of(browser.get(archived.location))
    assert "This clinic is archived" in page
    for list_page in ("/admin/clinics", "/clinics"):
        assert "Alder Clinic" not in text_of(browser.get(list_page))
    assert "Alder Clinic" in text_of(browser.get("/admin/clinics?show=archived"))
    assert "Alder Clinic" not in text_of(signed_in(cast.member).get("/"))
    answer = browser.send(f"{path}/edit", clinic_fields())
    assert answer.status_code == 409
    assert "Restore the clinic first" in text_of(answer)
    restored = browser.send(f"{path}/restore")
    assert "Clinic restored" in text_of(browser.get(restored.location))
    assert "Alder Clinic" in text_of(browser.get("/clinics"))


def test_nobody_rates_or_plans_in_an_archived_clinic(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        rating = seeding.start_rating(assessment, cast.member)
    signed_in(cast.administrator).send(f"/admin/clinics/{cast.clinic}/archive")
    coach = signed_in(cast.coach)
    opened = coach.send(
        f"/clinics/{cast.clinic}/open",
        {"questionnaire": "six_building_blocks_maturity", "quarter": "2026Q4"},
    )
    assert opened.status_code == 409
    answer = signed_in(cast.second_member).send(f"/assessments/{assessment}/rate")
    assert answer.status_code == 409
    assert "Alder Clinic is archived." in text_of(answer)
    with app.app_context(), pytest.raises(Archived):
        seeding.rate(rating, {MILESTONE: 2})
    revealed = signed_in(cast.lead).send(f"/assessments/{assessment}/reveal")
    assert revealed.status_code == 409


@pytest.mark.parametrize("words", ["alder", "n01", "NORTH", "clinic north"])
def test_clinics_are_found_by_name_code_and_organization(
    cast: Cast, signed_in: SignedIn, words: str
) -> None:
    page = text_of(signed_in(cast.administrator).get("/admin/clinics", query_string={"q": words}))
    assert "Alder Clinic" in page
    assert "Cedar Clinic" not in page


def test_an_administrator_of_an_organization_sees_only_that_one(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.organization_administrator)
    for path in ("/admin", "/admin/organizations", "/admin/clinics", "/admin/people"):
        page = text_of(browser.get(path))
        assert "South Health" not in page, path
        assert "Cedar" not in page, path
    assert "Add an organization" not in text_of(browser.get("/admin/organizations"))
    assert browser.get("/admin/organizations/new").status_code == 404
    assert browser.send("/admin/organizations/new", {"name": "Mine"}).status_code == 404
    foreign = f"/admin/organizations/{cast.other_organization}"
    assert browser.get(foreign).status_code == 404
    assert browser.send(f"{foreign}/clinics/new", clinic_fields()).status_code == 404
    assert browser.send(f"/admin/clinics/{cast.other_clinic}/archive").status_code == 404
    with app.app_context():
        assert db.session.scalar(select(Organization).where(Organization.name == "Mine")) is None


def test_the_overview_counts_and_names_what_waits(cast: Cast, signed_in: SignedIn) -> None:
    page = text_of(signed_in(cast.administrator).get("/admin"))
    assert "<strong>2</strong> clinics have no lead" in page
    page = text_of(signed_in(cast.administrator).get("/admin/clinics?show=without-lead"))
    assert "Birch Clinic" in page
    assert "Alder Clinic" not in page


def test_the_start_page_counts_only_what_the_administrator_has(
    cast: Cast, signed_in: SignedIn
) -> None:
    def counted(person_id: int) -> list[str]:
        return re.findall(r"<dd>(\d+)</dd>", text_of(signed_in(person_id).get("/")))

    assert counted(cast.administrator) == ["2", "3", "9", "0"]
    assert counted(cast.organization_administrator) == ["1", "2", "5", "0"]
    signed_in(cast.administrator).send(f"/admin/clinics/{cast.sister_clinic}/archive")
    assert counted(cast.organization_administrator)[1] == "1"
