"""What the browser tests of rating share: a started rating, and what the database holds of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request
from playwright.sync_api import Error, Page, expect
from sqlalchemy import select

from assess.answers import StoredAnswer
from assess.models import AnswerChange
from assess.queries.ratings import get_answers
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.browser.conftest import Site

INSTRUMENT = catalog.get("six_building_blocks")
BLOCK = INSTRUMENT.blocks[0]
FIRST, SECOND, THIRD = (milestone.key for milestone in BLOCK.milestones)
NEXT = INSTRUMENT.blocks[1]
FOURTH = NEXT.milestones[0].key
SAVING = "**/ratings/*/answers"
ALL_PAGES = len(INSTRUMENT.blocks) + 2
COUNT_KEPT = """async () => {
  let count = 0;
  for (const name of await caches.keys()) {
    if (!name.startsWith("blockwise.pages.")) continue;
    count += (await (await caches.open(name)).keys()).length;
  }
  return count;
}"""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of which the server said that it is saved, and as which revision."""

    milestone: str
    revision: int
    level: int | None


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

    def history(self) -> dict[str, list[int | None]]:
        """Every level that was ever stored, by milestone: a doubled answer stands here twice."""
        query = select(AnswerChange.milestone, AnswerChange.new_level).order_by(AnswerChange.id)
        found: dict[str, list[int | None]] = {}
        with self.site.app.app_context():
            for milestone, level in db.session.execute(
                query.where(AnswerChange.rating_id == self.rating)
            ):
                found.setdefault(milestone, []).append(level)
        return found

    def listen(self) -> list[Told]:
        """From now on, everything that the server says is saved: also what never arrived."""
        told: list[Told] = []

        def hear(response: Response) -> Response:
            if request.method == "PUT" and response.status_code == 200:
                saved = response.get_json()["saved"]
                told.extend(
                    Told(one["milestone"], saved[one["milestone"]], one["level"])
                    for one in request.get_json()["answers"]
                    if one["milestone"] in saved
                )
            return response

        self.site.app.after_request_funcs.setdefault(None, []).append(hear)
        return told

    def assert_true(self, told: list[Told]) -> None:
        """Each answer that was said to be saved stands in the history, as that revision."""
        query = select(AnswerChange.milestone, AnswerChange.revision, AnswerChange.new_level)
        with self.site.app.app_context():
            rows = db.session.execute(query.where(AnswerChange.rating_id == self.rating)).all()
        kept = {Told(*row) for row in rows}
        assert len(kept) == len(rows)
        assert [one for one in told if one not in kept] == []

    def assert_stored(self, history: dict[str, list[int | None]]) -> None:
        """Exactly these answers are in the database: none lost, none stored twice."""
        assert self.history() == history
        assert self.levels() == {key: levels[-1] for key, levels in history.items()}
        revisions = {key: answer.revision for key, answer in self.answers().items()}
        assert revisions == {key: len(levels) for key, levels in history.items()}


def start(site: Site, questionnaire: str = INSTRUMENT.slug) -> Sheet:
    with site.app.app_context():
        assessment = seeding.open_assessment(site.cast.clinic, "2026Q3", questionnaire)
        return Sheet(site, assessment, seeding.start_rating(assessment, site.cast.member))


def tile(page: Page, milestone: str, value: object) -> None:
    page.locator(f"label[for=m-{milestone}-{value}]").click()


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-save-words]")).to_have_text(re.compile(r"^All answers saved \d"))


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
