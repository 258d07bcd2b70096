"""The whole turn of the wheel as one person does it, from signing in to the plan on paper."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from accounts.models import Clinic, Grant, Person, Role
from accounts.sign_in import passwords
from assess.quarters import Quarter
from core import clock
from core.db import db
from questionnaires import catalog
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible, follow
from tests.cast import PASSWORD

pytestmark = pytest.mark.browser

BLOCKS = catalog.get("six_building_blocks").blocks
OFFLINE_BLOCK = BLOCKS[2]


@pytest.fixture
def leader(site: Site, tmp_path: Path) -> str:
    """Email of a clinic's lead who also coaches its organization; two quarters lie behind them."""
    with site.app.app_context():
        person = db.session.get_one(Person, site.cast.lead)
        person.password_hash = passwords.hash_password(PASSWORD)
        clinic = db.session.get_one(Clinic, site.cast.clinic)
        organization_id = clinic.organization_id
        db.session.add(Grant(person_id=person.id, role=Role.COACH, organization_id=organization_id))
        db.session.commit()
        email = person.email
    import_history(site.app, tmp_path / "history.csv")
    return email


def import_history(app: Flask, path: Path) -> None:
    """Two quarters of two clinics, both better in the second."""
    now = Quarter.of(clock.today())
    rows = [
        f"North Health,{clinic},{quarter},{block.id},{score + step}"
        for clinic, score in (("Alder Clinic", 2.0), ("Birch Clinic", 1.5))
        for step, quarter in ((0.0, now - 2), (0.4 if clinic == "Alder Clinic" else 0.2, now - 1))
        for block in BLOCKS
    ]
    path.write_text("\n".join(["organization,clinic,quarter,block,score", *rows]))
    outcome = app.test_cli_runner().invoke(args=["assess", "import", str(path)])
    assert outcome.exit_code == 0, outcome.output


def test_the_main_job(site: Site, leader: str, phone: Page) -> None:
    page = phone
    sign_in(page, site.url, leader)
    open_assessment(page)
    rate_everything(page)
    see_the_scores(page)
    see_the_trend(page, site.url)
    write_a_plan(page, site.url)
    read_the_paper(page, site.url)


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(url)
    follow(page, page.get_by_role("link", name="Sign in").first)
    assert_accessible(page)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What to do now")
    assert_accessible(page)


def open_assessment(page: Page) -> None:
    page.get_by_role("link", name="Alder Clinic").first.click()
    follow(page, page.get_by_role("link", name="Open an assessment"))
    assert_accessible(page)
    page.get_by_role("button", name="Open the assessment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How rating is going")
    assert_accessible(page)
    page.get_by_role("link", name="Start rating").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rate your clinic")


def rate_everything(page: Page) -> None:
    """One block is rated without a connection; its answers wait and are sent afterwards."""
    page.get_by_role("button", name="Start rating").click()
    for block in BLOCKS:
        expect(page.get_by_role("heading", level=1)).to_have_text(block.title)
        page.context.set_offline(block is OFFLINE_BLOCK)
        for number, milestone in enumerate(block.milestones):
            page.locator(f"label[for=m-{milestone.key}-{1 + number % 3}]").click()
        if block is OFFLINE_BLOCK:
            expect(page.locator("[data-save-words]")).to_contain_text("5 answers are waiting")
            page.context.set_offline(False)
        expect(page.locator("[data-save-words]")).to_have_text(re.compile("^All answers saved"))
        page.get_by_role("button", name="Save and continue").last.click()
    expect(page.get_by_text("All 26 milestones are answered.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Finish rating").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have finished rating")
    assert_accessible(page)


def see_the_scores(page: Page) -> None:
    page.get_by_role("link", name="Alder Clinic").first.click()
    page.get_by_role("link", name="See how rating is going").click()
    page.get_by_role("button", name="Reveal results to the team").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Results")
    # mean of the block means (2, 1.75, 1.8, 11/6, 11/6, 1.5)
    expect(page.locator("dl.facts dd").first).to_contain_text("1.8")
    assert_accessible(page)


def see_the_trend(page: Page, url: str) -> None:
    page.goto(f"{url}/trends")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text("rose from 1.8 to 2.0 in 2 clinics")
    assert_accessible(page)


def write_a_plan(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="Alder Clinic").first.click()
    follow(page, page.get_by_role("link", name="Agree on levels"))
    assert_accessible(page)
    page.go_back()
    page.get_by_role("link", name=re.compile("^Results")).first.click()
    page.get_by_role("link", name="Write the action plan").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What will you work on?")
    assert_accessible(page)
    for number in (0, 1):
        page.locator("fieldset#milestones input[type=checkbox]").nth(number).check()
    page.get_by_role("button", name="Write the plan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Action plan")
    for number in (0, 1):
        page.get_by_role("link", name="Add an action").nth(number).click()
        page.get_by_role("textbox", name="Task").fill(f"Post the list at desk {number + 1}")
        page.get_by_role("textbox", name="Owner").fill("Front desk")
        assert_accessible(page)
        follow(page, page.get_by_role("button", name="Save action"))
    assert_accessible(page)
    page.get_by_role("button", name="Start this plan").click()


def read_the_paper(page: Page, url: str) -> None:
    address = page.get_by_role("link", name="Download PDF").get_attribute("href")
    answer = page.request.get(f"{url}{address}")
    assert answer.headers["content-type"] == "application/pdf"
    paper = PdfReader(io.BytesIO(answer.body()))
    text = " ".join(sheet.extract_text() for sheet in paper.pages)
    assert len(paper.pages) <= 2
    for words in ("Alder Clinic", "Post the list at desk 1", "Post the list at desk 2"):
        assert words in text
    follow(page, page.get_by_role("link", name="Print view"))
    assert_accessible(page)
