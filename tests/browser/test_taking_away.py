"""Taking data away in a browser: a token to copy, a bundle that is watched and downloaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from core import worker
from research.bundle import writing
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible, follow
from tests.integration.assess.program_scores import rows_of_case, store

pytestmark = pytest.mark.browser


def test_a_token_is_made_copied_and_revoked(site: Site, phone: Page) -> None:
    site.sign_in(phone, site.cast.researcher)
    phone.goto(f"{site.url}/trends/tokens")
    assert_accessible(phone)
    phone.get_by_label("What it is for").fill("R on my laptop")
    follow(phone, phone.get_by_role("button", name="Make a token"))
    field = phone.get_by_role("textbox", name="Your token")
    assert field.input_value().startswith("bw_")
    phone.get_by_role("button", name="Copy token").click()
    expect(phone.get_by_text("Copied").or_(phone.get_by_text("Selected."))).to_be_visible()
    assert_accessible(phone)
    follow(phone, phone.get_by_role("link", name="Revoke R on my laptop"))
    assert_accessible(phone)
    follow(phone, phone.get_by_role("button", name="Revoke R on my laptop"))
    expect(phone.get_by_text("The token is revoked")).to_be_visible()


def test_a_bundle_is_asked_for_watched_and_downloaded(
    site: Site, desk: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    site.sign_in(desk, site.cast.researcher)
    desk.goto(f"{site.url}/trends?view=full")
    follow(desk, desk.get_by_role("button", name="Make the data bundle"))
    expect(desk.get_by_text("Waiting for its turn")).to_be_visible()
    assert_accessible(desk)
    write = writing.write_bundle

    def watched(content: object, target: object, progress: Callable[[int, str], None]) -> None:
        progress(40, "Writing the codebook")
        expect(desk.get_by_text("Writing the codebook")).to_be_visible()
        expect(desk.get_by_text("40%", exact=True)).to_be_visible()
        write(content, target, progress)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "write_bundle", watched)
    assert worker.run_one(site.app)
    button = desk.get_by_role("button", name="Download")
    expect(button).to_be_visible(timeout=10_000)
    assert_accessible(desk)
    with desk.expect_download() as download:
        button.click()
    with ZipFile(Path(download.value.path())) as bundle:
        assert bundle.testzip() is None
