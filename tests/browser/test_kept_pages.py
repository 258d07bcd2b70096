"""Rating pages that a device keeps: for one person, of one version, as long as it may."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from flask import request
from playwright.sync_api import Page, expect

from accounts import offline
from core.service_worker import read_service_worker
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.browser.sheets import (
    BLOCK,
    COUNT_KEPT,
    FIRST,
    NEXT,
    SAVING,
    Sheet,
    go_on,
    heading,
    nothing_waits,
    open_kept,
    save_words,
    start,
    tile,
    until,
    wait_until_kept,
    wait_until_saved,
)

pytestmark = pytest.mark.browser

CACHES = "() => caches.keys()"
COUNT_CACHES = "async () => (await caches.keys()).length"
COUNT_WORKERS = "async () => (await navigator.serviceWorker.getRegistrations()).length"


@pytest.fixture
def sheet(site: Site) -> Sheet:
    return start(site)


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
    phone.route(SAVING, lambda route: route.abort())
    tile(phone, FIRST, 4)
    save_words(phone, "No connection")
    # what cannot be read, such as a text cut off by a full disk, stops nothing else
    phone.evaluate("localStorage.setItem('blockwise.rating.0', '{')")
    phone.goto(f"{sheet.site.url}/account")
    sheet.assert_stored({})
    phone.unroute(SAVING)
    other = phone.context.new_page()
    other.goto(sheet.address("check"))
    sign_out(phone)
    expect(phone.get_by_role("link", name="Sign in").first).to_be_visible()
    until(lambda: phone.evaluate("sessionStorage.length") == 0)
    sheet.assert_stored({FIRST: [4]})
    heading(other, "Sign in")  # the other window does not go on showing the answers


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
    other = desk.context.new_page()
    other.route(SAVING, lambda route: route.abort())
    other.goto(sheet.address("check"))
    desk.context.clear_cookies()
    sheet.site.sign_in(desk, sheet.site.cast.lead)
    desk.goto(f"{sheet.site.url}/account")
    until(lambda: desk.evaluate(COUNT_KEPT) == 0)
    expect(other.get_by_text("4 Consistently in place")).to_have_count(0)
    # open, it would ask again at the sign-out below, and a late answer would end the next sign-in
    other.close()
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


def test_a_server_that_hangs_or_fails_does_not_keep_the_pages_away(
    sheet: Sheet, desk: Page
) -> None:
    open_kept(desk, sheet)
    server = Trouble(sheet)
    server.hangs.clear()
    desk.goto(sheet.address(BLOCK.id))  # shown after four seconds, from the device
    expect(desk.get_by_text("No connection to Blockwise")).to_be_visible()
    server.hangs.set()
    tile(desk, FIRST, 2)
    wait_until_saved(desk)
    expect(desk.get_by_text("No connection to Blockwise")).to_have_count(0)
    server.fails = True
    desk.reload()
    expect(desk.get_by_text("No connection to Blockwise")).to_be_visible()
    expect(desk.locator(f"#m-{FIRST}-2")).to_be_checked()
    server.fails = False
    until(lambda: desk.reload() is not None and desk.locator("body[data-kept]").count() == 0)
    sheet.assert_stored({FIRST: [2]})


class Trouble:
    """Lets the server hang or fail when a rating page is opened."""

    def __init__(self, sheet: Sheet) -> None:
        self.hangs = threading.Event()
        self.hangs.set()
        self.fails = False
        sheet.site.app.before_request_funcs.setdefault(None, []).insert(0, self.meet)

    def meet(self) -> tuple[str, int] | None:
        if request.path.startswith("/assessments/"):
            self.hangs.wait(10)
            if self.fails:
                return "busy", 503
        return None


def test_a_new_version_takes_over_and_keeps_the_pages_anew(sheet: Sheet, desk: Page) -> None:
    open_kept(desk, sheet)
    old = read_service_worker(str(sheet.site.app.static_folder), "/static")
    new = replace(old, version="0123456789ab", text=old.text.replace(old.version, "0123456789ab"))
    sheet.site.app.extensions["service_worker"] = new
    sheet.site.app.extensions["offline_version"] = new.version
    desk.goto(sheet.address(BLOCK.id))
    until(lambda: {name.split(".")[-1] for name in desk.evaluate(CACHES)} == {new.version})
    wait_until_kept(desk)
    desk.context.set_offline(True)
    desk.goto(sheet.address("check"))
    expect(desk.get_by_text("You are offline")).to_be_visible()


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
