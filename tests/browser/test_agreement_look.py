"""The agreement page with eleven raters passes axe and fits the smallest phones."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible

INSTRUMENT = catalog.get("six_building_blocks")
ROLES = ["Physician"] * 5 + ["Front desk"] * 6


def seed(site: Site) -> int:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic)
        for number, job_role in enumerate(ROLES):
            (person,) = seeding.add_members(site.cast.clinic, job_role=job_role)
            levels = {
                one.key: min(4, 1 + one.number % 4 + (number + one.number) % 5 // 3)
                for one in INSTRUMENT.milestones
            }
            low = 1 if job_role == "Front desk" else 3
            levels |= {one.key: low for one in INSTRUMENT.blocks[2].milestones}
            seeding.rate_all(assessment, person, levels)
        seeding.reveal(assessment)
    return assessment


def test_agreement_is_accessible(site: Site, phone: Page) -> None:
    assessment = seed(site)
    site.sign_in(phone, site.cast.lead)
    phone.goto(f"{site.url}/assessments/{assessment}/agreement")
    expect(phone.locator("p.lead")).to_contain_text("Your 11 raters agree well on")
    phone.get_by_text("Show 5 milestones of Tracking").click()
    assert_accessible(phone)
    phone.emulate_media(color_scheme="dark")
    assert_accessible(phone)
