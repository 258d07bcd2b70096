"""The workbook that is written and the one that comes back: every cell is read, or named."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess.answers import DONT_KNOW, NOT_APPLICABLE, AnswerValue
from assess.excel import layout, parts
from assess.excel.files import FilledFile, file_name
from assess.excel.layout import LAST_RATER, Subject, cell_name, item_rows
from assess.excel.reading import read_file
from assess.excel.remarks import remarks_on
from assess.excel.writing import write_template
from questionnaires import catalog

SUBJECT = Subject(12, 3, "Alder Clinic", "Q4 2026", catalog.get("six_building_blocks"))
RUBRIC = Subject(13, 3, "Alder Clinic", "Q4 2026", catalog.get("six_building_blocks_maturity"))
KEYS = [one.key for one in SUBJECT.instrument.milestones]
Fill = Callable[[Any], None]


def template(subject: Subject = SUBJECT, copy: str = "a1b2c3d4e5f6") -> bytes:
    return write_template(
        subject,
        copy=copy,
        made=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        address="https://example.org/excel",
    )


BLANK = template()


def filled(
    cells: dict[str, Any] | None = None, fill: Fill | None = None, blank: bytes = BLANK
) -> bytes:
    """The template after somebody wrote into cells of the sheet Assessment."""
    book = openpyxl.load_workbook(io.BytesIO(blank))
    for name, content in (cells or {}).items():
        book[layout.ASSESSMENT][name] = content
    if fill:
        fill(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(content: bytes, subject: Subject = SUBJECT) -> FilledFile:
    return read_file(content, name="rating.xlsx", subject=subject)


def problem(cells: dict[str, Any] | None = None, fill: Fill | None = None) -> str:
    (found,) = read(filled(cells, fill)).problems
    return str(found)


@pytest.mark.parametrize("subject", [SUBJECT, RUBRIC])
def test_the_template_names_everything_and_lets_only_answers_be_changed(subject: Subject) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(subject)))
    sheet = book[layout.ASSESSMENT]
    assert book.sheetnames == ["Assessment", "Levels", "About"]
    assert all(book[name].protection.sheet for name in book.sheetnames)
    assert "In doubt between two levels? Choose the lower." in str(sheet["B2"].value)
    assert sheet.freeze_panes == "C5"
    items = item_rows(subject.instrument)
    open_cells = {
        (cell.row, cell.column)
        for row in sheet.iter_rows()
        for cell in row
        if not cell.protection.locked
    }
    raters = range(layout.FIRST_RATER, LAST_RATER + 1)
    rows = {layout.JOB, layout.DATE, *items}
    assert open_cells == {(row, column) for row in rows for column in raters}
    offered = {str(one.sqref): str(one.formula1) for one in sheet.data_validations.dataValidation}
    for row, milestone in items.items():
        assert sheet.cell(row, 1).value == milestone.number
        assert sheet.cell(row, 2).value == milestone.title
        keys = ",".join(layout.keys(milestone))
        assert offered[f"D{row}:AG{row}"] == f'"{keys}"'
        assert ("N" in keys) is milestone.na_allowed
    levels = {str(cell.value) for row in book[layout.LEVELS].iter_rows() for cell in row}
    for milestone in subject.instrument.milestones:
        assert set(milestone.levels.values()) <= levels


def test_an_empty_template_says_so() -> None:
    assert "No rater has an answer" in str(read(BLANK).problems[0])
    only_job = read(filled({"D5": "Nurse", "E9": 2}))
    assert (only_job.problems, only_job.left_out) == ((), ("Rater 1",))


UNDERSTOOD: tuple[tuple[Any, AnswerValue | None], ...] = (
    (3, AnswerValue.level(3)),
    (3.0, AnswerValue.level(3)),
    ("3", AnswerValue.level(3)),
    (" 3 ", AnswerValue.level(3)),
    ("\u00a04\u00a0", AnswerValue.level(4)),
    ("3.0", AnswerValue.level(3)),
    ("'3", AnswerValue.level(3)),
    ("４", AnswerValue.level(4)),
    ("Level 2", AnswerValue.level(2)),
    ("3 - Partly in place", AnswerValue.level(3)),
    ("consistently in place", AnswerValue.level(4)),
    ("d", DONT_KNOW),
    ("DK", DONT_KNOW),
    ("Don't know", DONT_KNOW),
    ("N", NOT_APPLICABLE),
    ("n/a", NOT_APPLICABLE),
    ("N.A.", NOT_APPLICABLE),
    ("Doesn’t apply to us", NOT_APPLICABLE),
    ("  ", None),
    (None, None),
)


def test_what_people_type_is_understood() -> None:
    row = SUBJECT.row_of(KEYS[13])  # the first item to which N applies
    raters = [layout.column_name(layout.FIRST_RATER + at) for at in range(len(UNDERSTOOD))]
    cells = {f"{name}9": 1 for name in raters}
    cells |= {f"{name}{row}": typed for name, (typed, _) in zip(raters, UNDERSTOOD, strict=True)}
    found = read(filled(cells))
    assert found.problems == ()
    answers = [(one.rater, one.answers.get(KEYS[13])) for one in found.columns]
    assert answers == [(f"Rater {at}", answer) for at, (_, answer) in enumerate(UNDERSTOOD, 1)]


REFUSED: tuple[tuple[Any, str], ...] = (
    ("three", "“three” is not 1-4 or D."),
    (7, "“7” is not 1-4 or D."),
    (0, "“0” is not 1-4 or D."),
    (-1, "“-1” is not 1-4 or D."),
    (2.5, "“2.5” is not 1-4 or D."),
    (1e300, "is not 1-4 or D."),
    (True, "“TRUE” is not 1-4 or D."),
    ("n", "it applies to every clinic. Enter 1-4 or D."),
    ("N/A", "“N/A” is not offered here, it applies to every clinic. Enter 1-4 or D."),
    ("3-4", "“3-4” is not 1-4 or D."),
    ("3/4", "“3/4” is not 1-4 or D."),
    ("2 Partly in place", "“2 Partly in place” is not 1-4 or D."),
    ("3 not sure", "“3 not sure” is not 1-4 or D."),
    ("?", "“?” is not 1-4 or D."),
    ("=1+2", "A formula stands here. Enter 1-4 or D itself."),
    ("#REF!", "“#REF!” is not 1-4 or D."),
    (date(2026, 3, 4), "Excel made a date of what was typed. Enter 1-4 or D."),
    (timedelta(hours=3), "Excel made a date of what was typed."),
    ("x" * 3000, f"“{'x' * 39}…” is not 1-4 or D."),
    ("3\n\u202e\u00004".replace("\u0000", ""), "is not 1-4 or D."),
)


def test_what_means_nothing_is_named_by_its_cell() -> None:
    raters = [layout.column_name(layout.FIRST_RATER + at) for at in range(len(REFUSED))]
    cells = {f"{name}9": typed for name, (typed, _) in zip(raters, REFUSED, strict=True)}
    found = {one.cell: one.message for one in read(filled(cells)).problems}
    assert len(found) == len(REFUSED)
    for name, (_, said) in zip(raters, REFUSED, strict=True):
        assert said in found[f"Assessment!{name}9"]


def test_jobs_and_days_are_read_and_checked() -> None:
    good = {"D9": 2, "D5": " front  DESK ", "D6": date(2026, 10, 5), "E9": 2, "E6": "10/5/2026"}
    first, second = read(filled(good | {"F9": 1, "F6": 46300})).columns[:2]
    assert (first.job_role, first.day) == ("Front desk", date(2026, 10, 5))
    assert second.day == date(2026, 10, 5)
    assert read(filled({"D9": 2, "D6": 46300})).columns[0].day == date(2026, 10, 5)
    assert problem({"D9": 2, "D5": "Astronaut"}).startswith(
        "Assessment!D5: “Astronaut” is not a job role"
    )
    assert problem({"D9": 2, "D6": "yesterday"}).startswith(
        "Assessment!D6: “yesterday” is not a day"
    )


def test_what_would_be_lost_without_a_word_is_named() -> None:
    after_the_last = layout.column_name(LAST_RATER + 1)
    assert "Only 30 raters fit" in problem({f"{after_the_last}9": 3, "D9": 1})
    assert "No milestone stands in this row" in problem({"D12": 3, "D9": 1})
    merged = problem({"D9": 3}, lambda book: book["Assessment"].merge_cells("D9:F9"))
    assert merged.startswith("Assessment!D9:F9: these cells are merged.")
    moved = problem({"D9": 3}, lambda book: book["Assessment"].insert_rows(11))
    assert moved.startswith("Assessment!A11: item 3 is not in its row.")
    assert "not made here" in problem({"D9": 3}, lambda book: book.remove(book["About"]))


def test_columns_that_moved_would_give_answers_to_others_and_are_refused() -> None:
    full = {"D9": 3, "E9": 2}
    for column in (3, 4):
        gone = problem(full, lambda book, at=column: book["Assessment"].delete_cols(at))
        assert f"Assessment!{layout.column_name(column)}4: Rater " in gone
        assert "is not in its column. A column was added, removed or moved." in gone
    assert "Rater 1 is not in its column" in problem(
        full, lambda book: book["Assessment"].insert_cols(4)
    )


def test_a_sheet_with_another_name_is_asked_for_by_its_own() -> None:
    def call(name: str) -> Fill:
        return lambda book: setattr(book["Assessment"], "title", name)

    assert problem({"D9": 3}, call("Ratings")).startswith(
        "No sheet of this file is called “Assessment”."
    )
    for name in ("ASSESSMENT ", "Assessment - Table 1"):
        assert read(filled({"D9": 3}, call(name))).columns[0].answered == 1


def test_a_copy_of_the_sheet_for_another_rater_is_not_passed_over() -> None:
    def give_a_copy(book: Any) -> None:
        book.copy_worksheet(book["Assessment"]).title = "Ana"
        book.create_sheet("Notes", 0)["D4"] = "of the team"

    found = problem({"D9": 3}, give_a_copy)
    assert found.startswith("“Ana” is a copy of the sheet “Assessment”. Give each rater a column")


def test_a_file_of_something_else_is_refused_by_name() -> None:
    other = Subject(99, 4, "Birch Clinic", "Q3 2026", SUBJECT.instrument)
    (found,) = read(filled({"D9": 3}, blank=template(other))).problems
    assert str(found) == (
        "This file is for Birch Clinic, Q3 2026. "
        "Bring it in there, or choose a file for Alder Clinic, Q4 2026."
    )
    newer = Subject(12, 3, "Alder Clinic", "Q4 2026", RUBRIC.instrument)
    (found,) = read(filled({"D9": 3}, blank=template(newer))).problems
    assert "This file is not for Six Building Blocks self-assessment" in str(found)


def test_every_item_of_a_scale_to_twelve_comes_through() -> None:
    rows = item_rows(RUBRIC.instrument)
    said = {row: at % 12 + 1 for at, row in enumerate(rows)}
    cells = {f"AG{row}": value for row, value in said.items()}
    (column,) = read(filled(cells, blank=template(RUBRIC)), RUBRIC).columns
    assert column.rater == "Rater 30"
    assert [column.answers[one.key].value for one in rows.values()] == list(said.values())


def test_origins_tell_content_and_place_apart() -> None:
    first, second = read(filled({"D9": 3, "E9": 3})).columns
    again = read(filled({"D9": "3"})).columns[0]
    changed = read(filled({"D9": 2})).columns[0]
    other_copy = read(filled({"D9": 3}, blank=template(copy="0f0f0f0f0f0f"))).columns[0]
    assert first.origin == again.origin
    assert len({one.origin for one in (first, second, changed, other_copy)}) == 4
    assert len(first.origin) <= 64


def test_remarks_are_hints_only() -> None:
    rows = list(item_rows(SUBJECT.instrument))
    cells = {f"{name}{row}": 4 for name in "DE" for row in rows} | {"F9": 1}
    columns = read(filled(cells)).columns
    before = {f"{columns[2].place}x": "Rater 3 of old.xlsx"}
    first, second, third = remarks_on(columns, subject=SUBJECT, before=before)
    assert first == ("The highest level everywhere.",)
    assert second == (
        "The same answers as Rater 1 of rating.xlsx.",
        "The highest level everywhere.",
    )
    assert third[0] == "Only 1 of 26 items have an answer."
    assert "came before as Rater 3 of old.xlsx, with other content" in third[1]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (r"C:\Users\ana\rating.xlsx", "rating.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("a\nb\u202e.xlsx", "a b .xlsx"),
        ("", "file.xlsx"),
    ],
)
def test_names_of_files_are_one_short_line(given: str, shown: str) -> None:
    assert file_name(given) == shown
    assert len(f"Rater 30 of {file_name('x' * 300)}") <= 80


def rebuilt(changes: dict[str, bytes], content: bytes | None = None) -> bytes:
    """The workbook with some of its parts replaced or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content or filled({"D9": 3}))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changes.get(name, old.read(name)))
        for name in changes.keys() - set(old.namelist()):
            new.writestr(name, changes[name])
    return target.getvalue()


