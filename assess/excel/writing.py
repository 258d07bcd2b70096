"""Writes the workbook that a clinic's raters fill in; XlsxWriter has its home here.

The sheets are protected without a password: against slips, not against people. Only the cells for
answers, job roles and dates can be changed, and their drop-downs offer what Blockwise takes.
"""

from __future__ import annotations

import io
import textwrap
from datetime import date, datetime
from typing import TYPE_CHECKING

from accounts.job_roles import JOB_ROLES
from assess.excel import layout
from assess.excel.layout import FIRST_ITEM, FIRST_RATER, LAST_RATER, Subject
from assess.excel.look import Look
from assess.paper.reading import choices
from core.days import day
from questionnaires.instrument import Milestone

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LOWER = "In doubt between two levels? Choose the lower."
HOW = (
    "One column is one rater. Choose from the list in each cell, or type. "
    "Leave empty what was not rated."
)
TO_LEVELS = f"What each level looks like: see the sheet {layout.LEVELS}"
TITLE_WIDTH, MEANING_WIDTH, LEVEL_WIDTH = 46, 62, 42
RATER_WIDTH, ABOUT_WIDTH = 13, 90
"""Columns in characters; rows are made high enough for them, as not every program does it."""
LINE = 15.5
# wide enough to tell days from other numbers; whether a day fits is checked when the file comes in
FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2100, 12, 31)


def write_template(subject: Subject, *, copy: str, made: datetime, address: str) -> bytes:
    """The empty workbook (.xlsx) of an assessment.

    `copy` tells this download from every other, `address` is where the filled-in file goes.
    """
    import xlsxwriter  # few ask for it, and everybody would wait for it to load

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        title = f"Rating sheet, {subject.clinic_name}, {subject.quarter}"
        # Excel takes the time of its properties for local, so it gets one without a zone
        book.set_properties({"title": title, "created": made.replace(tzinfo=None)})
        look = Look.of(book)
        _assessment(book, look, subject)
        _levels(book, look, subject)
        _about(book, look, subject, copy, made, address)
    return target.getvalue()


def _assessment(book: Workbook, look: Look, subject: Subject) -> None:
    sheet = _sheet(book, layout.ASSESSMENT)
    sheet.set_column(0, 0, 5, look.page)
    sheet.set_column(1, 1, TITLE_WIDTH, look.page)
    sheet.set_column(2, 2, MEANING_WIDTH, look.page)
    sheet.set_column(FIRST_RATER - 1, LAST_RATER - 1, RATER_WIDTH, look.page)
    sheet.set_row(0, 26)
    sheet.write(
        0, 0, f"{subject.clinic_name}, {subject.quarter}: {subject.instrument.title}", look.title
    )
    legend = layout.legend(subject.instrument)
    sheet.write(1, 1, LOWER, look.strong)
    sheet.write(1, 2, HOW, look.page)
    sheet.set_row(2, _height((legend, TITLE_WIDTH)))
    sheet.write(2, 1, legend, look.words)
    sheet.write_url(2, 2, f"internal:'{layout.LEVELS}'!A1", look.link, TO_LEVELS)
    _heads(sheet, look, len(subject.instrument.milestones), _last_row(subject))
    for row, milestone in layout.item_rows(subject.instrument).items():
        block = subject.instrument.block_of(milestone.key)
        if milestone == block.milestones[0]:
            _block_row(sheet, look, row - 1, f"{block.number}  {block.title}")
        _item_row(sheet, look, row, milestone)
    sheet.freeze_panes(layout.HEADINGS, layout.TITLE)
    sheet.set_selection(FIRST_ITEM - 1, FIRST_RATER - 1, FIRST_ITEM - 1, FIRST_RATER - 1)
    sheet.set_landscape()
    sheet.repeat_columns(0, 1)
    sheet.fit_to_pages(0, 1)


def _heads(sheet: Worksheet, look: Look, items: int, last: int) -> None:
    """The four rows over the items: who, job, day, and how many items have an answer."""
    for row, words in (
        (layout.HEADINGS, ("No.", "Milestone", "What it means")),
        (
            layout.JOB,
            ("", "Job role", "May stay empty. Results by job role show only in large groups."),
        ),
        (layout.DATE, ("", "Date", "The day it was filled in, as month/day/year. May stay empty.")),
        (layout.ANSWERED, ("", "Answered", "Counts by itself.")),
    ):
        is_head = row == layout.HEADINGS
        for column, text in enumerate(words):
            quiet = look.meaning if column == 2 else look.side
            sheet.write(row - 1, column, text, look.head if is_head else quiet)
    sheet.set_row(layout.JOB - 1, 3 * LINE)
    for column in range(FIRST_RATER, LAST_RATER + 1):
        name = layout.column_name(column)
        at = column - 1
        sheet.write(layout.HEADINGS - 1, at, layout.rater_name(column), look.head_center)
        sheet.write_blank(layout.JOB - 1, at, None, look.job)
        sheet.write_blank(layout.DATE - 1, at, None, look.day)
        counted = f'=COUNTA({name}{FIRST_ITEM}:{name}{last})&" of {items}"'
        sheet.write_formula(layout.ANSWERED - 1, at, counted, look.count, f"0 of {items}")
    _choose(sheet, layout.JOB, list(JOB_ROLES), "a job role from the list")
    sheet.data_validation(
        layout.DATE - 1,
        FIRST_RATER - 1,
        layout.DATE - 1,
        LAST_RATER - 1,
        {
            "validate": "date",
            "criteria": "between",
            "minimum": FIRST_DAY,
            "maximum": LAST_DAY,
            "error_title": "This is not a day",
            "error_message": "Enter it as month/day/year, like 11/21/2026, or leave it empty.",
        },
    )


