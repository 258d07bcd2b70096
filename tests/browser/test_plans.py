"""A lead writes a plan in the browser, and every plan page is fit for everybody."""

from __future__ import annotations

import io

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible
from tests.integration.action_plans.conftest import LEVELS, LOW, plan_with_one_action

pytestmark = pytest.mark.browser


def test_a_lead_writes_a_plan_and_takes_it_home(site: Site, phone: Page) -> None:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q4")
        seeding.rate_all(assessment, site.cast.member, LEVELS)
        seeding.reveal(assessment)
    site.sign_in(phone, site.cast.lead)
    phone.goto(f"{site.url}/assessments/{assessment}/plan")
    assert_accessible(phone)
    phone.locator(f"#m-{LOW}").check()
    phone.get_by_role("button", name="Write the plan").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Action plan")
    assert_accessible(phone)
    phone.locator(".goal details summary").click()
    phone.get_by_role("link", name="Use this tip").first.click()
    expect(phone.get_by_label("Task", exact=True)).not_to_be_empty()
    phone.get_by_label("Task", exact=True).fill("Ask the vendor for a list")
    phone.get_by_label("Owner").fill("M. Okafor")
    assert_accessible(phone)
    phone.get_by_role("button", name="Save action").click()

    phone.get_by_role("button", name="Start this plan").click()
    expect(phone.get_by_role("status")).to_contain_text("The plan has started")
    phone.get_by_label("Status of “Ask the vendor for a list”").select_option("Done")
    phone.get_by_role("button", name="Update status of").click()
    expect(phone.get_by_role("status")).to_contain_text("Saved")
    expect(phone.get_by_text("1 of 1 actions done").first).to_be_visible()

    address = phone.get_by_role("link", name="Download PDF").get_attribute("href")
    answer = phone.request.get(f"{site.url}{address}")
    [sheet, *_] = pypdf.PdfReader(io.BytesIO(answer.body())).pages
    assert "Ask the vendor for a list" in sheet.extract_text()


def test_every_plan_page_is_accessible(site: Site, desk: Page) -> None:
    with site.app.app_context():
        earlier = plan_with_one_action(site.cast, "2026Q3")
        now = plan_with_one_action(site.cast, "2026Q4")
    site.sign_in(desk, site.cast.lead)
    for path in (
        f"/plans/{earlier.plan}",
        f"/plans/{now.plan}",
        f"/plans/{now.plan}/meeting",
        f"/plans/{now.plan}/goals",
        f"/plans/{now.plan}/goals/{now.goal}",
        f"/plans/{now.plan}/goals/{now.goal}/remove",
        f"/plans/{now.plan}/goals/{now.goal}/actions/new",
        f"/plans/{now.plan}/actions/{now.action}",
        f"/plans/{now.plan}/actions/{now.action}/remove",
        f"/plans/{now.plan}/close",
        f"/plans/{now.plan}/print",
    ):
        desk.goto(f"{site.url}{path}")
        assert_accessible(desk)


def test_an_error_keeps_what_was_typed_and_is_accessible(site: Site, phone: Page) -> None:
    with site.app.app_context():
        now = plan_with_one_action(site.cast)
    site.sign_in(phone, site.cast.lead)
    phone.goto(f"{site.url}/plans/{now.plan}/goals/{now.goal}/actions/new")
    phone.get_by_label("Owner").fill("M. Okafor")
    phone.get_by_role("button", name="Save action").click()
    expect(phone).to_have_title("Error: Add an action – Blockwise")
    expect(phone.get_by_label("Owner")).to_have_value("M. Okafor")
    phone.get_by_role("link", name="Enter the task").click()
    expect(phone.get_by_label("Task", exact=True)).to_be_focused()
    assert_accessible(phone)
