"""Rating in a real browser: without scripts, with the line down, by keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from assess.answers import AnswerValue, StoredAnswer
from assess.models import Rating
from assess.queries.ratings import get_answers
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible

pytestmark = pytest.mark.browser

INSTRUMENT = catalog.get("six_building_blocks")
MATURITY = catalog.get("six_building_blocks_maturity")
BLOCK = INSTRUMENT.blocks[0]
FIRST, SECOND, THIRD = (milestone.key for milestone in BLOCK.milestones)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A started rating on the running site."""

    site: Site
    assessment: int
    rating: int

    def address(self, page: str = "") -> str:
        return f"{self.site.url}/assessments/{self.assessment}/rate{page and '/' + page}"

    def answers(self) -> dict[str, StoredAnswer]:
        with self.site.app.app_context():
            return dict(get_answers(self.rating))

    def levels(self) -> dict[str, int | None]:
        return {key: answer.value.value for key, answer in self.answers().items()}


def start(site: Site, questionnaire: str = INSTRUMENT.slug) -> Sheet:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q3", questionnaire)
        return Sheet(site, assessment, seeding.start_rating(assessment, site.cast.member))


@pytest.fixture
def sheet(site: Site) -> Sheet:
    return start(site)


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def tile(page: Page, milestone: str, value: object) -> None:
    page.locator(f"label[for=m-{milestone}-{value}]").click()


def words(page: Page) -> str:
    return page.locator("[data-save-words]").inner_text()


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-save-words]")).to_have_text(re.compile("^All answers saved"))


def test_the_whole_way_without_scripts(site: Site, plain: Page) -> None:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q3")
    site.sign_in(plain, site.cast.member)
    plain.goto(f"{site.url}/assessments/{assessment}/rate")
    plain.get_by_role("button", name="Start rating").click()
    for block in INSTRUMENT.blocks:
        expect(plain.get_by_role("heading", level=1)).to_have_text(block.title)
        for number, milestone in enumerate(block.milestones):
            tile(plain, milestone.key, 1 + number % 4)
        plain.get_by_role("button", name="Save and continue").last.click()
    expect(plain.get_by_text("All 26 milestones are answered.")).to_be_visible()
    plain.get_by_role("button", name="Finish rating").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("You have finished rating")
    assert app_has_finished(site.app)


def app_has_finished(app: Flask) -> bool:
    with app.app_context():
        return db.session.query(Rating).one().submitted_at is not None


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


def test_answers_given_without_a_connection_wait_survive_a_reload_and_are_sent(
    sheet: Sheet, phone: Page
) -> None:
    sheet.site.sign_in(phone, sheet.site.cast.member)
    phone.goto(sheet.address(BLOCK.id))
    tile(phone, FIRST, 1)
    wait_until_saved(phone)
    phone.context.set_offline(True)
    tile(phone, FIRST, 2)
    tile(phone, SECOND, 3)
    tile(phone, SECOND, 4)
    expect(phone.locator("[data-save-words]")).to_contain_text(
        "2 answers are waiting, kept on this device. No connection"
    )
    expect(phone.locator(f"#m-{SECOND} [data-saved]")).to_have_text("Waiting to be saved")
    # the form does not run into the browser's own error page
    phone.get_by_role("button", name="Save and continue").last.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(BLOCK.title)
    assert sheet.levels() == {FIRST: 1}
    # a reload, still without a way to save: what waits is on the page again
    phone.route("**/ratings/*/answers", lambda route: route.abort())
    phone.context.set_offline(False)
    phone.reload()
    expect(phone.locator(f"#m-{SECOND}-4")).to_be_checked()
    expect(phone.locator(f"#m-{FIRST}-2")).to_be_checked()
    expect(phone.locator("[data-answered]")).to_have_text("2")
    phone.unroute("**/ratings/*/answers")
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    wait_until_saved(phone)
    assert sheet.levels() == {FIRST: 2, SECOND: 4}
    assert phone.evaluate("localStorage.length") == 0


