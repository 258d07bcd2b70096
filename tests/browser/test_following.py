"""A coach opens many clinics and follows them; every page passes axe on a phone and at a desk."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import update

from assess.models import Assessment
from core import clock
from core.db import db
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible


def test_a_coach_opens_follows_and_sees_whom_to_call(site: Site, phone: Page, desk: Page) -> None:
    for page in (phone, desk):
        site.sign_in(page, site.cast.coach)
    desk.goto(f"{site.url}/clinics")
    desk.get_by_role("link", name="Open assessments for many clinics").click()
    desk.get_by_label("Message to the raters").fill("Please be frank.")
    desk.get_by_role("link", name="Choose all 2").click()
    expect(desk.get_by_text("2 chosen")).to_be_visible()
    expect(desk.get_by_label("Message to the raters")).to_have_value("Please be frank.")
    assert_accessible(desk)
    desk.get_by_role("button", name="Open for the chosen clinics").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("2 assessments are opened")
    assert_accessible(desk)
    with site.app.app_context():
        mine = Assessment.clinic_id == site.cast.clinic
        past = clock.today() - timedelta(days=2)
        db.session.execute(update(Assessment).where(mine).values(due_on=past))
        key = db.session.query(Assessment.id).filter(mine).scalar()
        seeding.rate_all(key, site.cast.member)
        seeding.open_assessment(site.cast.clinic, questionnaire="six_building_blocks_maturity")
    phone.goto(f"{site.url}/clinics/{site.cast.clinic}")
    expect(phone.get_by_role("link", name="See how rating is going")).to_have_count(2)
    assert_accessible(phone)
    phone.goto(f"{site.url}/assessments")
    expect(phone.get_by_text("1 of 3 needs somebody: 1 late.")).to_be_visible()
    assert_accessible(phone)
    phone.emulate_media(color_scheme="dark")
    assert_accessible(phone)
    phone.get_by_role("link", name=re.compile("^Progress.*Alder")).first.click()
    expect(phone.get_by_text("3 people are asked, 1 has finished.")).to_be_visible()
    assert_accessible(phone)
    desk.goto(f"{site.url}/assessments")
    desk.get_by_role("link", name="Choose all").click()
    expect(desk.get_by_text("3 chosen")).to_be_visible()
    desk.get_by_role("button", name="Close what is agreed").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Nothing to close")
    assert_accessible(desk)


def test_the_forms_of_following_are_accessible(site: Site, phone: Page) -> None:
    with site.app.app_context():
        open_, shown, closed = (
            seeding.open_assessment(site.cast.clinic, quarter)
            for quarter in ("2026Q3", "2026Q2", "2026Q1")
        )
        for key in (shown, closed):
            seeding.rate_all(key, site.cast.member)
            seeding.reveal(key)
        seeding.close(closed)
    site.sign_in(phone, site.cast.lead)
    for path in (
        f"{open_}/change",
        f"{open_}/close",
        f"{open_}/move",
        f"{shown}/hide",
        f"{closed}/reopen",
        f"{closed}/progress",
    ):
        phone.goto(f"{site.url}/assessments/{path}")
        assert_accessible(phone)
    phone.goto(f"{site.url}/assessments/{open_}/change")
    expect(phone.get_by_role("checkbox", name="Member")).to_be_hidden()
    phone.get_by_label("Only the people I choose").check()
    phone.get_by_role("button", name="Save changes").click()
    expect(phone.get_by_role("alert")).to_be_focused()
    assert_accessible(phone)
    phone.get_by_role("checkbox", name="Member").check()
    phone.get_by_role("button", name="Save changes").click()
    expect(phone.get_by_text("1 person is asked.")).to_be_visible()