SHEET, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 10) for at in range(9))
    + b"]><worksheet>&j;</worksheet>"
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"PK\x03\x04" + bytes(100),
        b"\xd0\xcf\x11\xe0" + bytes(100),
        b"%PDF-1.7",
        b"x" * (parts.MAX_BYTES + 1),
        BLANK[: len(BLANK) // 2],
        BLANK[:-30],
        rebuilt({"xl/vbaProject.bin": b"x"}),
        rebuilt({SHEET: LAUGHS}),
        rebuilt({SHEET: LAUGHS.decode().encode("utf-16")}),
        rebuilt({SHEET: b'<?xml version="1.0" encoding="cp037"?>' + bytes(20)}),
        rebuilt({SHEET: b"<worksheet>"}),
        rebuilt({SHEET: b"<a>" * 50_000}),
        rebuilt({SHEET: b"<a>" * 50_000 + b"</a>" * 50_000}),
        rebuilt({BOOK: b"<a>" * 50_000 + b"</a>" * 50_000}),
        rebuilt({SHEET: b" " * (parts.MAX_UNPACKED + 1)}),
        rebuilt({SHEET: b"<c/>" * (parts.MAX_ELEMENTS + 1)}),
        rebuilt({STYLES: b" " * (parts.MAX_OTHER_PART + 1)}),
        rebuilt(
            {STYLES: b'<styleSheet><numFmt formatCode="' + b"[" * 500_000 + b'"/></styleSheet>'}
        ),
        rebuilt({BOOK: b"<workbook/>"}),
        rebuilt({f"xl/{at}.xml": b"<a/>" for at in range(parts.MAX_PARTS)}),
    ],
    # the bytes differ from run to run, and workers must agree on the names of the tests
    ids=[str(number) for number in range(1, 23)],
)
def test_hostile_and_broken_files_are_refused(content: bytes) -> None:
    found = read(content)
    assert found.columns == ()
    assert len(found.problems) == 1
    assert found.problems[0].message.endswith(".")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("mimetype", "content.xml"), "This is an OpenDocument file (.ods)."),
        (("Index/Document.iwa",), "In Numbers, choose File, Export To, Excel"),
        (("xl/workbook.bin",), "(.xlsb). Save it in Excel as"),
        (("word/document.xml",), "This is not an Excel workbook."),
    ],
)
def test_files_of_other_programs_are_called_by_name(names: tuple[str, ...], said: str) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    (found,) = read(target.getvalue()).problems
    assert said in found.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_name_of_a_part_hides_no_document_type(encoding: str) -> None:
    parts.check_workbook(rebuilt({"xl/printerSettings1.bin": bytes(20)}))
    hidden = LAUGHS.decode().encode(encoding)
    with pytest.raises(parts.CannotUse, match="damaged"):
        parts.check_workbook(rebuilt({"xl/worksheets/sheet1.bin": hidden}))


