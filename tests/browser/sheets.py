"""What the browser tests of rating share: a started rating, and what the database holds of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect
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


def words(page: Page) -> str:
    return page.locator("[data-save-words]").inner_text()


def wait_until_saved(page: Page) -> None:
    expect(page.locator("[data-save-words]")).to_have_text(re.compile("^All answers saved"))
