"""Paper forms: the blank one, keying one in, the list, removing, and a second entry."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import page as page_validation
import pypdf
import pytest
from flask import Flask
from sqlalchemy import select

from assess.models import Answer, AnswerChange, Rating
from assess.views import blank_forms
from core import pdf
from core.audit import AuditEvent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

Browser = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")
KEYS = [one.key for one in INSTRUMENT.milestones]
DAY = "2026-10-05"
MOST_STATEMENTS = 13
"""To store a whole form with its history and its line in the log, and to read two pages' viewer."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A lead before an open assessment."""

    app: Flask
    lead: CheckingClient
    assessment: int

    def path(self, page: str) -> str:
        return f"/assessments/{self.assessment}/paper{page}"

    def key_in(self, answers: str, **fields: Any) -> Any:
        """Send a form whose answers are one character an item."""
        typed = {f"a-{at}": key for at, key in enumerate(answers, 1)}
        rest = {"paper_on": DAY, "number": "1", "job_role": "Nurse"}
        return self.lead.send(self.path("/new"), typed | rest | fields)

    def stored(self, sheet: int) -> str:
        """The levels of a sheet, "." where none is."""
        with self.app.app_context():
            rows = db.session.scalars(select(Answer).filter_by(rating_id=sheet)).all()
            levels = {one.milestone: str(one.level or ".") for one in rows}
        return "".join(levels.get(key, ".") for key in KEYS)

    def sheet(self) -> int:
        with self.app.app_context():
            return db.session.scalars(select(Rating.id).order_by(Rating.id.desc())).first() or 0

    def events(self, action: str) -> list[AuditEvent]:
        with self.app.app_context():
            return list(db.session.scalars(select(AuditEvent).filter_by(action=action)))


@pytest.fixture
def desk(app: Flask, cast: Cast, signed_in: Browser) -> Desk:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q4")
    return Desk(app, signed_in(cast.lead), assessment)


FULL = "12341234123412341234123412"


