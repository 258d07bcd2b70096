"""Keying in a paper form with the keyboard alone, at a laptop and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from assess.models import Answer, Rating
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.browser.sheets import until

pytestmark = pytest.mark.browser

KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
FORM = "1234123412341n341234123d12"
MOST_KEYS = 26 + 4
"""One key an item, one letter for the job, and Enter through the end of the form."""


def begin(page: Page, site: Site, questionnaire: str = "six_building_blocks") -> str:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q4", questionnaire)
    site.sign_in(page, site.cast.lead)
    address = f"{site.url}/assessments/{assessment}/paper"
    page.goto(f"{address}/new")
    return address


def begin_by_keys(page: Page, site: Site, questionnaire: str = "six_building_blocks") -> str:
    """Begin, and wait until keys count: pressed before, the first one would be lost."""
    address = begin(page, site, questionnaire)
    expect(page.locator("[data-progress]")).to_contain_text("0 of")
    return address


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def box(page: Page, item: int) -> str:
    return page.locator(f"#a-{item}").input_value()


def test_a_form_takes_one_key_an_item_and_four_more(site: Site, desk: Page) -> None:
    address = begin_by_keys(desk, site)
    keys = [*FORM, "m", "Enter", "Enter", "Enter"]
    assert len(keys) <= MOST_KEYS
    for key in keys[:-1]:
        desk.keyboard.press(key)
    expect(desk.locator("[data-progress]")).to_contain_text("26 of 26 answered")
    expect(desk.locator("#number")).to_be_focused()
    desk.keyboard.press(keys[-1])
    expect(desk.get_by_text("Paper form 1 is stored")).to_be_visible()
    expect(desk.locator("#a-1")).to_be_focused()
    with site.app.app_context():
        rating = db.session.scalars(select(Rating)).one()
        answers = {one.milestone: one for one in db.session.scalars(select(Answer))}
        assert rating.job_role == "Medical assistant"
        stored = "".join(str(answers[key].level or answers[key].state[0]) for key in KEYS)
        assert stored == FORM

    # the same form again by a second person, who reads one box differently
    with site.app.app_context():
        sheet = db.session.scalars(select(Rating.id)).one()
    site.sign_in(desk, site.cast.coach)
    desk.goto(f"{address}/{sheet}/compare")
    assert_accessible(desk)
    desk.locator("#a-1").focus()
    press(desk, "2" + FORM[1:])
    expect(desk.get_by_role("button", name="Compare the two entries")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Paper form 1: 1 item differs")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_label("Second entry: 2 Begun").check()
    desk.get_by_role("button", name="Store what the paper says").click()
    expect(desk.get_by_text("1 difference settled")).to_be_visible()
    for page in ("/entries", f"/{sheet}/correct", ""):
        desk.goto(address + page)
        assert_accessible(desk)


def test_mistakes_are_caught_at_once_and_taken_back_by_keys(site: Site, phone: Page) -> None:
    begin_by_keys(phone, site)
    assert_accessible(phone)
    press(phone, "12")
    press(phone, "7")
    expect(phone.locator("#a-3-error")).to_have_text("Item 3: “7” is not 1-4 or D.")
    expect(phone.locator("#a-3")).to_be_focused()
    press(phone, "3")
    expect(phone.locator("#a-3-error")).to_have_text("")
    phone.keyboard.press("Backspace")
    assert [box(phone, item) for item in (1, 2, 3)] == ["1", "2", ""]
    expect(phone.locator("#a-3")).to_be_focused()
    phone.keyboard.press("ArrowUp")
    press(phone, "4")
    assert box(phone, 2) == "4", "a key replaces what stands there"
    phone.keyboard.press("Enter")
    expect(phone.locator("#a-4")).to_be_focused()
    press(phone, "e")
    expect(phone.locator("#note-4")).to_be_focused()
    expect(phone.locator("[data-progress]")).to_have_text("2 of 26 answered · 1 ×1, 4 ×1")


PASTE = """text => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  const paste = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(paste);
}"""


def test_a_half_keyed_form_outlives_a_reload_and_a_lost_reply(site: Site, desk: Page) -> None:
    address = begin_by_keys(desk, site)
    desk.on("dialog", lambda leaving: leaving.accept())
    press(desk, FORM[:20])
    desk.reload()
    expect(desk.get_by_role("button", name="Go on with it")).to_be_focused()
    assert_accessible(desk)
    press(desk, "4")
    expect(desk.locator("[data-progress]")).to_contain_text("20 of 26 answered")
    desk.keyboard.press("Enter")
    expect(desk.locator("#a-21")).to_be_focused()
    desk.evaluate(PASTE, "1 2 3 4 1 2 3")
    expect(desk.locator("#a-21-error")).to_contain_text("7 answers were pasted, and 6 items")
    desk.evaluate(PASTE, " ".join(FORM[20:]))
    expect(desk.locator("#job_role")).to_be_focused()

    def lose_reply(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    desk.route("**/paper/new", lose_reply, times=1)
    desk.get_by_role("button", name="Save and finish").click()
    expect(desk).to_have_url(re.compile("^chrome-error"))
    desk.goto(f"{address}/entries")
    expect(desk.get_by_text("A form that you began is not stored yet")).to_be_visible()
    desk.get_by_role("link", name="Go on with it").click()
    desk.get_by_role("button", name="Go on with it").click()
    desk.get_by_role("button", name="Save and finish").click()
    expect(desk.get_by_text("Paper form 1 is stored")).to_be_visible()
    until(lambda: desk.evaluate("localStorage.length") == 0)
    with site.app.app_context():
        assert len(db.session.scalars(select(Rating)).all()) == 1
        levels = {one.milestone: one for one in db.session.scalars(select(Answer))}
        assert "".join(str(levels[key].level or levels[key].state[0]) for key in KEYS) == FORM


def test_two_digits_on_a_scale_to_twelve(site: Site, desk: Page) -> None:
    begin_by_keys(desk, site, "six_building_blocks_maturity")
    for key in ("1", "2", "9", "1", "Enter", "1", "0", "0", "3", "d"):
        desk.keyboard.press(key)
    assert [box(desk, item) for item in range(1, 7)] == ["12", "9", "1", "10", "03", "D"]
    press(desk, "15")
    expect(desk.locator("#a-7-error")).to_have_text("Item 7: “15” is not 1-12 or D.")


def test_without_javascript_the_boxes_are_plain_inputs(site: Site, desk: Page) -> None:
    browser = desk.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        address = begin(page, site)
        for item, key in enumerate(FORM, 1):
            page.fill(f"#a-{item}", key)
        page.get_by_role("button", name="Save and finish").click()
        assert page.url.startswith(f"{address}/entries")
        expect(page.get_by_text("Paper form 1 is stored")).to_be_visible()
