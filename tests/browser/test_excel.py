"""Bringing in ratings from Excel with a mouse: download, a mistake, the preview, done."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from assess.excel import layout
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible, follow

pytestmark = pytest.mark.browser

ROWS = list(layout.item_rows(catalog.get("six_building_blocks")))


def write(path: Path, blank: bytes, cells: dict[str, Any]) -> Path:
    book = openpyxl.load_workbook(io.BytesIO(blank))
    for name, content in cells.items():
        book[layout.ASSESSMENT][name] = content
    book.save(path)
    return path


def test_a_sheet_is_downloaded_mended_checked_and_brought_in(
    site: Site, phone: Page, tmp_path: Path
) -> None:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q4")
    site.sign_in(phone, site.cast.lead)
    phone.goto(f"{site.url}/assessments/{assessment}/progress")
    follow(phone, phone.get_by_role("link", name="Rating in Excel"))
    assert_accessible(phone)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download the Excel sheet").click()
    blank = download.value.path().read_bytes()

    sheet = {f"{name}{row}": 4 for name in "DE" for row in ROWS} | {"D5": "Nurse", "F9": 2}
    wrong = write(tmp_path / "rating.xlsx", blank, sheet | {"G9": "three"})
    phone.get_by_label("Filled-in Excel files").set_input_files(wrong)
    phone.get_by_role("button", name="Check the files").click()
    expect(phone.get_by_text("Assessment!G9:")).to_be_visible()
    assert_accessible(phone)

    both = [
        write(tmp_path / "rating.xlsx", blank, sheet),
        write(tmp_path / "front desk.xlsx", blank, {"H9": 1, "I5": "Nurse"}),
    ]
    phone.get_by_label("Filled-in Excel files").set_input_files(both)
    phone.get_by_role("button", name="Check the files").click()
    expect(phone.get_by_text("The same answers as Rater 1 of rating.xlsx.")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Bring in 4 ratings").click()
    expect(phone.get_by_text("4 ratings are brought in")).to_be_visible()
    assert_accessible(phone)
