"""A meeting with a facilitator's screen and two phones: each moves on by itself, and votes hide."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from assess.answers import AnswerValue
from assess.meeting import state
from assess.meeting.agreeing import Decision, agree_level
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.browser.screens import Questions

pytestmark = pytest.mark.browser

FIRST, SECOND = catalog.get("six_building_blocks").milestones[:2]
PATIENCE = 6000  # milliseconds; a machine that runs all tests at once may be slow once


@pytest.fixture
def assessment(site: Site) -> int:
    """Three have rated, but the team has not seen it."""
    with site.app.app_context():
        found = seeding.open_assessment(site.cast.clinic)
        people = (site.cast.member, site.cast.second_member, site.cast.lead)
        for person, level in zip(people, (1, 2, 4), strict=True):
            seeding.rate_all(found, person, level)
    return found


@pytest.fixture
def other_phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def do(site: Site, step: Callable[[], object]) -> None:
    """What a facilitator does elsewhere."""
    with site.app.app_context():
        step()
        db.session.commit()


def wait_for_words(page: Page, words: str) -> None:
    expect(page.locator(".companion")).to_contain_text(words, timeout=PATIENCE)


def test_two_phones_follow_vote_and_see_nothing_too_early(
    site: Site, assessment: int, phone: Page, other_phone: Page, desk: Page
) -> None:
    companion = f"{site.url}/assessments/{assessment}/meeting"
    milestone = f"{site.url}/assessments/{assessment}/agree/{FIRST.key}"
    for page, person in ((phone, site.cast.member), (other_phone, site.cast.second_member)):
        site.sign_in(page, person)
        page.goto(companion)
        expect(page.get_by_role("heading", level=1)).to_have_text("The results are not shown yet")
    assert_accessible(phone)
    do(site, lambda: seeding.reveal(assessment))
    for page in (phone, other_phone):  # it looks every four seconds while there is nothing yet
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "The meeting has not started", timeout=10_000
        )
    phone.evaluate("window.neverLoadedAgain = true")
    words = phone.locator("[data-live-words]")
    asked, other_asked = Questions(phone), Questions(other_phone)

    with asked.told_at_once() as happened, other_asked.told_at_once() as happened_too:
        do(site, lambda: state.go_to(assessment_id=assessment, milestone=FIRST.key, seen_at=None))
        happened()
        happened_too()
        wait_for_words(phone, FIRST.title)
        wait_for_words(other_phone, FIRST.title)
    expect(words).to_have_text(f"Now: {FIRST.title}.")
    expect(phone.get_by_text("You chose 1 Not started")).to_be_visible()
    expect(other_phone.get_by_text("You chose 2 Begun")).to_be_visible()
    assert_accessible(phone)

    site.sign_in(desk, site.cast.lead)
    desk.goto(milestone)
    with asked.told_at_once() as happened:
        with desk.expect_response(lambda answer: answer.request.method == "POST"):
            desk.get_by_role("button", name="Vote again").click()
        happened()
        wait_for_words(phone, "Nobody sees your vote")
    expect(words).to_contain_text("Your team votes again. Choose a level.")
    phone.get_by_role("button", name="3 Partly in place").click()
    expect(phone.locator("#vote-3")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#vote-3")).to_be_focused()
    expect(words).to_contain_text("Your vote: 3 Partly in place.")
    assert phone.evaluate("window.neverLoadedAgain"), "the phone swapped parts, it did not load"
    assert_accessible(phone)
    expect(desk.locator("#revote")).to_contain_text("1 of 3 has voted", timeout=PATIENCE)
    expect(desk.locator("#revote")).to_contain_text("Not enough votes to show")
    expect(other_phone.locator(".companion")).to_contain_text("1 of 3 has voted", timeout=PATIENCE)
    expect(other_phone.locator("[aria-pressed=true]")).to_have_count(0)
    expect(desk.locator("#revote svg")).to_have_count(0)
    assert_accessible(desk)

    # a finger or key that is on its way keeps its place while another vote comes in
    phone.locator("#levels summary").click()
    expect(phone.locator("#levels")).to_have_attribute("open", "")
    other_phone.get_by_role("button", name="2 Begun").click()
    expect(phone.locator(".companion")).to_contain_text("2 of 3 have voted", timeout=PATIENCE)
    expect(phone.locator("#levels")).to_have_attribute("open", "")
    do(site, lambda: seeding.vote(assessment, FIRST.key, {site.cast.lead: 2}))
    phone.locator("#vote-4").focus()
    desk.get_by_role("button", name="Reveal the votes").click()
    wait_for_words(other_phone, "Before: 1 to 4. Now: 2 to 3.")
    wait_for_words(phone, "Before: 1 to 4. Now: 2 to 3.")
    expect(words).to_contain_text("The votes are revealed. Before: 1 to 4. Now: 2 to 3.")
    expect(phone.locator("#vote")).to_have_count(0)
    assert_accessible(phone)
    assert_accessible(desk)

    agreed = Decision(FIRST.key, AnswerValue.level(2), "The audit shows half.")
    with asked.told_at_once() as happened:
        do(site, lambda: agree_level(assessment_id=assessment, decision=agreed))
        happened()
        wait_for_words(phone, "The audit shows half.")


def test_the_page_can_be_followed_without_scripts(
    site: Site, assessment: int, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    site.sign_in(page, site.cast.member)
    page.goto(f"{site.url}/assessments/{assessment}/meeting")
    do(site, lambda: seeding.reveal(assessment))
    do(site, lambda: state.go_to(assessment_id=assessment, milestone=SECOND.key, seen_at=None))
    page.get_by_role("link", name="Reload").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SECOND.title)
    context.close()
