"""Rating in a real browser: saving, notes, keyboard, phone; lost connections: test_offline.py."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from assess.answers import AnswerValue
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.browser.sheets import (
    BLOCK,
    FIRST,
    INSTRUMENT,
    SECOND,
    THIRD,
    Sheet,
    start,
    tile,
    wait_until_saved,
)

pytestmark = pytest.mark.browser

MATURITY = catalog.get("six_building_blocks_maturity")


@pytest.fixture
def sheet(site: Site) -> Sheet:
    return start(site)


def test_a_change_saves_itself_and_says_when(sheet: Sheet, phone: Page) -> None:
    sheet.site.sign_in(phone, sheet.site.cast.member)
    phone.goto(sheet.address(BLOCK.id))
    expect(phone.locator("[data-answered]")).to_have_text("0")
    tile(phone, FIRST, 3)
    wait_until_saved(phone)
    expect(phone.locator(f"#m-{FIRST} [data-saved]")).to_have_text(re.compile(r"^Saved \d"))
    expect(phone.locator("[data-answered]")).to_have_text("1")
    assert sheet.answers()[FIRST].value == AnswerValue.level(3)
    phone.get_by_role("button", name=re.compile("^Clear this answer")).first.click()
    wait_until_saved(phone)
    phone.reload()
    expect(phone.locator("[data-answered]")).to_have_text("0")
    assert sheet.levels() == {FIRST: None}


def test_a_note_is_saved_and_one_that_is_too_long_is_counted_and_kept(
    sheet: Sheet, desk: Page
) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    card = desk.locator(f"#m-{FIRST}")
    card.get_by_text("Add evidence").click()
    card.get_by_role("textbox").fill("Minutes of May")
    wait_until_saved(desk)
    assert sheet.answers()[FIRST].note == "Minutes of May"
    card.get_by_role("textbox").fill("x" * 2012)
    expect(card.get_by_text("12 characters too long")).to_be_visible()
    desk.get_by_role("button", name="Save and continue").last.click()
    expect(card.get_by_role("textbox")).to_be_focused()
    desk.reload()
    expect(card.get_by_role("textbox")).to_have_value("x" * 2012)
    card.get_by_role("textbox").fill("y" * 2000)
    wait_until_saved(desk)
    assert sheet.answers()[FIRST].note == "y" * 2000


def test_a_note_that_looks_like_a_patients_waits_for_a_decision(sheet: Sheet, phone: Page) -> None:
    sheet.site.sign_in(phone, sheet.site.cast.member)
    phone.goto(sheet.address(BLOCK.id))
    card = phone.locator(f"#m-{FIRST}")
    card.get_by_text("Add evidence").click()
    card.get_by_role("textbox").fill("Call 206-555-0134")
    expect(card.get_by_text("looks like a phone number")).to_be_visible()
    phone.reload()
    expect(card.get_by_role("textbox")).to_have_value("Call 206-555-0134")
    assert sheet.answers() == {}
    box = card.get_by_role("checkbox", name="This is not about a patient")
    expect(box).to_be_visible()
    assert_accessible(phone)
    box.click()
    wait_until_saved(phone)
    expect(card.get_by_text("looks like a phone number")).to_be_hidden()
    assert sheet.answers()[FIRST].note == "Call 206-555-0134"


def test_the_keyboard_rates_a_block(sheet: Sheet, desk: Page) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    desk.keyboard.press("3")
    expect(desk.locator(f"#m-{FIRST}-3")).to_be_focused()
    desk.keyboard.press("n")
    desk.keyboard.press("0")
    expect(desk.locator(f"#m-{SECOND}-dont-know")).to_be_checked()
    desk.keyboard.press("e")
    desk.keyboard.type("4 notes, no keys")
    desk.keyboard.press("Escape")
    desk.keyboard.press("n")
    desk.keyboard.press("2")
    desk.keyboard.press("ArrowDown")
    expect(desk.locator(f"#m-{THIRD}-3")).to_be_checked()
    desk.keyboard.press("n")
    expect(desk.get_by_role("button", name="Save and continue").last).to_be_focused()
    assert_nothing_hides_the_focus(desk)
    desk.get_by_role("button", name="Save and continue").last.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(INSTRUMENT.blocks[1].title)
    assert sheet.levels() == {FIRST: 3, SECOND: None, THIRD: 3}
    assert sheet.answers()[SECOND].note == "4 notes, no keys"


def test_what_comes_before_the_scripts_counts_as_soon_as_those_are_there(
    sheet: Sheet, desk: Page
) -> None:
    """On a slow line the first card can be read long before the scripts have arrived."""
    sheet.site.sign_in(desk, sheet.site.cast.member)
    scripts: list[Route] = []
    desk.route("**/js/rating/page.js", lambda route: scripts.append(route))
    desk.goto(sheet.address(BLOCK.id), wait_until="commit")
    tile(desk, THIRD, 4)
    desk.locator(f"#m-{THIRD}").get_by_text("Add evidence").click()
    desk.locator(f"#m-{THIRD}-note").type("2 met")
    # even when the page is left before they come
    desk.goto(sheet.address(BLOCK.id), wait_until="commit")
    expect(desk.locator(f"#m-{FIRST}")).to_be_visible()
    for key in ("3", "n", "2", "Control+1"):
        desk.keyboard.press(key)
    expect(desk.locator("input[type=radio]:checked")).to_have_count(0)
    scripts[-1].continue_()
    wait_until_saved(desk)
    assert sheet.levels() == {FIRST: 3, SECOND: 2, THIRD: 4}
    assert sheet.answers()[THIRD].note == "2 met"
    expect(desk.locator(f"#m-{SECOND}-2")).to_be_focused()


def assert_nothing_hides_the_focus(page: Page) -> None:
    """Backwards through the page with the tab key: the bar at the foot never covers what has it."""
    seen = set()
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        name, gap = page.evaluate(
            """() => {
              const bar = document.querySelector("[data-save-bar]").getBoundingClientRect();
              const focused = document.activeElement;
              const target = (focused.labels?.[0] || focused).getBoundingClientRect();
              return [focused.id || focused.textContent, bar.top - target.bottom];
            }"""
        )
        seen.add(name)
        assert gap >= 0, name
    assert len(seen) > 8


def test_the_keys_can_be_turned_off(sheet: Sheet, desk: Page) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    desk.get_by_role("button", name="Turn keys off").click()
    desk.reload()
    desk.keyboard.press("3")
    expect(desk.locator("input[type=radio]:checked")).to_have_count(0)
    # on again, also where the browser keeps no setting
    desk.evaluate("void (Storage.prototype.setItem = () => { throw new Error('full'); })")
    desk.get_by_role("button", name="Turn keys on").click()
    expect(desk.get_by_role("button", name="Turn keys off")).to_be_visible()


def test_two_digits_choose_on_a_scale_to_twelve(site: Site, desk: Page) -> None:
    sheet = start(site, MATURITY.slug)
    site.sign_in(desk, site.cast.member)
    block = MATURITY.blocks[0]
    key = block.milestones[0].key
    desk.goto(sheet.address(block.id))
    desk.keyboard.press("1")
    desk.keyboard.press("2")
    expect(desk.locator(f"#m-{key}-12")).to_be_checked()
    wait_until_saved(desk)
    assert sheet.levels() == {key: 12}
    assert_accessible(desk)


def test_the_block_is_announced_as_saved_when_it_is_posted(sheet: Sheet, desk: Page) -> None:
    """A quick click on the button right after a choice must not lose or double the answer."""
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    tile(desk, FIRST, 3)
    desk.get_by_role("button", name="Save and continue").last.click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(INSTRUMENT.blocks[1].title)
    assert sheet.answers()[FIRST].revision == 1


@pytest.mark.parametrize("questionnaire", [INSTRUMENT, MATURITY], ids=lambda one: one.slug)
def test_every_rating_page_is_accessible_and_fits_a_narrow_screen(
    site: Site, phone: Page, questionnaire: object
) -> None:
    instrument = catalog.get(questionnaire.slug)  # type: ignore[attr-defined]
    with site.app.app_context():
        earlier = seeding.open_assessment(site.cast.clinic, "2026Q2", instrument.slug)
        seeding.rate_all(earlier, site.cast.member, 2)
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q3", instrument.slug)
    site.sign_in(phone, site.cast.member)
    address = f"{site.url}/assessments/{assessment}/rate"
    phone.goto(address)
    assert_accessible(phone)
    phone.get_by_role("button", name="Start rating").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(instrument.blocks[0].title)
    assert_accessible(phone)
    tile(phone, instrument.blocks[0].milestones[0].key, 2)
    wait_until_saved(phone)
    phone.goto(f"{address}/{instrument.blocks[-1].id}")
    assert_accessible(phone)
    phone.goto(address)
    assert_accessible(phone)
    phone.goto(f"{address}/check")
    assert_accessible(phone)
    phone.get_by_role("button", name="Finish rating").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You have finished rating")
    assert_accessible(phone)


def test_a_jump_of_two_levels_asks_for_evidence_and_never_blocks(site: Site, phone: Page) -> None:
    with site.app.app_context():
        earlier = seeding.open_assessment(site.cast.clinic, "2026Q2")
        seeding.rate_all(earlier, site.cast.member, 1)
    sheet = start(site)
    site.sign_in(phone, site.cast.member)
    phone.goto(sheet.address(BLOCK.id))
    question = phone.get_by_text("Last quarter this stood at 1. What shows the change?")
    tile(phone, FIRST, 2)
    expect(question).to_have_count(0)
    tile(phone, FIRST, 3)
    expect(question).to_be_visible()
    assert_accessible(phone)
    phone.locator(f"#m-{FIRST}").get_by_text("Add evidence", exact=True).click()
    phone.locator(f"#m-{FIRST}-note").fill("A policy")
    expect(question).to_have_count(0)
    phone.locator(f"#m-{FIRST}-note").fill("")
    expect(question).to_be_visible()
    wait_until_saved(phone)
    assert sheet.levels() == {FIRST: 3}
