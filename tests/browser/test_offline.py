"""No answer is lost or doubled: the eight ways in which a connection fails, in a real browser.

Each test ends with a look into the database: exactly the answers that were given, each stored once.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Error, Page, Route, expect

from accounts import offline
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

SAVING = "**/ratings/*/answers"
NEXT = INSTRUMENT.blocks[1]
FOURTH = NEXT.milestones[0].key
ALL_PAGES = len(INSTRUMENT.blocks) + 2
COUNT_KEPT = """async () => {
  let count = 0;
  for (const name of await caches.keys()) {
    if (!name.startsWith("blockwise.pages.")) continue;
    count += (await (await caches.open(name)).keys()).length;
  }
  return count;
}"""

COUNT_CACHES = "async () => (await caches.keys()).length"
COUNT_WORKERS = "async () => (await navigator.serviceWorker.getRegistrations()).length"


@pytest.fixture
def sheet(site: Site) -> Sheet:
    return start(site)


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def open_kept(page: Page, sheet: Sheet, path: str = "") -> None:
    """Open a page of the rating and wait until all of them are kept on the device."""
    sheet.site.sign_in(page, sheet.site.cast.member)
    page.goto(sheet.address(path))
    wait_until_kept(page)


def wait_until_kept(page: Page) -> None:
    until(lambda: page.evaluate(COUNT_KEPT) == ALL_PAGES)
    until(lambda: page.evaluate("navigator.serviceWorker.controller !== null"))


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what the browser does in the background."""
    end = time.monotonic() + 15
    while not _is_so_now(is_so):
        assert time.monotonic() < end, "waited for 15 s"
        time.sleep(0.05)


def _is_so_now(is_so: Callable[[], bool]) -> bool:
    try:
        return is_so()
    except Error as gone:  # a page that just loads itself again cannot be asked
        if "context was destroyed" not in str(gone):
            raise
        return False


def nothing_waits(page: Page) -> None:
    until(lambda: page.evaluate("localStorage.length") == 0)


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def save_words(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.locator("[data-save-words]")).to_contain_text(text)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Save and continue").last.click()


def test_offline_reload(sheet: Sheet, phone: Page) -> None:
    """One look at the list is enough: every page opens, reloads and takes answers offline."""
    open_kept(phone, sheet)
    phone.context.set_offline(True)
    phone.goto(sheet.address(BLOCK.id))
    expect(phone.get_by_text("You are offline")).to_be_visible()
    expect(phone.get_by_text(re.compile(r"This page is from \d+:\d\d [AP]M"))).to_be_visible()
    tile(phone, FIRST, 1)
    tile(phone, FIRST, 2)
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


def test_a_kept_page_knows_what_was_saved_after_it_was_kept(sheet: Sheet, phone: Page) -> None:
    open_kept(phone, sheet, BLOCK.id)
    tile(phone, FIRST, 2)
    wait_until_saved(phone)
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.locator(f"#m-{FIRST}-2")).to_be_checked()
    # and does not take its own answer for somebody else's
    tile(phone, FIRST, 3)
    phone.context.set_offline(False)
    wait_until_saved(phone)
    expect(phone.get_by_text("You are offline")).to_have_count(0)
    sheet.assert_stored({FIRST: [2, 3]})


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
    save_words(phone, "1 answer was not saved. The ratings are shown")
    expect(phone.locator(f"#m-{FIRST} [data-saved]")).to_have_text("Not saved")
    expect(phone.locator(f"#m-{FIRST}-3")).to_be_checked()
    phone.reload()
    heading(phone, "Rate your clinic")
    save_words(phone, "1 answer was not saved. The ratings are shown")
    expect(phone.get_by_text(f"{BLOCK.milestones[0].title}: 3 Partly in place")).to_be_visible()
    assert_accessible(phone)
    assert phone.evaluate("localStorage.length") == 1
    phone.get_by_role("button", name="Remove them from this device").click()
    assert phone.evaluate("localStorage.length") == 0
    sheet.assert_stored({})


def test_503_then_recovery(sheet: Sheet, desk: Page) -> None:
    """The server is restarted: the page waits as long as it is asked to, and sends again."""
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address(BLOCK.id))
    tries: list[float] = []

    def busy(route: Route) -> None:
        tries.append(desk.evaluate("performance.now()"))
        if len(tries) == 1:
            route.fulfill(status=503, headers={"Retry-After": "3"}, json={"message": "busy"})
        elif len(tries) == 2:
            route.fulfill(status=429, json={"message": "slowly"})
        else:
            route.continue_()

    desk.route(SAVING, busy)
    tile(desk, FIRST, 2)
    save_words(desk, "1 answer is waiting, kept on this device. No connection")
    expect(desk.locator("[data-save-words]")).to_have_text(
        re.compile("^All answers saved"), timeout=15_000
    )
    assert tries[1] - tries[0] >= 2900
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