def test_a_lost_reply_does_not_become_a_conflict_with_oneself(sheet: Sheet, desk: Page) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    lost: list[int] = []

    def lose_the_first_reply(route: object) -> None:
        response = route.fetch()  # type: ignore[attr-defined]
        lost.append(response.status)
        if len(lost) == 1:
            route.abort()  # type: ignore[attr-defined]
        else:
            route.fulfill(response=response)  # type: ignore[attr-defined]

    desk.route("**/ratings/*/answers", lose_the_first_reply)
    tile(desk, FIRST, 2)
    expect(desk.locator("[data-save-words]")).to_contain_text("No connection")
    tile(desk, FIRST, 4)
    wait_until_saved(desk)
    assert sheet.levels() == {FIRST: 4}
    assert sheet.answers()[FIRST].revision == 2
    expect(desk.get_by_text("changed in another window")).to_have_count(0)


def test_two_windows_that_disagree_show_both_and_let_the_person_choose(
    sheet: Sheet, desk: Page
) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    other = desk.context.new_page()
    other.goto(sheet.address(BLOCK.id))
    tile(other, FIRST, 2)
    tile(other, SECOND, 1)
    wait_until_saved(other)
    tile(desk, FIRST, 4)
    tile(desk, SECOND, 3)
    expect(desk.locator("[data-save-words]")).to_contain_text("2 answers need a look")
    first = desk.locator(f"#m-{FIRST} [data-conflict]")
    expect(first).to_contain_text("4 Consistently in place")
    expect(first).to_contain_text("2 Begun")
    first.get_by_role("button", name="Keep mine").click()
    desk.locator(f"#m-{SECOND}").get_by_role("button", name="Use the other one").click()
    expect(desk.locator(f"#m-{SECOND}-1")).to_be_checked()
    wait_until_saved(desk)
    assert sheet.levels() == {FIRST: 4, SECOND: 1}


def test_an_ended_session_keeps_the_answers_until_after_sign_in(sheet: Sheet, desk: Page) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    desk.context.clear_cookies()
    tile(desk, FIRST, 3)
    expect(desk.locator("[data-save-words]")).to_contain_text("1 answer is waiting")
    expect(desk.get_by_role("link", name="Sign in to send")).to_be_visible()
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address())
    expect(desk.get_by_text("1 of 26 answered")).to_be_visible()
    assert sheet.levels() == {FIRST: 3}


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


def test_finishing_waits_for_the_answers(sheet: Sheet, desk: Page) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    desk.route("**/ratings/*/answers", lambda route: route.abort())
    tile(desk, FIRST, 3)
    expect(desk.locator("[data-save-words]")).to_contain_text("No connection")
    desk.goto(sheet.address("check"))
    expect(desk.locator("[data-save-words]")).to_contain_text("1 answer is waiting")
    # until the sending has failed, the click still waits and would finish with the line back
    with desk.expect_event("requestfailed"):
        desk.get_by_role("button", name="Finish rating").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Check your answers")
    desk.unroute("**/ratings/*/answers")
    # the page loads itself again once the answer has arrived; a click on the way would be lost
    expect(desk.get_by_text("25 of 26 not answered yet")).to_be_visible(timeout=30_000)
    desk.get_by_role("button", name="Finish rating").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("You have finished rating")
    assert sheet.levels() == {FIRST: 3}


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
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(INSTRUMENT.blocks[1].title)
    assert sheet.levels() == {FIRST: 3, SECOND: None, THIRD: 3}
    assert sheet.answers()[SECOND].note == "4 notes, no keys"


def test_the_keys_can_be_turned_off(sheet: Sheet, desk: Page) -> None:
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    desk.get_by_role("button", name="Turn keys off").click()
    desk.reload()
    desk.keyboard.press("3")
    expect(desk.locator("input[type=radio]:checked")).to_have_count(0)


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
    assert_accessible(phone)
