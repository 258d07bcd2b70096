"""The program page in a browser: axe, phones, the figure really loads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

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
    with desk.expect_download() as download:
        desk.get_by_role("button", name="Download PNG").first.click()
    assert download.value.suggested_filename == "blockwise-change.png"
