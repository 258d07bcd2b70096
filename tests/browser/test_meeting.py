"""A team of twelve meets: one keyboard leads through 26 milestones, and no screen stays behind."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from assess.meeting.models import Meeting, ParkedMilestone
from assess.models import AgreedLevel, AgreedLevelChange, Assessment
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.browser.screens import Questions
from tests.meeting_team import rate_as_team

pytestmark = pytest.mark.browser

MILESTONES = len(catalog.get("six_building_blocks").milestones)


@pytest.fixture
def assessment(site: Site) -> int:
    with site.app.app_context():
        return rate_as_team(site.cast)


def agenda(site: Site, assessment: int) -> str:
    return f"{site.url}/assessments/{assessment}/agree"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has this accessible name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const e = document.activeElement;"
            " return (e.labels?.[0] ?? e).textContent.trim(); })()"
        )
        if focused.startswith(name):
            return
    raise AssertionError(f"Tab never came to {name}")


def on_next_page(page: Page, key: str) -> None:
    """Press a key that leads on, and wait until the next page is there."""
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_keyboard_leads_the_whole_meeting(site: Site, assessment: int, desk: Page) -> None:
    desk.set_viewport_size({"width": 1280, "height": 720})
    site.sign_in(desk, site.cast.lead)
    desk.goto(agenda(site, assessment))
    assert_accessible(desk)
    tab_to(desk, "Who is here?")
    desk.keyboard.type("12 people: 5 nurses, 5 from the front desk, 2 physicians")
    on_next_page(desk, "Enter")
    expect(desk.locator("h1")).to_be_focused()
    for width, height, smallest in ((1920, 1080, 40), (1024, 768, 28), (1280, 720, 28)):
        desk.set_viewport_size({"width": width, "height": height})
        assert_readable_from_afar(desk, smallest, height)
    assert_accessible(desk)
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("t")
    expect(desk.locator("[data-timer]")).to_have_text(re.compile(r"^(2:00|1:5\d) left$"))
    give_reasons_and_park(desk)
    vote_again(site, assessment, desk)
    agree_before_the_scripts_come(desk)
    agree_on_the_rest(desk)
    # only the parked one is left: back to it from the agenda, and through
    expect(desk.get_by_text("Ask the pharmacy")).to_be_visible()
    assert_accessible(desk)
    on_next_page(desk, "n")
    desk.keyboard.press("1")
    on_next_page(desk, "Enter")
    expect(desk.get_by_text(f"All {MILESTONES} milestones are agreed.")).to_be_visible()
    tab_to(desk, "Use the agreed levels")
    on_next_page(desk, "Enter")
    expect(desk.locator("h1")).to_have_text("Results")
    assert_kept(site, assessment)


def assert_readable_from_afar(page: Page, smallest: int, height: int) -> None:
    """Words and counts of the levels are so large, and stand on the screen with the buttons."""
    expect(page.locator("#agree-chosen")).to_be_in_viewport(ratio=1)
    for part in (".agree-tile .tile-head", ".agree-number"):
        sizes = page.locator(part).evaluate_all(
            "all => all.map(e => [parseFloat(getComputedStyle(e).fontSize),"
            " e.getBoundingClientRect().bottom])"
        )
        assert len(sizes) == 4
        assert min(size for size, _ in sizes) >= smallest
        assert max(bottom for _, bottom in sizes) <= height


def give_reasons_and_park(page: Page) -> None:
    """The first gets a reason and a dissent, the second waits, the third is skipped."""
    page.keyboard.press("2")
    page.keyboard.press("r")
    page.keyboard.type("Log of March")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.keyboard.type("The front desk sees 1")
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_be_focused()
    on_next_page(page, "Enter")
    page.keyboard.press("Enter")  # nothing is chosen here, so nothing is agreed
    page.keyboard.press("p")
    page.keyboard.type("Ask the pharmacy")
    on_next_page(page, "Enter")
    skipped = page.locator("h1").inner_text()
    on_next_page(page, "s")
    assert page.locator("h1").inner_text() != skipped
    on_next_page(page, "b")
    assert page.locator("h1").inner_text() == skipped
    on_next_page(page, "n")
    assert page.locator("h1").inner_text() != skipped


def vote_again(site: Site, assessment: int, page: Page) -> None:
    """A vote is opened, revealed once three have voted, and its level agreed."""
    milestone = page.url.rpartition("/")[2]
    page.keyboard.press("v")
    on_next_page(page, "Enter")
    expect(page.locator(".revote-count")).to_have_text("Nobody has voted yet.")
    with site.app.app_context():
        voters = (site.cast.member, site.cast.second_member, site.cast.lead)
        seeding.vote(assessment, milestone, dict.fromkeys(voters, 2))
    expect(page.locator("[data-live-words]")).to_have_text("The votes can be revealed.")
    page.keyboard.press("v")
    expect(page.locator("#revote-reveal")).to_be_focused()
    on_next_page(page, "Enter")
    expect(page.locator("#revote")).to_contain_text("Now: all at 2. Start from level 2.")
    on_next_page(page, "a")


def agree_before_the_scripts_come(page: Page) -> None:
    """Whoever presses keys as soon as the page shows presses none in vain."""
    page.route("**/js/meeting/page.js", lambda _route: None)
    page.reload(wait_until="commit")
    expect(page.locator("h1")).to_be_focused()
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("input:checked")).to_have_count(0)
    with page.expect_navigation(wait_until="commit"):
        page.unroute("**/js/meeting/page.js")  # which lets go of what it held


def agree_on_the_rest(page: Page) -> None:
    for number in range(MILESTONES - 4):
        expect(page.locator("h1")).to_be_focused()
        if number % 2 and page.locator("[data-agree-suggested]").count():
            on_next_page(page, "a")
        else:
            page.keyboard.press(str(number % 4 + 1))
            on_next_page(page, "Enter")


def assert_kept(site: Site, assessment: int) -> None:
    with site.app.app_context():
        kept = db.session.get_one(Meeting, assessment)
        assert kept.ended_at is not None
        assert kept.attendance.startswith("12 people")
        assert db.session.get_one(Assessment, assessment).state == "agreed"
        for table in (AgreedLevel, AgreedLevelChange):
            assert db.session.scalar(select(func.count()).select_from(table)) == MILESTONES
        assert db.session.scalar(select(func.count()).select_from(ParkedMilestone)) == 0
        reasons = select(AgreedLevel.rationale, AgreedLevel.dissent, AgreedLevel.agreed_by)
        first = db.session.execute(reasons.where(AgreedLevel.rationale != "")).one()
        assert tuple(first) == ("Log of March", "The front desk sees 1", site.cast.lead)


def set_hidden(page: Page, hidden: bool) -> None:
    """Let the page believe that its tab went to the back, or came to the front."""
    page.evaluate(
        "(value) => { Object.defineProperty(document, 'hidden', { value, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def test_two_facilitators_see_each_other_at_once(
    site: Site, assessment: int, desk: Page, browser: Browser
) -> None:
    other = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    site.sign_in(desk, site.cast.lead)
    site.sign_in(other, site.cast.coach)
    desk.goto(agenda(site, assessment))
    desk.get_by_role("button", name="Start the meeting").click()
    first, address = desk.locator("h1").inner_text(), desk.url
    other.goto(address)
    other.keyboard.press("3")
    other.keyboard.press("r")
    other.keyboard.type("My reason")

    # the first agrees on 2 and goes on: the other learns where the meeting is, and keeps the text
    desk.keyboard.press("2")
    with Questions(other).told_at_once() as happened:
        on_next_page(desk, "Enter")
        happened()
        notice = f"The meeting is at “{desk.locator('h1').inner_text()}”"
        expect(other.locator(".notice")).to_contain_text(notice)
    expect(other.get_by_label("Why this level?")).to_be_focused()
    expect(other.get_by_text("Changed in another window.")).to_be_visible()
    expect(other.locator("[data-live-words]")).to_have_text(f"{notice}.")

    # agreeing without looking is refused, and both are shown
    other.get_by_role("button", name="Agree on this level").click()
    expect(other.get_by_role("alert")).to_be_focused()
    expect(other.locator(".conflict-sides")).to_contain_text("2 Begun")
    expect(other.locator(".conflict-sides")).to_contain_text("3 Partly in place")
    expect(other.get_by_label("Why this level?")).to_have_value("My reason")
    assert_accessible(other)

    # following the meeting loses nothing that was typed
    other.get_by_role("link", name="Go there").click()
    expect(other.locator("h1")).to_have_text(desk.locator("h1").inner_text())
    other.goto(address)
    expect(other.get_by_label("Why this level?")).to_have_value("My reason")
    expect(other.get_by_text("What you typed before is back.")).to_be_visible()

    # what was swapped under a button that has the focus leaves it there
    other.goto(desk.url)
    other.locator("#move-next").focus()
    desk.keyboard.press("t")
    expect(other.locator("[data-timer]")).to_be_visible()
    expect(other.locator("#move-next")).to_be_focused()

    # a screen that nobody sees asks nothing, and at once when it is seen again
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.url))
    set_hidden(other, True)
    asked.clear()
    other.wait_for_timeout(1500)
    assert asked == []
    with other.expect_request("**/meeting/state"):
        set_hidden(other, False)

    # one cannot be dragged away behind the other's back
    other.route("**/meeting/{state,timer}", lambda route: route.abort())
    other.keyboard.press("t")
    expect(other.get_by_text("Not sent. Check your connection")).to_be_visible()
    on_next_page(desk, "n")
    expect(other.get_by_text("Not up to date since")).to_be_visible(timeout=10_000)
    other.locator("#move-back").click()
    expect(other.locator("h1")).to_have_text("The meeting has moved on")
    expect(other.locator(".conflict-sides")).to_contain_text(desk.locator("h1").inner_text())
    assert desk.locator("h1").inner_text() != first
    other.context.close()
