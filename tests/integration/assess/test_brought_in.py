"""Sheets from paper and files: taken whole or not at all, only while the assessment is open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerState, AnswerValue
from assess.brought_in import bringing
from assess.brought_in.bringing import SheetsRefused, bring_in, bring_in_all, remove_sheet
from assess.brought_in.checks import FilledSheet
from assess.holding import RatingEnded
from assess.models import Answer, AnswerChange, Rating
from assess.queries.ratings import get_score_sources
from core import clock
from core.audit import AuditEvent
from core.db import db
from core.errors import NotFound
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements

KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
QUARTER = "2026Q3"
DAY = date(2026, 8, 3)


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> Any:
    with app.app_context():
        yield seeding.open_assessment(cast.clinic, QUARTER)


def sheet(label: str = "Paper form 1", **given: Any) -> FilledSheet:
    answers = given.pop("answers", {KEYS[0]: (AnswerValue.level(3), "minutes of May")})
    said = {"label": label, "job_role": "Nurse", "paper_on": DAY, "answers": answers}
    return FilledSheet(**(said | given))


def keyed(assessment: int, one: FilledSheet, cast: Cast) -> int:
    rating_id = bring_in(
        assessment_id=assessment,
        source="paper",
        label=one.label,
        job_role=one.job_role,
        paper_on=one.paper_on,
        answers=one.answers,
        keyed_by=cast.lead,
        kept=one.kept,
    )
    db.session.commit()
    return rating_id


def problems(assessment: int, *sheets: FilledSheet) -> list[tuple[int, str, str]]:
    with pytest.raises(SheetsRefused) as refused:
        bring_in_all(assessment_id=assessment, source="import", sheets=sheets, keyed_by=None)
    db.session.rollback()
    assert db.session.scalar(select(func.count(Rating.id))) == 0
    return [(one.sheet, one.field, one.milestone) for one in refused.value.problems]


def test_a_sheet_becomes_a_finished_rating_of_nobody_with_its_history(
    assessment: int, cast: Cast
) -> None:
    answers = {
        KEYS[0]: (AnswerValue.level(3), " minutes of May "),
        KEYS[1]: (DONT_KNOW, ""),
        KEYS[2]: (UNANSWERED, ""),
    }
    rating_id = keyed(assessment, sheet(answers=answers), cast)

    rating = db.session.get_one(Rating, rating_id)
    assert (rating.person_id, rating.device_token_sha256) == (None, None)
    assert (rating.source, rating.label, rating.job_role) == ("paper", "Paper form 1", "Nurse")
    assert (rating.paper_on, rating.keyed_by) == (DAY, cast.lead)
    assert rating.submitted_at is not None
    stored = db.session.scalars(select(Answer).order_by(Answer.milestone)).all()
    assert {(one.milestone, one.state, one.level, one.note) for one in stored} == {
        (KEYS[0], AnswerState.LEVEL, 3, "minutes of May"),
        (KEYS[1], AnswerState.DONT_KNOW, None, ""),
    }
    history = db.session.scalars(select(AnswerChange)).all()
    assert {(one.milestone, one.person_id, one.old_state) for one in history} == {
        (KEYS[0], cast.lead, None),
        (KEYS[1], cast.lead, None),
    }
    assert get_score_sources(assessment)[0] == [{KEYS[0]: AnswerValue.level(3), KEYS[1]: DONT_KNOW}]


def test_the_log_tells_of_the_sheet_and_not_of_its_answers(assessment: int, cast: Cast) -> None:
    keyed(assessment, sheet(), cast)
    line = db.session.scalars(select(AuditEvent).filter_by(action="rating.brought_in")).one()
    assert "Paper form 1" in (line.after or "")
    assert "minutes" not in (line.after or "")
    assert KEYS[0] not in (line.after or "") + line.subject


def test_everything_wrong_is_named_and_nothing_is_stored(assessment: int) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    wrong = {
        KEYS[0]: (AnswerValue.level(7), ""),
        KEYS[1]: (NOT_APPLICABLE, ""),
        KEYS[2]: (AnswerValue.level(2), "x" * 2001),
        KEYS[3]: (AnswerValue.level(2), "MRN 1234567"),
        "no-such-milestone": (AnswerValue.level(2), ""),
    }
    found = problems(
        assessment,
        sheet(),
        sheet("paper  FORM 1"),
        sheet("", job_role="Astronaut", paper_on=tomorrow, answers={}),
        sheet("x" * 81, paper_on=date(2026, 5, 31), answers={KEYS[0]: (UNANSWERED, "a note")}),
        sheet("Paper form 2", answers=wrong),
    )
    assert set(found) == {
        (1, "label", ""),
        (2, "label", ""),
        (2, "job_role", ""),
        (2, "paper_on", ""),
        (2, "answers", ""),
        (3, "label", ""),
        (3, "paper_on", ""),
        (3, "answers", ""),
        (4, "level", KEYS[0]),
        (4, "level", KEYS[1]),
        (4, "note", KEYS[2]),
        (4, "note", KEYS[3]),
        (4, "milestone", "no-such-milestone"),
    }


def test_a_form_may_be_filled_in_thirty_days_before_the_quarter(
    assessment: int, cast: Cast
) -> None:
    assert keyed(assessment, sheet(paper_on=date(2026, 6, 1)), cast)


def test_a_note_its_author_stands_by_is_kept_and_logged(assessment: int, cast: Cast) -> None:
    answers = {KEYS[0]: (AnswerValue.level(2), "MRN 1234567")}
    with pytest.raises(SheetsRefused) as refused:
        keyed(assessment, sheet(answers=answers), cast)
    mark = refused.value.problems[0].keep
    keyed(assessment, sheet(answers=answers, kept={KEYS[0]: mark}), cast)
    assert db.session.scalars(select(AuditEvent).filter_by(action="free_text.kept")).one()


def test_a_label_is_taken_once_in_an_assessment(assessment: int, cast: Cast) -> None:
    keyed(assessment, sheet(), cast)
    with pytest.raises(SheetsRefused, match="“Paper form 1” is here already"):
        keyed(assessment, sheet(), cast)
    db.session.rollback()
    other = seeding.open_assessment(cast.clinic, "2026Q4")
    assert keyed(other, sheet(paper_on=date(2026, 10, 2)), cast)


def test_answers_of_many_sheets_go_in_together(
    assessment: int, count_statements: CountStatements
) -> None:
    mixed = {
        key: (AnswerValue.level(2) if at % 2 else DONT_KNOW, "") for at, key in enumerate(KEYS)
    }
    every = [sheet(f"Row {at}", answers=mixed) for at in range(30)]
    with count_statements() as seen:
        bring_in_all(assessment_id=assessment, source="import", sheets=every, keyed_by=None)
    assert sum("INSERT INTO answer" in one for one in seen) == 2


def test_nothing_comes_or_goes_after_the_reveal(assessment: int, cast: Cast) -> None:
    rating_id = keyed(assessment, sheet(), cast)
    seeding.reveal(assessment)
    with pytest.raises(RatingEnded):
        keyed(assessment, sheet("Paper form 2"), cast)
    with pytest.raises(RatingEnded):
        remove_sheet(rating_id=rating_id)


def test_a_removed_sheet_leaves_only_its_line_in_the_log(assessment: int, cast: Cast) -> None:
    rating_id = keyed(assessment, sheet(), cast)
    remove_sheet(rating_id=rating_id)
    db.session.commit()
    for table in (Rating, Answer, AnswerChange):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    line = db.session.scalars(select(AuditEvent).filter_by(action="rating.removed")).one()
    assert "Paper form 1" in (line.before or "")


def test_ratings_of_people_are_no_sheets(assessment: int, cast: Cast) -> None:
    rating_id = seeding.rate_all(assessment, cast.member)
    with pytest.raises(NotFound):
        bringing.remove_sheet(rating_id=rating_id)
