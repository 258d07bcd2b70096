"""Rating without an account in a real browser: from the poster to the end, on a phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from assess.models import Rating
from assess.queries.ratings import get_answers
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site
from tests.browser.looks import assert_accessible

pytestmark = pytest.mark.browser

INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND = (one.key for one in INSTRUMENT.milestones[:2])


@dataclass(frozen=True, slots=True)
class Link:
    """The join link of an open assessment on the running site."""

    site: Site
    assessment: int
    code: str

    @property
    def address(self) -> str:
        return f"{self.site.url}/j/{self.code}"

    def rate(self, page: str = "") -> str:
        return f"{self.site.url}/assessments/{self.assessment}/rate{page}"

    def levels(self) -> list[dict[str, int | None]]:
        """The levels of every rating, oldest first."""
        with self.site.app.app_context():
            ratings = db.session.scalars(select(Rating.id).order_by(Rating.id)).all()
            return [
                {key: answer.value.value for key, answer in get_answers(one).items()}
                for one in ratings
            ]


@pytest.fixture
def link(site: Site) -> Link:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic)
        code = seeding.make_join_link(assessment, secret=str(site.app.secret_key))
    return Link(site, assessment, code)


def tile(page: Page, milestone: str, value: object) -> None:
    page.locator(f"label[for=m-{milestone}-{value}]").click()


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-save-words]")).to_have_text(re.compile("^All answers saved"))


def begin(page: Page, link: Link, *, shared: bool = False) -> None:
    page.goto(link.address)
    if shared:
        page.get_by_label("Others use this device too").check()
    page.get_by_role("button", name="Start rating").click()
    expect(page.locator(f"#m-{FIRST}")).to_be_visible()


def test_from_the_poster_to_the_first_milestone_in_two_screens(link: Link, phone: Page) -> None:
    screens: list[str] = []
    phone.on("load", lambda page: screens.append(page.url))
    begin(phone, link)
    expect(phone.locator(f"label[for=m-{FIRST}-1]")).to_be_in_viewport()
    phone.wait_for_load_state()
    assert screens[0] == link.address
    assert len(screens) == 2, screens


def test_a_phone_rates_from_start_to_finish(link: Link, phone: Page) -> None:
    phone.goto(link.address)
    assert_accessible(phone)
    phone.get_by_label("Your job role (optional)").select_option("Nurse")
    phone.get_by_role("button", name="Start rating").click()
    for block in INSTRUMENT.blocks:
        expect(phone.get_by_role("heading", level=1)).to_have_text(block.title)
        for milestone in block.milestones:
            tile(phone, milestone.key, 3)
        phone.get_by_role("button", name="Save and continue").last.click()
    expect(phone.get_by_text("All 26 milestones are answered.")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Finish rating").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You have finished rating")
    assert_accessible(phone)
    assert link.levels() == [{one.key: 3 for one in INSTRUMENT.milestones}]
    phone.goto(link.address)
    expect(phone.get_by_text("26 of 26 answered")).to_be_visible()
    assert_accessible(phone)


def test_a_page_saves_although_its_session_is_gone(link: Link, phone: Page) -> None:
    begin(phone, link)
    tile(phone, FIRST, 1)
    wait_until_saved(phone)
    phone.context.clear_cookies(name=link.site.app.config["SESSION_COOKIE_NAME"])
    tile(phone, FIRST, 2)
    wait_until_saved(phone)
    # its form was given the fresh token as well
    phone.get_by_role("button", name="Save and continue").last.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(INSTRUMENT.blocks[1].title)
    assert link.levels() == [{FIRST: 2}]


def test_the_next_person_on_a_shared_device_finds_nothing(link: Link, phone: Page) -> None:
    begin(phone, link, shared=True)
    tile(phone, FIRST, 4)
    wait_until_saved(phone)
    assert_accessible(phone)
    phone.goto(link.rate("/check"))
    phone.get_by_role("button", name="Finish rating").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert_accessible(phone)
    phone.go_back()
    expect(phone.get_by_text("Rating on this device has ended")).to_be_visible()
    assert_accessible(phone)
    phone.goto(link.address)
    expect(phone.get_by_label("Others use this device too")).to_be_checked()
    begin(phone, link)
    expect(phone.locator("input[type=radio]:checked")).to_have_count(0)
    assert link.levels() == [{FIRST: 4}, {}]


def test_leaving_with_unsent_answers_warns_once_and_leaves_nothing_behind(
    link: Link, phone: Page
) -> None:
    begin(phone, link, shared=True)
    phone.route("**/ratings/*/answers", lambda route: route.abort())
    tile(phone, FIRST, 4)
    expect(phone.locator("[data-save-words]")).to_contain_text("No connection")
    assert phone.evaluate("localStorage.length") == 1
    phone.get_by_role("button", name="Leave this device").click()
    expect(phone.get_by_role("alert")).to_contain_text("1 answer is not saved yet")
    assert_accessible(phone)
    phone.get_by_role("button", name="Leave this device").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("You have left this device")
    assert phone.evaluate("localStorage.length") == 0
    assert link.levels() == [{}]


def test_what_a_forgotten_rating_left_unsent_is_gone_for_the_next_person(
    link: Link, phone: Page
) -> None:
    begin(phone, link, shared=True)
    phone.route("**/ratings/*/answers", lambda route: route.abort())
    tile(phone, FIRST, 4)
    expect(phone.locator("[data-save-words]")).to_contain_text("No connection")
    phone.unroute("**/ratings/*/answers")
    phone.context.clear_cookies()  # the browser was closed
    phone.goto(link.address)
    assert phone.evaluate("localStorage.length") == 0
    begin(phone, link)
    expect(phone.locator("input[type=radio]:checked")).to_have_count(0)


def test_an_ended_hold_keeps_the_answers_and_says_so(link: Link, phone: Page) -> None:
    begin(phone, link)
    phone.context.clear_cookies()
    tile(phone, FIRST, 4)
    expect(phone.locator("[data-save-words]")).to_contain_text(
        "1 answer is waiting, kept on this device. The time to rate on this device is over."
    )
    assert phone.evaluate("localStorage.length") == 1


def test_a_typed_code_and_the_pages_of_a_lead(link: Link, phone: Page) -> None:
    phone.goto(f"{link.site.url}/j")
    assert_accessible(phone)
    phone.get_by_label("Code on the poster").fill(f"{link.code[:6].lower()} {link.code[6:]}")
    phone.get_by_role("button", name="Go on").click()
    expect(phone).to_have_url(link.address)
    link.site.sign_in(phone, link.site.cast.lead)
    for path in ("join", "join/poster"):
        phone.goto(f"{link.site.url}/assessments/{link.assessment}/{path}")
        assert_accessible(phone)
        phone.emulate_media(color_scheme="dark")
        assert_accessible(phone)
    for paper in ("Letter", "A4"):
        printed = PdfReader(BytesIO(phone.pdf(format=paper)))
        assert len(printed.pages) == 1, paper