def test_one_part_is_not_opened_as_thousands_of_sheets() -> None:
    book = zipfile.ZipFile(io.BytesIO(filled({"D9": 3}))).read(BOOK)
    one = re.search(rb'<sheet [^>]*name="Assessment"[^>]*/>', book)
    assert one
    many = b"".join(one[0].replace(b"Assessment", b"S%d" % at) for at in range(parts.MAX_SHEETS))
    (found,) = read(rebuilt({BOOK: book.replace(one[0], one[0] + many)})).problems
    assert "holds far more than the template" in found.message


def test_a_cell_far_away_costs_nothing() -> None:
    sheet = zipfile.ZipFile(io.BytesIO(filled({"D9": 3}))).read(SHEET)
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert read(rebuilt({SHEET: sheet.replace(b"</sheetData>", far)})).columns[0].answered == 1


BAD_CELLS = st.one_of(
    st.none(),
    st.integers(-5, 20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates(date(1900, 3, 1), date(9999, 1, 1)),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40),
    st.sampled_from(["=1+", "=HYPERLINK(1)", "#N/A", " 3 ", "3.0", "N", "d", "４"]),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 45), st.integers(1, 40)), BAD_CELLS, min_size=1, max_size=40
    )
)
def test_whatever_stands_in_cells_is_read_or_named(cells: dict[tuple[int, int], Any]) -> None:
    names = {cell_name(*place).partition("!")[2]: content for place, content in cells.items()}
    found = read(filled(names))
    assert found.columns or found.problems
    for one in found.columns:
        assert all(value.answered for value in one.answers.values())


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(BLANK) - 1), st.integers(0, 255)), max_size=60),
    st.integers(0, len(BLANK)),
    st.binary(max_size=60),
)
def test_no_bytes_make_it_fail(changes: list[tuple[int, int]], end: int, tail: bytes) -> None:
    content = bytearray(BLANK)
    for place, value in changes:
        content[place] = value
    for one in (bytes(content), bytes(content[:end]) + tail, tail, BLANK[:4] + tail):
        found = read(one)
        assert found.columns or found.problems