def test_two_tabs(sheet: Sheet, desk: Page) -> None:
    """Two windows share what waits, send one at a time, and show each other what was saved."""
    sheet.site.sign_in(desk, sheet.site.cast.member)
    other = desk.context.new_page()
    for page in (desk, other):
        page.goto(sheet.address(BLOCK.id))
    under_way, most = [0], [0]
    lock = threading.Lock()

    def count(route: Route) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        response = route.fetch()
        with lock:
            under_way[0] -= 1
        route.fulfill(response=response)

    desk.context.route(SAVING, count)
    desk.context.set_offline(True)
    tile(desk, FIRST, 1)
    tile(other, FIRST, 2)
    tile(other, SECOND, 3)
    tile(desk, THIRD, 4)
    desk.context.set_offline(False)
    wait_until_saved(desk)
    wait_until_saved(other)
    for page in (desk, other):
        for key, level in ((FIRST, 2), (SECOND, 3), (THIRD, 4)):
            expect(page.locator(f"#m-{key}-{level}")).to_be_checked()
    tile(desk, FIRST, 3)
    expect(other.locator(f"#m-{FIRST}-3")).to_be_checked()
    tile(other, FIRST, 4)
    expect(desk.locator(f"#m-{FIRST}-4")).to_be_checked()
    assert most == [1]
    sheet.assert_stored({FIRST: [2, 3, 4], SECOND: [3], THIRD: [4]})


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
    desk.context.set_offline(True)
    tile(desk, FIRST, 3)
    go_on(desk)
    heading(desk, NEXT.title)
    tile(desk, FOURTH, 2)
    desk.goto(sheet.address("check"))
    save_words(desk, "2 answers are waiting")
    desk.get_by_role("button", name="Finish rating").click()
    save_words(desk, "2 answers are waiting")
    heading(desk, "Check your answers")
    sheet.assert_stored({})
    desk.context.set_offline(False)
    # the page loads itself again once the answers have arrived; a click on the way would be lost
    nothing_waits(desk)
    expect(desk.locator("body[data-kept]")).to_have_count(0)
    expect(desk.get_by_text("24 of 26 not answered yet")).to_be_visible()
    desk.get_by_role("button", name="Finish rating").click()
    heading(desk, "You have finished rating")
    sheet.assert_stored({FIRST: [3], FOURTH: [2]})


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


def test_signing_out_sends_first_then_asks_and_leaves_nothing(sheet: Sheet, phone: Page) -> None:
    open_kept(phone, sheet, BLOCK.id)
    phone.route(SAVING, lambda route: route.abort())
    tile(phone, FIRST, 4)
    save_words(phone, "No connection")
    phone.goto(f"{sheet.site.url}/account")
    sign_out(phone)
    expect(phone.get_by_role("alert")).to_contain_text("1 answer is not saved yet")
    assert_accessible(phone)
    phone.get_by_role("button", name="Sign out and drop them").click()
    expect(phone.get_by_role("link", name="Sign in").first).to_be_visible()
    nothing_waits(phone)
    until(lambda: phone.evaluate(COUNT_KEPT) == 0)
    phone.context.set_offline(True)
    phone.goto(sheet.address(BLOCK.id))
    heading(phone, "No connection")
    assert_accessible(phone)
    sheet.assert_stored({})


def test_signing_out_sends_what_waits(sheet: Sheet, phone: Page) -> None:
    open_kept(phone, sheet, BLOCK.id)
    phone.context.set_offline(True)
    tile(phone, FIRST, 4)
    save_words(phone, "No connection")
    phone.close()
    phone.context.set_offline(False)
    elsewhere = phone.context.new_page()
    elsewhere.goto(f"{sheet.site.url}/account")
    sign_out(elsewhere)
    expect(elsewhere.get_by_role("link", name="Sign in").first).to_be_visible()
    sheet.assert_stored({FIRST: [4]})


def sign_out(page: Page) -> None:
    page.locator("summary:has(.account-name)").click()
    page.locator(".menu-panel").get_by_role("button", name="Sign out", exact=True).click()


def test_the_next_person_gets_nothing_that_was_kept_or_typed(sheet: Sheet, desk: Page) -> None:
    """The first one never signed out. What they typed waits, for nobody but them."""
    open_kept(desk, sheet, BLOCK.id)
    desk.route(SAVING, lambda route: route.abort())
    tile(desk, FIRST, 4)
    save_words(desk, "No connection")
    desk.unroute(SAVING)
    desk.context.clear_cookies()
    sheet.site.sign_in(desk, sheet.site.cast.lead)
    desk.goto(f"{sheet.site.url}/account")
    until(lambda: desk.evaluate(COUNT_KEPT) == 0)
    desk.goto(sheet.address())
    desk.get_by_role("button", name="Start rating").click()
    expect(desk.locator("input[type=radio]:checked")).to_have_count(0)
    wait_until_kept(desk)
    desk.context.set_offline(True)
    desk.reload()
    expect(desk.get_by_text("You are offline")).to_be_visible()
    expect(desk.locator("input[type=radio]:checked")).to_have_count(0)
    desk.context.set_offline(False)
    desk.goto(f"{sheet.site.url}/account")
    sign_out(desk)
    expect(desk.get_by_role("link", name="Sign in").first).to_be_visible()
    sheet.site.sign_in(desk, sheet.site.cast.member)
    desk.goto(sheet.address())
    nothing_waits(desk)
    expect(desk.get_by_text("1 of 26 answered")).to_be_visible()
    sheet.assert_stored({FIRST: [4]})


def test_the_kill_switch_removes_worker_and_pages(sheet: Sheet, desk: Page) -> None:
    open_kept(desk, sheet, BLOCK.id)
    sheet.site.app.extensions["offline_version"] = (
        offline.OFF
    )  # as after a restart with the setting
    desk.reload()  # the browser looks for a new worker when it opens a page
    for gone in (COUNT_CACHES, COUNT_WORKERS):
        until(lambda gone=gone: desk.evaluate(gone) == 0)  # type: ignore[misc]
    tile(desk, FIRST, 3)
    wait_until_saved(desk)
    go_on(desk)
    heading(desk, NEXT.title)
    assert [desk.evaluate(one) for one in (COUNT_CACHES, COUNT_WORKERS)] == [0, 0]
    sheet.assert_stored({FIRST: [3]})
