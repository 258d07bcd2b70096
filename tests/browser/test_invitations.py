"""From an invitation's link to the rating page on a phone, in three screens at most."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.integration.accounts.inviting import GOOD_PASSWORD, invite

pytestmark = pytest.mark.browser


@pytest.fixture
def link(site: Site) -> str:
    """The path of a link that invites a lead to Alder Clinic."""
    with site.app.app_context():
        secret = invite(site.cast.coach, "noor@example.org", Role.LEAD, clinic=site.cast.clinic)
    return f"/invitation/{secret}"


class Screens:
    """Counts the pages that a person gets to see, by their headings, and looks at each."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seen: list[str] = []

    def look(self) -> str:
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_be_visible()
        self.seen.append(heading.inner_text())
        assert_accessible(self.page)
        return self.seen[-1]


def accept(page: Page) -> None:
    expect(page.get_by_label("Your name")).to_have_value("New Person")
    page.get_by_label("Your job role").select_option("Medical assistant")
    page.get_by_label("New password").fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Accept and begin").click()


def test_a_new_lead_reaches_the_open_rating_page_in_two_screens(
    site: Site, phone: Page, link: str
) -> None:
    with site.app.app_context():
        seeding.open_assessment(site.cast.clinic)
    screens = Screens(phone)
    phone.goto(site.url + link)
    screens.look()
    accept(phone)
    screens.look()
    assert screens.seen == ["Welcome to Blockwise", "Rate your clinic"]
    expect(phone.get_by_role("button", name="Start rating")).to_be_visible()


def test_a_new_lead_with_nothing_open_reaches_the_rating_page_in_three_screens(
    site: Site, phone: Page, link: str
) -> None:
    screens = Screens(phone)
    phone.goto(site.url + link)
    screens.look()
    accept(phone)
    screens.look()
    phone.get_by_role("button", name="Open the assessment").click()
    screens.look()
    assert screens.seen == ["Welcome to Blockwise", "Open an assessment", "Rate your clinic"]
    expect(phone.get_by_role("button", name="Start rating")).to_be_visible()


def test_a_lead_invites_one_and_many_and_revokes(site: Site, phone: Page, desk: Page) -> None:
    for page in (phone, desk):
        site.sign_in(page, site.cast.lead)
    screens = Screens(phone)
    phone.goto(f"{site.url}/clinics/{site.cast.clinic}/invite")
    screens.look()
    phone.get_by_role("button", name="Make the link").click()
    expect(phone).to_have_title(re.compile("^Error: "))
    screens.look()
    phone.get_by_label("Email").fill("sam@example.net")
    phone.get_by_role("button", name="Make the link").click()
    screens.look()
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.get_by_role("button", name="Copy link").click()
    expect(phone.get_by_text("✓ Copied")).to_be_visible()
    copied = phone.evaluate("navigator.clipboard.readText()")
    assert copied == phone.get_by_label("Link", exact=True).input_value()
    assert re.fullmatch(r"http://127\.0\.0\.1/invitation/[\w-]{43}", copied)

    phone.goto(f"{site.url}/invitations/many?clinic={site.cast.clinic}")
    screens.look()
    phone.get_by_label("Or paste the list here").fill("ann@example.net,Ann\nbo@example.net,Bo,boss")
    phone.get_by_role("button", name="Check the list").click()
    expect(phone.get_by_text("Line 2, column role: “boss”.")).to_be_visible()
    screens.look()
    phone.get_by_label("Or paste the list here").fill("ann@example.net,Ann\nbo@example.net,Bo,lead")
    phone.get_by_role("button", name="Check the list").click()
    screens.look()
    phone.get_by_role("button", name="Make 2 links").click()
    screens.look()
    with phone.expect_download() as waiting:
        phone.get_by_role("button", name="Download all as CSV").click()
    assert waiting.value.suggested_filename.startswith("invitations-")
    phone.get_by_role("button", name="Print slips").click()
    expect(phone.get_by_role("img", name="QR code with the link for Ann")).to_be_visible()
    screens.look()

    for page in (phone, desk):
        page.goto(f"{site.url}/invitations")
        assert_accessible(page)
    phone.get_by_role("link", name="Revoke the invitation of Ann").click()
    screens.look()
    phone.get_by_role("button", name="Revoke the invitation").click()
    expect(phone.get_by_text("The invitation of Ann is revoked")).to_be_visible()
    screens.look()


def test_without_javascript_the_link_stands_in_a_field(site: Site, phone: Page) -> None:
    browser = phone.context.browser
    assert browser is not None
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    site.sign_in(page, site.cast.lead)
    page.goto(f"{site.url}/clinics/{site.cast.clinic}/invite")
    page.get_by_label("Email").fill("sam@example.net")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_label("Link", exact=True)).to_have_value(re.compile(r"/invitation/"))
    expect(page.get_by_role("button", name="Copy link")).to_have_count(0)
    context.close()
