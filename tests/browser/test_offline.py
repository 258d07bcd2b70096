"""No answer is lost or doubled: the eight ways in which a connection fails, in a real browser.

Each test ends with a look into the database: exactly the answers that were given, each stored once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.browser.sheets import (
    BLOCK,
    COUNT_KEPT,
    FIRST,
    FOURTH,
    INSTRUMENT,
    NEXT,
    SAVING,
    SECOND,
    THIRD,
    Sheet,
    go_on,
    heading,
    nothing_waits,
    open_kept,
    save_words,
    start,
    tile,
    until,
    wait_until_saved,
)

pytestmark = pytest.mark.browser

SAVED = re.compile(r"^All answers saved \d")


@pytest.fixture
def sheet(site: Site) -> Iterator[Sheet]:
    """At the end the database has every answer that the server called saved."""
    sheet = start(site)
    told = sheet.listen()
    yield sheet
    sheet.assert_true(told)


def bar(page: Page) -> Locator:
    return page.locator("[data-save-words]")


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_offline_reload(sheet: Sheet, phone: Page) -> None:
    """One look at the list is enough: every page opens, reloads and takes answers offline."""
    open_kept(phone, sheet)
    phone.context.set_offline(True)
    phone.goto(sheet.address(BLOCK.id))
    expect(phone.get_by_text("You are offline")).to_be_visible()
    expect(phone.get_by_text(re.compile(r"This page is from \d+:\d\d [AP]M"))).to_be_visible()
    tile(phone, FIRST, 2)
    save_words(phone, "1 answer is waiting, kept on this device. No connection")
    expect(bar(phone)).to_be_in_viewport()  # from any card, with the one thing to do
    expect(phone.get_by_role("button", name="Try now")).to_be_in_viewport()
    # whether the server has that one nobody knows, so it goes again; of the others the last counts
    tile(phone, SECOND, 1)
    tile(phone, SECOND, 3)
    save_words(phone, "2 answers are waiting, kept on this device. No connection")
    phone.reload()
    expect(phone.locator(f"#m-{FIRST}-2")).to_be_checked()
    expect(phone.locator(f"#m-{SECOND}-3")).to_be_checked()
    assert_accessible(phone)
    go_on(phone)
    heading(phone, NEXT.title)
    tile(phone, FOURTH, 4)
    phone.goto(sheet.address("check"))
    expect(phone.locator(".answer-row").first).to_contain_text("2 Begun")
    expect(phone.get_by_text("23 of 26 not answered yet")).to_be_visible()
    phone.get_by_role("link", name="All blocks").click()
    expect(phone.get_by_text("3 of 26 answered")).to_be_visible()
    expect(phone.locator(".task-state").first).to_have_text("2 of 3 answered")
    sheet.assert_stored({})
    phone.context.set_offline(False)
    # the queue sends by itself, and the list is printed anew
    nothing_waits(phone)
    expect(phone.locator("body[data-kept]")).to_have_count(0)
    expect(phone.get_by_text("3 of 26 answered")).to_be_visible()
    sheet.assert_stored({FIRST: [2], SECOND: [3], FOURTH: [4]})


def test_lost_reply(sheet: Sheet, desk: Page) -> None:
    """The server has the answer, the page does not know: no conflict with oneself."""
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    lost: list[int] = []

    def lose_the_first_reply(route: Route) -> None:
        response = route.fetch()
        lost.append(response.status)
        if len(lost) == 1:
            route.abort()
        else:
            route.fulfill(response=response)

    desk.route(SAVING, lose_the_first_reply)
    tile(desk, FIRST, 2)
    save_words(desk, "No connection")
    tile(desk, FIRST, 4)
    wait_until_saved(desk)
    expect(desk.get_by_text("changed somewhere else")).to_have_count(0)
    sheet.assert_stored({FIRST: [2, 4]})


def test_no_reply_at_all(sheet: Sheet, desk: Page) -> None:
    """A request that hangs is given up after a while and sent again."""
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.clock.install()
    desk.goto(sheet.address(BLOCK.id))
    hanging: list[Route] = []
    desk.route(SAVING, lambda route: hanging.append(route) if not hanging else route.continue_())
    with desk.expect_request(SAVING):
        tile(desk, FIRST, 2)
        desk.clock.run_for(1000)
    with desk.expect_event("requestfailed"):
        desk.clock.run_for(21_000)
    save_words(desk, "No connection")
    desk.clock.run_for(3000)
    wait_until_saved(desk)
    sheet.assert_stored({FIRST: [2]})


def test_409_shows_both_and_lets_the_person_choose(sheet: Sheet, desk: Page, phone: Page) -> None:
    """The same rating on two devices."""
    for page in (desk, phone):
        sheet.site.sign_in(page, sheet.site.cast.member)
        page.goto(sheet.address(BLOCK.id))
    tile(phone, FIRST, 2)
    tile(phone, SECOND, 1)
    wait_until_saved(phone)
    tile(desk, FIRST, 4)
    tile(desk, SECOND, 3)
    tile(desk, THIRD, 3)
    save_words(desk, "2 answers need a look")
    first = desk.locator(f"#m-{FIRST} [data-conflict]")
    expect(first).to_contain_text("4 Consistently in place")
    expect(first).to_contain_text("2 Begun")
    assert_accessible(desk)
    desk.reload()  # nothing is decided by leaving the page
    first.get_by_role("button", name="Keep mine").click()
    desk.locator(f"#m-{SECOND}").get_by_role("button", name="Use theirs").click()
    expect(desk.locator(f"#m-{SECOND}-1")).to_be_checked()
    wait_until_saved(desk)
    sheet.assert_stored({FIRST: [2, 4], SECOND: [1], THIRD: [3]})


def test_409_after_the_reveal_keeps_and_shows_what_was_not_saved(sheet: Sheet, phone: Page) -> None:
    sheet.site.sign_in(phone, sheet.site.cast.member)
    phone.goto(sheet.address(BLOCK.id))
    with sheet.site.app.app_context():
        seeding.reveal(sheet.assessment)
    tile(phone, FIRST, 3)
    save_words(phone, "1 answer was not saved. The ratings are revealed")
    expect(phone.locator(f"#m-{FIRST} [data-saved]")).to_have_text("Not saved")
    expect(phone.locator(f"#m-{FIRST}-3")).to_be_checked()
    phone.reload()
    heading(phone, "Rate your clinic")
    save_words(phone, "1 answer was not saved. The ratings are revealed")
    expect(phone.get_by_text(f"{BLOCK.milestones[0].title}: 3 Partly in place")).to_be_visible()
    assert_accessible(phone)
    assert phone.evaluate("localStorage.length") == 1
    phone.get_by_role("button", name="Remove them from this device").click()
    assert phone.evaluate("localStorage.length") == 0
    sheet.assert_stored({})


def test_503_then_recovery(sheet: Sheet, desk: Page) -> None:
    """The server is restarted: the page waits as long as it is asked to, and sends again.

    "Again after this time" is meant by the server's clock: the device is a year behind.
    """
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.add_init_script("Date.now = ((now) => () => now() - 365 * 864e5)(Date.now)")
    desk.goto(sheet.address(BLOCK.id))
    tries: list[float] = []

    def busy(route: Route) -> None:
        tries.append(desk.evaluate("performance.now()"))
        now, later = (format_datetime(datetime.now(UTC) + timedelta(seconds=n)) for n in (0, 3))
        if len(tries) == 1:
            route.fulfill(status=503, headers={"Retry-After": later, "Date": now}, json={})
        elif len(tries) == 2:
            route.fulfill(status=429, json={"message": "slowly"})
        else:
            route.continue_()

    desk.route(SAVING, busy)
    tile(desk, FIRST, 2)
    save_words(desk, "1 answer is waiting, kept on this device. No connection")
    expect(bar(desk)).to_have_text(SAVED, timeout=30_000)
    assert 2900 <= tries[1] - tries[0] < 20_000
    sheet.assert_stored({FIRST: [2]})


def test_401_in_the_middle(sheet: Sheet, desk: Page) -> None:
    """Signed out by time: the page stops, keeps the answers, and sends them after sign-in."""
    open_kept(desk, sheet, BLOCK.id)
    tile(desk, FIRST, 1)
    wait_until_saved(desk)
    desk.context.clear_cookies()
    tile(desk, FIRST, 3)
    tile(desk, SECOND, 2)
    save_words(desk, "2 answers are waiting, kept on this device.")
    desk.get_by_role("link", name="Sign in to send").click()
    heading(desk, "Sign in")
    # who comes here is not known, so what was kept to read is gone; what was typed is not
    until(lambda: desk.evaluate(COUNT_KEPT) == 0)
    assert desk.evaluate("localStorage.length") == 1
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address())
    nothing_waits(desk)
    expect(desk.get_by_text("2 of 26 answered")).to_be_visible()
    sheet.assert_stored({FIRST: [1, 3], SECOND: [2]})


FULL = """
Storage.prototype.setItem = function (name, text) {
  const isFull = window.isForbidden || text.length > 100000;
  if (this === localStorage && isFull) throw new Error("full");
  Reflect.apply(window.set, this, [name, text]);
};
"""


def test_a_browser_that_keeps_nothing_says_so_until_all_is_saved(sheet: Sheet, phone: Page) -> None:
    """Storage that is full or forbidden: what waits is in the page alone, and the page says so."""
    phone.add_init_script("window.set = Storage.prototype.setItem;" + FULL)
    sheet.site.sign_in(phone, sheet.site.cast.member)
    phone.goto(sheet.address(BLOCK.id))
    expect(bar(phone)).to_have_text("Each answer is saved as you choose it")
    phone.evaluate("window.isForbidden = true")
    phone.context.set_offline(True)
    tile(phone, FIRST, 2)
    save_words(
        phone, "1 answer is waiting, not kept on this device. Leave this page open until it is"
    )
    expect(phone.locator(f"#m-{FIRST} [data-saved]")).to_have_text("Not kept on this device")
    go_on(phone)  # the next page would not have it
    asked: list[str] = []
    phone.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    phone.evaluate("setTimeout(() => window.location.reload())")
    until(lambda: phone.wait_for_timeout(50) is None and asked == ["beforeunload"])
    heading(phone, BLOCK.title)
    # a note without end takes no room from the answers that can be sent
    phone.evaluate("window.isForbidden = false")
    phone.locator(f"#m-{SECOND}").get_by_text("Add evidence").click()
    phone.locator(f"#m-{SECOND}-note").fill("x" * 200_000)
    expect(phone.locator(f"#m-{SECOND} [data-saved]")).to_have_text("Note too long, not kept")
    assert FIRST in phone.evaluate("JSON.stringify(localStorage)")
    phone.context.set_offline(False)
    save_words(phone, "1 answer needs a look before it can be saved. It is not kept on this device")
    assert_accessible(phone)
    sheet.assert_stored({FIRST: [2]})
    phone.locator(f"#m-{SECOND}-note").fill("Minutes")
    wait_until_saved(phone)
    phone.reload()
    sheet.assert_stored({FIRST: [2], SECOND: [None]})


def test_two_tabs(sheet: Sheet, desk: Page) -> None:
    """Two windows share what waits, send one at a time, and show each other what was saved."""
    sheet.site.sign_in(desk, sheet.site.cast.member)
    other = desk.context.new_page()
    both = (desk, other)
    for page in both:
        page.goto(sheet.address(BLOCK.id))
    line = ["down"]
    under_way: list[Route] = []

    def meet(route: Route) -> None:
        if line[0] == "down":
            route.abort()
        elif line[0] == "slow":
            under_way.append(route)
        else:
            route.continue_()

    desk.context.route(SAVING, meet)
    tile(desk, FIRST, 1)
    save_words(desk, "No connection")
    tile(other, FIRST, 2)
    tile(other, SECOND, 3)
    tile(desk, THIRD, 4)
    line[0] = "slow"
    for page in both:
        page.evaluate("window.dispatchEvent(new Event('online'))")
    until(lambda: desk.wait_for_timeout(100) is None and len(under_way) > 0)
    desk.wait_for_timeout(500)
    assert len(under_way) == 1
    line[0] = "up"
    under_way[0].continue_()
    for page in both:
        expect(bar(page)).to_have_text(SAVED, timeout=30_000)
    for page in both:
        for key, level in ((FIRST, 2), (SECOND, 3), (THIRD, 4)):
            expect(page.locator(f"#m-{key}-{level}")).to_be_checked()
    tile(desk, FIRST, 3)
    expect(other.locator(f"#m-{FIRST}-3")).to_be_checked()
    tile(other, FIRST, 4)
    expect(desk.locator(f"#m-{FIRST}-4")).to_be_checked()
    wait_until_saved(other)
    sheet.assert_stored({FIRST: [1, 2, 3, 4], SECOND: [3], THIRD: [4]})


def test_no_javascript(site: Site, plain: Page) -> None:
    """The whole way by plain forms."""
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q3")
    site.sign_in(plain, site.cast.member)
    plain.goto(f"{site.url}/assessments/{assessment}/rate")
    plain.get_by_role("button", name="Start rating").click()
    given: dict[str, list[int | None]] = {}
    for block in INSTRUMENT.blocks:
        heading(plain, block.title)
        for number, milestone in enumerate(block.milestones):
            tile(plain, milestone.key, 1 + number % 4)
            given[milestone.key] = [1 + number % 4]
        go_on(plain)
    expect(plain.get_by_text("All 26 milestones are answered.")).to_be_visible()
    plain.get_by_role("button", name="Finish rating").click()
    heading(plain, "You have finished rating")
    Sheet(site, assessment, 1).assert_stored(given)


def test_submit_with_a_full_queue(sheet: Sheet, desk: Page) -> None:
    """The last button waits until everything has arrived, and without a connection says so."""
    open_kept(desk, sheet, BLOCK.id)
    tile(desk, SECOND, 1)  # enough to finish with
    wait_until_saved(desk)
    desk.context.set_offline(True)
    tile(desk, FIRST, 3)
    go_on(desk)
    heading(desk, NEXT.title)
    tile(desk, FOURTH, 2)
    desk.goto(sheet.address("check"))
    finish = desk.get_by_role("button", name="Finish rating")
    finish.click()
    save_words(desk, "2 answers are waiting")
    # the pages come again, but the answers do not get through yet
    desk.route(SAVING, lambda route: route.abort())
    desk.context.set_offline(False)
    with desk.expect_event("requestfailed"):
        finish.click()
    save_words(desk, "2 answers are waiting")
    heading(desk, "Check your answers")
    sheet.assert_stored({SECOND: [1]})
    desk.unroute(SAVING)
    # the page loads itself again once the answers have arrived; a click on the way would be lost
    nothing_waits(desk)
    expect(desk.locator("body[data-kept]")).to_have_count(0)
    expect(desk.get_by_text("23 of 26 not answered yet")).to_be_visible()
    finish.click()
    heading(desk, "You have finished rating")
    sheet.assert_stored({FIRST: [3], SECOND: [1], FOURTH: [2]})


def test_a_closed_tab_and_a_crash_lose_nothing(sheet: Sheet, phone: Page) -> None:
    open_kept(phone, sheet, BLOCK.id)
    phone.context.set_offline(True)
    tile(phone, FIRST, 4)
    phone.locator(f"#m-{SECOND}").get_by_text("Add evidence").click()
    phone.locator(f"#m-{SECOND}-note").fill("Minutes of May")
    save_words(phone, "2 answers are waiting")
    phone.close()
    again = phone.context.new_page()
    again.goto(sheet.address(BLOCK.id))
    expect(again.locator(f"#m-{FIRST}-4")).to_be_checked()
    expect(again.locator(f"#m-{SECOND}-note")).to_have_value("Minutes of May")
    phone.context.set_offline(False)
    wait_until_saved(again)
    sheet.assert_stored({FIRST: [4], SECOND: [None]})
    assert sheet.answers()[SECOND].note == "Minutes of May"
