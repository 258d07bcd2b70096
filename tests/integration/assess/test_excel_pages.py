"""Rating in Excel: the download, the preview that stores nothing, and bringing in all or none."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from assess.answers import AnswerState
from assess.brought_in.bringing import remove_sheet
from assess.excel import layout
from assess.models import Answer, AnswerChange, Rating
from core.audit import AuditEvent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

Browser = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")
ROWS = list(layout.item_rows(INSTRUMENT))
FULL = {"D5": "Nurse", "D6": date(2026, 10, 5), **{f"D{row}": 3 for row in ROWS}}


@dataclass(frozen=True, slots=True)
class Desk:
    """A lead before an open assessment, and the template they have downloaded."""

    app: Flask
    lead: CheckingClient
    assessment: int
    blank: bytes

    @property
    def path(self) -> str:
        return f"/assessments/{self.assessment}/excel"

    def filled(self, cells: dict[str, Any]) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(self.blank))
        for name, content in cells.items():
            book[layout.ASSESSMENT][name] = content
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    def upload(self, *contents: bytes, names: tuple[str, ...] = ("rating.xlsx",)) -> Any:
        files = [(io.BytesIO(one), name) for one, name in zip(contents, names, strict=True)]
        return self.lead.send(self.path, {"files": files}, content_type="multipart/form-data")

    def bring_in(self, preview: Any, browser: CheckingClient | None = None) -> Any:
        found = re.search(r'name="sealed" value="([^"]*)"', preview.text)
        assert found, preview.text
        return (browser or self.lead).send(f"{self.path}/bring-in", {"sealed": found[1]})

    def count(self, table: type) -> int:
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(table)) or 0

    def labels(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(select(Rating.label).order_by(Rating.id)))


@pytest.fixture
def desk(app: Flask, cast: Cast, signed_in: Browser) -> Desk:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q4")
    lead = signed_in(cast.lead)
    answer = lead.get(f"/assessments/{assessment}/excel/template.xlsx")
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert 'attachment; filename="Rating_Alder_Clinic_Q4_2026.xlsx"' in str(answer.headers)
    return Desk(app, lead, assessment, answer.data)


def test_two_raters_come_in_as_finished_ratings(desk: Desk, cast: Cast) -> None:
    preview = desk.upload(desk.filled(FULL | {"G9": "D", "G10": 4}))
    assert preview.status_code == 200
    for told in ("Rater 1 of rating.xlsx", "26 of 26", "Oct 5, 2026", "Nurse", "2 of 26"):
        assert told in preview.text
    assert "Bring in 2 ratings" in preview.text
    assert desk.count(Rating) == 0, "nothing is stored before"

    answer = desk.bring_in(preview)
    assert answer.status_code == 303
    assert "2 ratings are brought in" in desk.lead.get(answer.location).text
    with desk.app.app_context():
        first, second = db.session.scalars(select(Rating).order_by(Rating.id))
        assert (first.source, first.label) == ("import", "Rater 1 of rating.xlsx")
        assert (first.job_role, first.paper_on) == ("Nurse", date(2026, 10, 5))
        assert (second.job_role, second.paper_on) == (None, None)
        assert {first.keyed_by, second.keyed_by} == {cast.lead}
        assert first.submitted_at is not None
        said = db.session.scalars(select(Answer).filter_by(rating_id=second.id)).all()
        assert {(one.state, one.level) for one in said} == {
            (AnswerState.DONT_KNOW, None),
            (AnswerState.LEVEL, 4),
        }
        line = db.session.scalars(select(AuditEvent).filter_by(action="rating.brought_in")).one()
        assert INSTRUMENT.milestones[0].key not in (line.after or "")
    listed = desk.lead.get(f"/assessments/{desk.assessment}/paper/entries").text
    assert "Rater 4 of rating.xlsx" in listed


def test_wrong_cells_are_named_and_nothing_is_stored(desk: Desk) -> None:
    wrong = FULL | {"G9": "three", "G10": "<b>", "D6": date(2100, 1, 1), "E9": 2, "E5": "Boss"}
    answer = desk.upload(desk.filled(wrong))
    assert answer.status_code == 422
    assert "Nothing was brought in: 3 problems" in answer.text
    assert "<strong>Assessment!G9:</strong> “three” is not 1-4 or D." in answer.text
    assert "<strong>Assessment!E5:</strong> “Boss” is not a job role" in answer.text
    assert "&lt;b&gt;" in answer.text

    late = desk.upload(desk.filled(FULL | {"D6": date(2026, 8, 31)}))
    assert "<strong>Assessment!D6:</strong> Aug 31, 2026 is too long before" in late.text
    many = {f"E{row}": "x" for row in ROWS} | {f"F{row}": 9 for row in ROWS}
    answer = desk.upload(desk.filled(many))
    assert "Nothing was brought in: 52 problems" in answer.text
    assert "Here are the first 50." in answer.text
    assert answer.text.count("<strong>Assessment!") == 50
    assert desk.count(Rating) == 0


def test_several_files_come_together_and_the_same_one_never_twice(desk: Desk) -> None:
    one, other = desk.filled(FULL), desk.filled({"E9": 2})
    names = ("ana.xlsx", "ben.xlsx")
    broken = desk.upload(one, desk.filled({"E9": 7}), names=names)
    assert "ben.xlsx, <strong>Assessment!E9:" not in broken.text, "one file needs no name"
    preview = desk.upload(one, other, one, names=(*names, "ana (1).xlsx"))
    assert "1 rater stands here already" in preview.text
    assert "Rater 1 of ana (1).xlsx, brought in as Rater 1 of ana.xlsx" in preview.text
    assert desk.bring_in(preview).status_code == 303
    twice = desk.bring_in(preview)
    assert twice.status_code == 409
    assert "was brought in before, as “Rater 1 of ana.xlsx”" in twice.text

    again = desk.upload(one, names=("renamed.xlsx",))
    assert "Everything was brought in before" in again.text
    changed = desk.upload(desk.filled(FULL | {"D9": 1}), names=("ana.xlsx",))
    assert changed.status_code == 422
    assert "“Rater 1 of ana.xlsx” is here already, with other answers" in changed.text
    renamed = desk.upload(desk.filled(FULL | {"D9": 1}), names=("later.xlsx",))
    assert "came before as Rater 1 of ana.xlsx, with other content" in renamed.text
    assert desk.labels() == ["Rater 1 of ana.xlsx", "Rater 2 of ben.xlsx"]

    with desk.app.app_context():
        remove_sheet(rating_id=db.session.scalars(select(Rating.id).order_by(Rating.id)).first())
        db.session.commit()
    assert "Bring in 1 rating" in desk.upload(one, names=("ana.xlsx",)).text


def test_the_preview_is_sealed_for_its_person_and_assessment(
    desk: Desk, cast: Cast, signed_in: Browser
) -> None:
    preview = desk.upload(desk.filled(FULL))
    with desk.app.app_context():
        other = seeding.open_assessment(cast.clinic, "2026Q3")
    sealed = re.search(r'name="sealed" value="([^"]*)"', preview.text)
    assert sealed
    assert desk.bring_in(preview, signed_in(cast.coach)).status_code == 409
    for path, text in (
        (f"/assessments/{other}/excel/bring-in", sealed[1]),
        (f"{desk.path}/bring-in", f"{sealed[1][:-9]}AAAAAAAA="),
        (f"{desk.path}/bring-in", ""),
    ):
        answer = desk.lead.send(path, {"sealed": text})
        assert answer.status_code == 409
        assert "Choose the file once more." in answer.text
    assert signed_in(cast.member).get(desk.path).status_code == 403
    assert desk.count(Rating) == 0


def test_nothing_comes_in_after_the_reveal(desk: Desk, cast: Cast) -> None:
    preview = desk.upload(desk.filled(FULL))
    with desk.app.app_context():
        seeding.rate_all(desk.assessment, cast.member)
        seeding.reveal(desk.assessment)
    assert desk.bring_in(preview).status_code == 409
    assert desk.upload(desk.filled(FULL)).status_code == 409
    assert "no rating can be brought in any more" in desk.lead.get(desk.path).text
    assert desk.lead.get(f"{desk.path}/template.xlsx").location.endswith("/excel")
    assert desk.count(Rating) == 1


def test_what_is_no_workbook_is_refused_politely(desk: Desk) -> None:
    for content in (b"", b"PK\x03\x04" + bytes(200), b"x" * 1000, desk.blank):
        answer = desk.upload(content)
        assert answer.status_code == 422
        assert "<title>Error:" in answer.text
    nothing = desk.lead.send(desk.path, {}, content_type="multipart/form-data")
    assert nothing.status_code == 422
    assert nothing.text.count("Choose the Excel file that was filled in.") == 2
    assert desk.upload(desk.filled(FULL), names=("MRN 1234567.xlsx",)).status_code == 422


def test_statements_do_not_grow_with_the_raters(
    desk: Desk, count_statements: CountStatements
) -> None:
    counts = []
    for at, raters in enumerate((2, 30)):
        cells = {
            f"{layout.column_name(layout.FIRST_RATER + place)}{row}": (row + place + at) % 4 + 1
            for place in range(raters)
            for row in ROWS
        }
        content = desk.filled(cells)
        with count_statements() as previewed:
            preview = desk.upload(content, names=(f"{at}.xlsx",))
        with count_statements() as stored:
            assert desk.bring_in(preview).status_code == 303
        counts.append((len(previewed), len(stored)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 8
    assert counts[0][1] <= 16
    assert desk.count(AnswerChange) == 32 * 26
