"""The program page in a browser: axe, phones, the figure really loads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from accounts import service as accounts_service
from accounts.models import Clinic, Person, Role
from core.db import db
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.integration.assess.program_scores import rows_of_case, store

pytestmark = pytest.mark.browser


def test_the_page_reads_well_on_phone_and_desk(site: Site, phone: Page, desk: Page) -> None:
    with site.app.app_context():
        store(rows_of_case("s08_missing_quarters"))
    for page in (phone, desk):
        site.sign_in(page, site.cast.administrator)
        page.goto(f"{site.url}/trends")
        expect(page.locator(".lead")).to_contain_text("the mean overall score")
        page.wait_for_load_state("networkidle")
        picture = page.locator("picture img").first
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True, timeout=30_000)
        assert picture.evaluate("img => img.naturalWidth") > 0
        page.get_by_text("Choose scores, quarters and clinics").click()
        page.get_by_text("Download this figure").first.click()
        assert_accessible(page)
        page.goto(f"{site.url}/trends?view=simple")
        expect(page.get_by_role("link", name="Show all statistics")).to_be_visible()
        assert_accessible(page)
    desk.goto(f"{site.url}/trends")
    desk.get_by_text("Download this figure").first.click()
    with desk.expect_download() as download:
        desk.get_by_role("button", name="Download PNG").first.click()
    assert download.value.suggested_filename == "blockwise-change.png"


def test_a_clinic_sees_its_run_chart_and_its_place_in_the_program(
    site: Site, phone: Page, desk: Page
) -> None:
    with site.app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
        clinic = db.session.scalars(select(Clinic).filter_by(name="Clinic C01")).one()
        person = db.session.get_one(Person, site.cast.stranger)
        accounts_service.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
        db.session.commit()
        path = f"/clinics/{clinic.id}"
    for page in (phone, desk):
        site.sign_in(page, site.cast.stranger)
        page.goto(f"{site.url}{path}")
        page.get_by_role("link", name="Trend over the quarters").click()
        expect(page.get_by_role("heading", name="Has the score moved?")).to_be_visible()
        for picture in page.locator("picture img").all():
            expect(picture).to_have_js_property("complete", True, timeout=30_000)
            assert picture.evaluate("img => img.naturalWidth") > 0
        expect(page.locator("picture img")).to_have_count(2)
        assert_accessible(page)
