"""Every page around rating and results passes axe, fits 320 px and shows its borders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible

MILESTONE = catalog.get("six_building_blocks").milestones[0].key


@dataclass(frozen=True, slots=True)
class Quarters:
    """Two revealed assessments and an open one of the cast's clinic."""

    revealed: int
    open: int


@pytest.fixture
def quarters(site: Site) -> Quarters:
    with site.app.app_context():
        for quarter, level in (("2026Q1", 1), ("2026Q2", 2)):
            revealed = seeding.open_assessment(site.cast.clinic, quarter)
            seeding.rate_all(revealed, site.cast.member, level=level)
            seeding.rate_all(revealed, site.cast.second_member, level=level + 1)
            seeding.reveal(revealed)
        waiting = seeding.open_assessment(site.cast.clinic, "2026Q3")
        seeding.rate_all(waiting, site.cast.member, level=3)
        return Quarters(revealed=revealed, open=waiting)


Visit = tuple[str | None, Callable[[Quarters, Site], str]]

VISITS: dict[str, Visit] = {
    "welcome": (None, lambda _q, _s: "/"),
    "sign in": (None, lambda _q, _s: "/sign-in"),
    "help": (None, lambda _q, _s: "/help"),
    "not found": ("member", lambda _q, _s: "/nowhere"),
    "home of a member": ("member", lambda _q, _s: "/"),
    "home of a coach": ("coach", lambda _q, _s: "/"),
    "home of a researcher": ("researcher", lambda _q, _s: "/"),
    "home of an administrator": ("administrator", lambda _q, _s: "/"),
    "home of a stranger": ("stranger", lambda _q, _s: "/"),
    "clinics": ("coach", lambda _q, _s: "/clinics"),
    "clinic": ("lead", lambda _q, s: f"/clinics/{s.cast.clinic}"),
    "empty clinic": ("coach", lambda _q, s: f"/clinics/{s.cast.sister_clinic}"),
    "results": ("lead", lambda q, _s: f"/assessments/{q.revealed}/results"),
    "minutes": ("member", lambda q, _s: f"/assessments/{q.revealed}/minutes"),
    "agenda": ("lead", lambda q, _s: f"/assessments/{q.revealed}/agree"),
    "milestone to agree on": (
        "lead",
        lambda q, _s: f"/assessments/{q.revealed}/agree/{MILESTONE}",
    ),
    "open an assessment": ("lead", lambda _q, s: f"/clinics/{s.cast.clinic}/open"),
    "own ratings": ("member", lambda q, _s: f"/assessments/{q.open}/results"),
    "audit log": ("administrator", lambda _q, _s: "/admin/audit"),
    "a search of the audit log": ("administrator", lambda _q, _s: "/admin/audit?since=x&who=a"),
    "own history": ("member", lambda q, _s: f"/assessments/{q.open}/rate/history"),
    "before the reveal": ("lead", lambda q, _s: f"/assessments/{q.open}/results"),
}


@pytest.mark.parametrize("name", VISITS)
def test_pages_are_accessible(site: Site, quarters: Quarters, phone: Page, name: str) -> None:
    role, path = VISITS[name]
    if role is not None:
        site.sign_in(phone, site.cast.people[role])
    phone.goto(site.url + path(quarters, site))
    assert_accessible(phone)
    phone.emulate_media(color_scheme="dark")
    assert_accessible(phone)


def test_a_failed_sign_in_names_the_problem_in_title_summary_and_field(
    site: Site, phone: Page
) -> None:
    phone.goto(f"{site.url}/sign-in")
    phone.get_by_role("button", name="Sign in").click()
    expect(phone).to_have_title("Error: Sign in – Blockwise")
    phone.get_by_role("link", name="Enter your email address.").click()
    expect(phone.get_by_label("Email")).to_be_focused()
    assert_accessible(phone)


def test_a_level_left_out_puts_the_focus_on_the_problem(
    site: Site, quarters: Quarters, phone: Page
) -> None:
    site.sign_in(phone, site.cast.lead)
    phone.goto(f"{site.url}/assessments/{quarters.revealed}/agree/{MILESTONE}")
    phone.get_by_role("button", name="Agree on this level").click()
    expect(phone.get_by_role("alert")).to_be_focused()
    assert_accessible(phone)


def test_the_numbers_fold_on_phones_and_stand_open_at_a_desk(
    site: Site, quarters: Quarters, phone: Page, desk: Page
) -> None:
    for page, unfolded in ((phone, False), (desk, True)):
        site.sign_in(page, site.cast.member)
        page.goto(f"{site.url}/assessments/{quarters.revealed}/results")
        table = page.get_by_role("table", name="Score by block and quarter")
        expect(table).to_be_visible(visible=unfolded)
    phone.get_by_text("Show these numbers as a table").click()
    expect(phone.get_by_role("table", name="Score by block and quarter")).to_be_visible()


def test_focus_is_a_ring_of_three_pixels(site: Site, desk: Page) -> None:
    desk.goto(f"{site.url}/sign-in")
    for _ in range(3):
        desk.keyboard.press("Tab")
    ring = desk.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement);"
        " return [s.outlineStyle, s.outlineWidth, s.boxShadow]; })()"
    )
    assert ring[:2] == ["solid", "3px"]
    assert "2px" in ring[2]


def test_printing_leaves_out_buttons_and_unfolds_tables(
    site: Site, quarters: Quarters, phone: Page
) -> None:
    site.sign_in(phone, site.cast.lead)
    phone.goto(f"{site.url}/assessments/{quarters.revealed}/results")
    phone.emulate_media(media="print")
    expect(phone.get_by_role("table", name="Score by block and quarter")).to_be_visible()
    assert phone.locator("a.button:visible, button.button:visible").count() == 0