def _block_row(sheet: Worksheet, look: Look, row: int, title: str) -> None:
    sheet.set_row(row - 1, 20)
    sheet.write(row - 1, 0, title, look.block)
    for column in range(1, LAST_RATER):
        sheet.write_blank(row - 1, column, None, look.block)


def _item_row(sheet: Worksheet, look: Look, row: int, milestone: Milestone) -> None:
    height = _height((milestone.title, TITLE_WIDTH), (milestone.meaning, MEANING_WIDTH))
    sheet.set_row(row - 1, height)
    sheet.write_number(row - 1, layout.NUMBER - 1, milestone.number, look.number)
    sheet.write(row - 1, layout.TITLE - 1, milestone.title, look.item)
    sheet.write(row - 1, layout.MEANING - 1, milestone.meaning, look.meaning)
    for column in range(FIRST_RATER, LAST_RATER + 1):
        sheet.write_blank(row - 1, column - 1, None, look.answer)
    _choose(sheet, row, layout.keys(milestone), choices(milestone))


def _choose(sheet: Worksheet, row: int, offered: list[str], words: str) -> None:
    """Give a row's cells of all raters a drop-down."""
    sheet.data_validation(
        row - 1,
        FIRST_RATER - 1,
        row - 1,
        LAST_RATER - 1,
        {
            "validate": "list",
            "source": offered,
            "error_title": "Not possible here",
            "error_message": f"Choose {words}, or leave the cell empty.",
        },
    )


def _levels(book: Workbook, look: Look, subject: Subject) -> None:
    """What each level looks like, milestone by milestone."""
    sheet = _sheet(book, layout.LEVELS)
    bands = subject.instrument.milestones[0].scale.bands
    sheet.set_column(0, 0, 5, look.page)
    sheet.set_column(1, 1, TITLE_WIDTH, look.page)
    sheet.set_column(2, 1 + len(bands), LEVEL_WIDTH, look.page)
    sheet.set_row(0, 26)
    sheet.write(0, 0, "What each level looks like", look.title)
    sheet.write(1, 0, subject.instrument.help, look.page)
    heads = ["No.", "Milestone", *(layout.band_words(band) for band in bands)]
    for column, text in enumerate(heads):
        sheet.write(2, column, text, look.head)
    for row, milestone in enumerate(subject.instrument.milestones, 3):
        levels = [(milestone.levels[band.level], LEVEL_WIDTH) for band in milestone.scale.bands]
        sheet.set_row(row, _height((milestone.title, TITLE_WIDTH), *levels))
        sheet.write_number(row, 0, milestone.number, look.number)
        sheet.write(row, 1, milestone.title, look.item)
        for column, band in enumerate(milestone.scale.bands, 2):
            sheet.write(row, column, milestone.levels[band.level], look.meaning)
    sheet.freeze_panes(3, 2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)


def _about(
    book: Workbook, look: Look, subject: Subject, copy: str, made: datetime, address: str
) -> None:
    sheet = _sheet(book, layout.ABOUT)
    sheet.set_column(0, 0, 26, look.page)
    sheet.set_column(1, 1, ABOUT_WIDTH, look.page)
    sheet.fit_to_pages(1, 0)
    sheet.set_row(0, 26)
    sheet.write(0, 0, "About this file", look.title)
    rows = (
        (layout.CLINIC, subject.clinic_name),
        (layout.QUARTER, subject.quarter),
        (layout.QUESTIONNAIRE, subject.questionnaire),
        (layout.NUMBER_OF_ASSESSMENT, str(subject.assessment_id)),
        ("Downloaded", day(made.date())),
        (layout.COPY, copy),
        (layout.CHECK, subject.check),
        ("When it is filled in", f"Bring it in at {address}"),
        ("Who sees the answers", "Everybody who opens this file. Blockwise shows them to nobody "
         "before your team looks at the results together."),
        ("Patients", "Never write about a patient in this file."),
    )  # fmt: skip
    for row, (name, words) in enumerate(rows, 2):
        sheet.write(row, 0, name, look.side)
        sheet.set_row(row, _height((words, ABOUT_WIDTH)))
        sheet.write_string(row, 1, words, look.meaning)


def _sheet(book: Workbook, name: str) -> Worksheet:
    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_paper(1)
    return sheet


def _height(*texts: tuple[str, int]) -> float:
    """Points that a row needs for texts in columns of so many characters."""
    lines = max(len(textwrap.wrap(text, width)) for text, width in texts)
    return lines * LINE + 5


def _last_row(subject: Subject) -> int:
    return max(layout.item_rows(subject.instrument))