def reader(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def words(content: bytes) -> str:
    return " ".join(" ".join(one.extract_text() for one in reader(content).pages).split())


# the sheet does not depend on the kind of database
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("slug", ["six_building_blocks", "six_building_blocks_maturity"])
def test_the_blank_form_is_an_accessible_pdf_of_four_pages(
    app: Flask, cast: Cast, signed_in: Browser, slug: str
) -> None:
    instrument = catalog.get(slug)
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q4", slug)
        code = seeding.make_join_link(assessment, secret=str(app.secret_key))
    lead = signed_in(cast.lead)
    answer = lead.get(f"/assessments/{assessment}/paper.pdf")
    assert answer.mimetype == "application/pdf"
    assert "Paper_form_Q4_2026_Alder_Clinic.pdf" in answer.headers["Content-Disposition"]
    assert len(reader(answer.data).pages) <= 4
    text = words(answer.data)
    for one in instrument.milestones:
        assert f"{one.number} {one.title}" in text
    for expected in (
        "Alder Clinic",
        "In doubt between two levels? Choose the lower.",
        "Never write about a patient.",
        f"{instrument.title} {instrument.version}",
        "Form number",
        "Page 1 of 4",
        "Behavioral health",
        "Or rate on your phone",
    ):
        assert expected in text
    assert page_validation.is_pdf_compliant_bytes(
        answer.data, profile=page_validation.ValidationProfile.PDF_UA_1
    )
    view = lead.get(f"/assessments/{assessment}/paper").text
    assert f"/j/{code}" in view
    assert view.index("css/sheet.css") < view.index("css/paper_form.css"), "the later one wins"


def test_without_a_join_link_the_form_has_no_code(desk: Desk) -> None:
    assert "<svg" not in desk.lead.get(desk.path("")).text


def test_without_pango_the_page_leads_to_the_print_view(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf._press.cache_clear()
    blank_forms._printed.cache_clear()
    answer = desk.lead.get(desk.path(".pdf"))
    assert answer.status_code == 503
    assert f'href="{desk.path("")}"' in answer.text


def test_a_form_is_keyed_in_and_the_next_one_waits(
    desk: Desk, cast: Cast, count_statements: CountStatements
) -> None:
    with count_statements() as seen:
        answer = desk.key_in(FULL[:13] + "n" + FULL[14:25] + "d", **{"note-2": "Minutes of May"})
    assert answer.status_code == 303
    assert len(seen) <= MOST_STATEMENTS
    with count_statements() as seen:
        page = desk.lead.get(answer.location).text
    assert len(seen) <= 6
    assert "Paper form 1 is stored" in page
    assert re.search(r'name="number"[^>]* value="2"', page)
    assert f'value="{DAY}"' in page, "a pile was mostly filled in on one day"
    assert desk.stored(desk.sheet()) == FULL[:13] + "." + FULL[14:25] + "."
    with desk.app.app_context():
        rating = db.session.get_one(Rating, desk.sheet())
        assert (rating.label, rating.job_role) == ("Paper form 1", "Nurse")
        assert (rating.paper_on, rating.keyed_by) == (date(2026, 10, 5), cast.lead)
        assert rating.submitted_at is not None


def test_the_same_form_sent_again_is_stored_once(desk: Desk) -> None:
    page = desk.lead.get(desk.path("/new")).text
    key = re.search(r'name="key"[^>]* value="(\w{32})"', page)
    assert key
    first = desk.key_in(FULL, key=key[1])
    again = desk.key_in(FULL, key=key[1])
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location, "whoever heard no answer the first time hears it now"
    assert key[1] not in first.location
    mark = re.search(r"form=(\w+)", first.location)
    assert mark
    assert f'data-mark="{mark[1]}"' in page
    assert f'data-done="{mark[1]}"' in desk.lead.get(first.location).text
    with desk.app.app_context():
        assert len(db.session.scalars(select(Rating)).all()) == 1
    for changed in (("4" + FULL[1:], key[1]), (FULL, "another-page-of-keying")):
        refused = desk.key_in(changed[0], key=changed[1])
        assert refused.status_code == 422
        assert "“Paper form 1” is here already" in refused.text


def test_a_mistake_names_its_item_and_all_that_was_typed_comes_back(desk: Desk) -> None:
    answer = desk.key_in("1234123n7" + FULL[9:], number="12-B", **{"note-3": "Session in May"})
    assert answer.status_code == 422
    text = answer.text
    assert text.count("Item 9: “7” is not 1-4 or D.") == 2, "in the summary and at the item"
    assert text.count("Item 8: it applies to every clinic. Enter 1-4 or D.") == 2
    assert 'href="#a-9"' in text
    typed = re.findall(r'name="a-\d+"[^>]* value="([^"]*)"', text)
    assert "".join(typed) == "1234123n7" + FULL[9:]
    assert 'value="12-B"' in text
    assert "Session in May</textarea>" in text
    assert 'value="Nurse" selected' in text or 'selected value="Nurse"' in text
    assert desk.sheet() == 0


def test_a_form_that_is_mostly_empty_is_asked_about_once(desk: Desk) -> None:
    asked = desk.key_in("1234123412")
    assert asked.status_code == 422
    assert "Only 10 of 26 items have an answer." in asked.text
    assert 'name="few_ok"' in asked.text
    assert desk.key_in("1234123412", few_ok="y").status_code == 303
    assert "few_ok" not in desk.lead.get(desk.path("/new")).text


def test_what_stands_beside_the_answers_is_checked_too(desk: Desk) -> None:
    desk.key_in(FULL)
    first = desk.sheet()
    for fields, message in (
        ({"number": "1"}, "“Paper form 1” is here already"),
        ({"number": "2", "paper_on": "2100-01-01"}, "is still to come"),
        ({"number": "2", "paper_on": "2026-08-31"}, "is too long before this assessment"),
        ({"number": ""}, "Fill this in."),
        ({"number": "1\0"}, "“Paper form 1” is here already"),
        ({"number": "2", "job_role": "Astronaut"}, "Choose one of the options shown."),
        ({"number": "2", "note-1": "MRN 1234567"}, "looks like a medical record number"),
    ):
        answer = desk.key_in(FULL, **fields)
        assert answer.status_code == 422, fields
        assert answer.text.count(message) == 2, fields
    assert desk.sheet() == first


def test_an_empty_form_is_refused(desk: Desk) -> None:
    answer = desk.key_in("")
    assert answer.status_code == 422
    assert "Nothing is answered yet" in answer.text


def test_the_list_tells_everything_but_the_answers(
    desk: Desk, cast: Cast, signed_in: Browser, count_statements: CountStatements
) -> None:
    desk.key_in("4" * 26, **{"note-1": "Secret of the form"})
    desk.key_in("1" * 26, number="2")
    with count_statements() as seen:
        page = desk.lead.get(desk.path("/entries")).text
    assert len(seen) <= 6
    assert page.index("Paper form 2") < page.index("Paper form 1")
    for told in ("Oct 5, 2026", "Nurse", "Lead"):
        assert told in page
    assert "Secret" not in page
    assert "26" not in re.sub(r'2026|csrf_token" value="[^"]*"', "", page), "no numbers of answers"
    assert signed_in(cast.member).get(desk.path("/entries")).status_code == 403


def test_a_form_is_removed_until_the_reveal(desk: Desk) -> None:
    desk.key_in(FULL)
    first = desk.sheet()
    answer = desk.lead.send(desk.path(f"/{first}/remove"))
    assert "The form is removed" in desk.lead.get(answer.location).text
    assert desk.sheet() == 0
    desk.key_in(FULL)
    with desk.app.app_context():
        seeding.reveal(desk.assessment)
    assert desk.lead.send(desk.path(f"/{desk.sheet()}/remove")).status_code == 409
    assert desk.key_in(FULL, number="2").status_code == 409
    for page in ("", ".pdf", "/new", f"/{desk.sheet()}/compare"):
        assert desk.lead.get(desk.path(page)).location.endswith("/paper/entries")
    listed = desk.lead.get(desk.path("/entries")).text
    assert "The ratings were revealed to the team" in listed
    assert "Remove" not in listed.replace("removed", "")


def again(desk: Desk, answers: str, page: str = "/compare", **fields: str) -> Any:
    typed = {f"a-{at}": key for at, key in enumerate(answers, 1)}
    return desk.lead.send(desk.path(f"/{desk.sheet()}{page}"), typed | fields)


def test_equal_entries_are_marked_as_compared(desk: Desk, cast: Cast) -> None:
    desk.key_in(FULL)
    blind = desk.lead.get(desk.path(f"/{desk.sheet()}/compare")).text
    assert "You keyed in this form yourself" in blind
    assert set(re.findall(r'name="a-\d+"[^>]* value="([^"]*)"', blind)) == {""}
    answer = again(desk, FULL)
    assert answer.status_code == 303
    assert "Both entries were the same" in desk.lead.get(answer.location).text
    with desk.app.app_context():
        rating = db.session.get_one(Rating, desk.sheet())
        assert (rating.differences, rating.compared_by) == (0, cast.lead)
    assert again(desk, FULL).status_code == 409, "a sheet is compared once"


def test_differing_items_are_shown_settled_and_kept_as_history(desk: Desk, cast: Cast) -> None:
    desk.key_in("3" * 26)
    second = "34" + "3" * 22 + "d2"
    shown = again(desk, second)
    assert shown.status_code == 200
    assert "3 items differ" in shown.text
    assert re.findall(r'id="choose-(\d+)"', shown.text) == ["2", "25", "26"]
    assert "Second entry: Don’t know" in shown.text
    assert desk.stored(desk.sheet()) == "3" * 26, "nothing is stored before the choice"

    assert "First entry:" not in shown.text
    unfinished = again(
        desk, second, "/compare/settle", **{"choose-2": "other", "choose-25": "second"}
    )
    assert unfinished.status_code == 422
    assert unfinished.text.count("Item 2: enter what the form says.") == 2
    assert unfinished.text.count("Item 26: choose which answer is on the form.") == 2
    chosen = {"choose-2": "other", "other-2": "1", "choose-26": "second"}
    chosen |= {"choose-25": "other", "other-25": "3"}
    assert again(desk, second, "/compare/settle", **chosen).status_code == 303

    assert desk.stored(desk.sheet()) == "31" + "3" * 23 + "2"
    with desk.app.app_context():
        rating = db.session.get_one(Rating, desk.sheet())
        assert rating.differences == 3
        changed = db.session.scalars(select(AnswerChange).filter_by(revision=2)).all()
        assert {(one.milestone, one.old_level, one.new_level) for one in changed} == {
            (KEYS[1], 3, 1),
            (KEYS[25], 3, 2),
        }
        assert {one.person_id for one in changed} == {cast.lead}
    assert "3 differences settled" in desk.lead.get(desk.path("/entries")).text
    for action in ("rating.differences_shown", "rating.compared"):
        assert desk.events(action)
        assert KEYS[1] not in (desk.events(action)[0].after or "")


def test_an_entry_of_another_form_lays_nothing_open(desk: Desk) -> None:
    desk.key_in("3" * 26)
    answer = again(desk, "4" * 26)
    assert answer.status_code == 422
    assert "Too many answers differ from the first entry" in answer.text
    fewer = again(desk, "3" * 12 + "4" * 14)
    assert "of 26" not in answer.text + fewer.text, "a count would let the answers be guessed"
    assert len(desk.events("rating.second_entry_refused")) == 2


@pytest.mark.parametrize("page", ["/compare", "/compare/settle"])
def test_a_first_entry_cannot_be_guessed_by_many_second_ones(desk: Desk, page: str) -> None:
    desk.key_in("3" * 26)
    tries = [again(desk, "3" * at + "4" * (26 - at), page).status_code for at in (25, 24, 23, 22)]
    assert 409 not in tries[:-1]
    assert tries[-1] == 409
    assert again(desk, "3" * 26, page).status_code == 409, "not even the right one"
    assert again(desk, "3" * 25 + "4").status_code == 200, "the same entry again is no new try"


def test_what_came_from_a_file_is_not_entered_twice(desk: Desk) -> None:
    desk.key_in("3" * 26)
    with desk.app.app_context():
        db.session.get_one(Rating, desk.sheet()).source = "import"
        db.session.commit()
    assert desk.lead.get(desk.path(f"/{desk.sheet()}/compare")).status_code == 302
    assert again(desk, "3" * 26).status_code == 409


def test_ratings_of_people_and_of_other_assessments_cannot_be_compared_or_removed(
    desk: Desk, cast: Cast
) -> None:
    with desk.app.app_context():
        person = seeding.rate_all(desk.assessment, cast.member)
        other = seeding.open_assessment(cast.clinic, "2026Q3")
    desk.key_in(FULL)
    elsewhere = f"/assessments/{other}/paper/{desk.sheet()}"
    for path in (desk.path(f"/{person}"), elsewhere):
        assert desk.lead.get(f"{path}/compare").status_code == 404
        for page in ("compare", "compare/settle", "remove"):
            assert desk.lead.send(f"{path}/{page}", {"a-1": "3"}).status_code == 404


def test_a_scale_to_twelve_is_keyed_in(app: Flask, cast: Cast, signed_in: Browser) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q4", "six_building_blocks_maturity")
    typed = {f"a-{at}": str(at % 12 + 1) for at in range(1, 20)}
    answer = signed_in(cast.coach).send(
        f"/assessments/{assessment}/paper/new",
        typed | {"paper_on": DAY, "number": "1", "job_role": "", "then": "list"},
    )
    assert answer.location.endswith("/paper/entries?stored=1")
    with app.app_context():
        levels = db.session.scalars(select(Answer.level)).all()
        assert sorted(level for level in levels if level) == sorted(
            at % 12 + 1 for at in range(1, 20)
        )


def test_a_wrong_key_is_corrected_blindly_and_with_a_trace(
    desk: Desk, cast: Cast, count_statements: CountStatements
) -> None:
    desk.key_in(FULL)
    path = desk.path(f"/{desk.sheet()}/correct")
    before = desk.lead.get(path).text
    with count_statements() as changed:
        answer = desk.lead.send(path, {"item": "14", "says": "n"})
    assert len(changed) <= 22
    after = desk.lead.get(answer.location).text
    assert "Item 14 of Paper form 1 is corrected" in after
    with count_statements() as same:
        assert desk.lead.send(path, {"item": "2", "says": "2"}).status_code == 303
    assert len(same) == len(changed), "an answer that stands there already is not told apart"
    assert desk.lead.send(path, {"item": "26", "is_empty": "y"}).status_code == 303
    assert desk.stored(desk.sheet()) == FULL[:13] + "." + FULL[14:25] + "."
    assert 'selected value="14"' not in before + after
    with desk.app.app_context():
        changes = db.session.scalars(select(AnswerChange).filter_by(revision=2)).all()
        assert [(one.milestone, one.old_level, one.new_state) for one in changes] == [
            (KEYS[13], 2, "not_applicable"),
            (KEYS[1], 2, "level"),
            (KEYS[25], 2, "unanswered"),
        ]
        assert {one.person_id for one in changes} == {cast.lead}
    assert desk.events("rating.corrected")[0].after == '{"item": 14, "label": "Paper form 1"}'
    often = desk.lead.send(path, {"item": "3", "says": "3"})
    assert often.status_code == 409, "else most of a form could be set, and the rest asked for"
    assert "was corrected 3 times" in often.text


def test_a_correction_without_sense_is_refused(desk: Desk) -> None:
    desk.key_in(FULL)
    for fields, message in (
        ({"item": "9", "says": "7"}, "Item 9: “7” is not 1-4 or D."),
        ({"item": "9", "says": "n"}, "Item 9: it applies to every clinic."),
        ({"item": "", "says": "2"}, "Choose the item that was keyed in wrong."),
        ({"item": "27", "says": "2"}, "Choose one of the options shown."),
        ({"item": "9"}, "Enter what the form says."),
        ({"item": "9", "says": "2", "is_empty": "y"}, "only one of them can be right."),
    ):
        answer = desk.lead.send(desk.path(f"/{desk.sheet()}/correct"), fields)
        assert answer.status_code == 422, fields
        assert answer.text.count(message) == 2, fields
    assert desk.stored(desk.sheet()) == FULL


def test_what_cannot_be_corrected_stays(desk: Desk, cast: Cast) -> None:
    desk.key_in("3", few_ok="y")
    path = desk.path(f"/{desk.sheet()}/correct")
    empty = desk.lead.send(path, {"item": "1", "is_empty": "y"})
    assert (empty.status_code, desk.stored(desk.sheet())[0]) == (409, "3")
    with desk.app.app_context():
        person = seeding.rate_all(desk.assessment, cast.member)
        other = seeding.open_assessment(cast.clinic, "2026Q3")
    said = {"item": "1", "says": "2"}
    assert desk.lead.send(desk.path(f"/{person}/correct"), said).status_code == 404
    elsewhere = f"/assessments/{other}/paper/{desk.sheet()}/correct"
    assert desk.lead.send(elsewhere, said).status_code == 404
    with desk.app.app_context():
        seeding.reveal(desk.assessment)
    assert desk.lead.send(path, said).status_code == 409
    assert desk.lead.get(path).location.endswith("/paper/entries")
