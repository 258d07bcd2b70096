"""Reads a filled-in template: one sheet for each rater, or every cell that is wrong.

openpyxl has its home here and sees only what assess.excel.parts has let through.
"""

from __future__ import annotations

import io
import re
import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from assess.excel import layout
from assess.excel.cells import BadCell, Content, read_answer, read_day, read_job, shown
from assess.excel.files import CellProblem, FilledFile, RaterColumn
from assess.excel.layout import ANSWERED, DATE, FIRST_ITEM, FIRST_RATER, JOB, LAST_RATER, Subject
from assess.excel.parts import CannotUse, check_workbook, damaged, merged_ranges

if TYPE_CHECKING:
    from openpyxl import Workbook

LOOKED_PAST = 20
"""Columns and rows behind the last ones in which answers would be lost without a word."""

Grid = Mapping[tuple[int, int], Content]
"""By row and column, both from 1, what stands in the cells that are not empty."""

# one workbook at a time: that bounds the memory, and filters of warnings belong to the process
_one_at_a_time = threading.Lock()


def read_file(content: bytes, *, name: str, subject: Subject) -> FilledFile:
    """Read one file that came back; it never raises, whatever the bytes are."""
    try:
        check_workbook(content)
        about, grid = _open(content, subject)
        copy = _copy_number(about, subject)
        _refuse_merged(content)
        _refuse_moved(grid, subject)
    except CannotUse as error:
        return FilledFile(name, (), (CellProblem(name, "", str(error)),))
    problems = list(_outside(name, grid, subject))
    columns, left_out = [], []
    for column in range(FIRST_RATER, LAST_RATER + 1):
        found = _column(name, copy, column, grid, subject, problems)
        if found.answered:
            columns.append(found)
        elif found.job_role or found.day:
            left_out.append(found.rater)
    if not columns and not problems:
        fix = "Choose the file that was filled in, and save it in Excel first."
        problems.append(CellProblem(name, "", f"No rater has an answer. {fix}"))
    return FilledFile(name, tuple(columns), tuple(problems), tuple(left_out))


def _open(content: bytes, subject: Subject) -> tuple[Grid, Grid]:
    """The cells of the sheets About and Assessment. Raises CannotUse."""
    last_row = max(layout.item_rows(subject.instrument)) + LOOKED_PAST
    import openpyxl  # takes longer to load than the rest of a page, and few ask for it

    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote what stands in cells
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            try:
                names = {name.strip().casefold(): name for name in reversed(book.sheetnames)}
                about = _grid(_sheet(book, names, layout.ABOUT), layout.ABOUT_ROWS, 2)
                sheet = _sheet(book, names, layout.ASSESSMENT)
                return about, _grid(sheet, last_row, LAST_RATER + LOOKED_PAST)
            finally:
                book.close()
        except CannotUse:
            raise
        except Exception as error:  # openpyxl raises whatever its parsers stumble over
            raise damaged() from error


def _sheet(book: Workbook, names: Mapping[str, str], wanted: str) -> object:
    """The sheet of this name, however its letters are written. Raises CannotUse."""
    if wanted.casefold() in names:
        return book[names[wanted.casefold()]]
    if layout.ABOUT.casefold() not in names or layout.LEVELS.casefold() not in names:
        raise _another_template()
    raise CannotUse(
        f"No sheet of this file is called “{wanted}”.",
        f"If you gave it another name, call it “{wanted}” again, save the file and choose it.",
    )


def _grid(sheet: object, rows: int, columns: int) -> Grid:
    found: dict[tuple[int, int], Content] = {}
    read = sheet.iter_rows(max_row=rows, max_col=columns, values_only=True)  # type: ignore[attr-defined]
    for row, cells in enumerate(read, 1):
        for column, content in enumerate(cells, 1):
            if content is not None and content != "":
                found[row, column] = content
    return found


def _copy_number(about: Grid, subject: Subject) -> str:
    """The number of the download. Raises CannotUse for a file of something else."""
    said = {
        str(about.get((row, 1), "")): str(about.get((row, 2), ""))
        for row in range(1, layout.ABOUT_ROWS + 1)
    }
    if said.get(layout.CHECK) == subject.check:
        return re.sub(r"[^0-9a-z]", "", said.get(layout.COPY, ""))[:12]
    if layout.CHECK not in said:
        raise _another_template()
    if said.get(layout.NUMBER_OF_ASSESSMENT) != str(subject.assessment_id):
        clinic = shown(said.get(layout.CLINIC, ""))
        quarter = shown(said.get(layout.QUARTER, ""))
        raise CannotUse(
            f"This file is for {clinic}, {quarter}.",
            f"Bring it in there, or choose a file for {subject.clinic_name}, {subject.quarter}.",
        )
    raise CannotUse(
        f"This file is not for {subject.questionnaire} as it is rated here.",
        "Copy the answers into a new download of the template.",
    )


def _another_template() -> CannotUse:
    return CannotUse(
        "This workbook was not made here.",
        "Download the template on this page, and copy the answers into it.",
    )


def _refuse_merged(content: bytes) -> None:
    """Merged cells keep one of their contents only: whose answer it was is lost."""
    for merged in merged_ranges(content):
        column, row = layout.place_of(merged.partition(":")[2])
        if row >= JOB and column >= FIRST_RATER:
            raise CannotUse(
                f"{layout.ASSESSMENT}!{merged}: these cells are merged.",
                "Unmerge them, and fill in each one.",
            )


def _refuse_moved(grid: Grid, subject: Subject) -> None:
    for row, milestone in layout.item_rows(subject.instrument).items():
        number, cell = grid.get((row, layout.NUMBER)), layout.cell_name(row, layout.NUMBER)
        if str(number).removesuffix(".0") != str(milestone.number):
            raise CannotUse(
                f"{cell}: item {milestone.number} is not in its row.",
                "Copy the answers into a new download of the template.",
            )
    heads = {layout.rater_name(at): at for at in range(FIRST_RATER, LAST_RATER + 1)}
    for column in range(layout.TITLE, LAST_RATER + LOOKED_PAST + 1):
        rater = str(grid.get((layout.HEADINGS, column)))
        if heads.get(rater, column) != column:
            raise CannotUse(
                f"{layout.cell_name(layout.HEADINGS, column)}: {rater} is not in its column.",
                "A column was added, removed or moved. "
                "Copy the answers into a new download of the template.",
            )


def _outside(name: str, grid: Grid, subject: Subject) -> Iterator[CellProblem]:
    """Whatever was filled in where no rater or no item is."""
    items = layout.item_rows(subject.instrument)
    for row, column in sorted(grid):
        if column < FIRST_RATER or row < JOB or row == ANSWERED:
            continue
        cell = layout.cell_name(row, column)
        if column > LAST_RATER:
            message = f"Only {layout.RATERS} raters fit. Use a second download for the others."
            yield CellProblem(name, cell, message)
        elif row >= FIRST_ITEM - 1 and row not in items:
            message = "No milestone stands in this row. Empty the cell."
            yield CellProblem(name, cell, message)


def _column(
    name: str,
    copy: str,
    column: int,
    grid: Grid,
    subject: Subject,
    problems: list[CellProblem],
) -> RaterColumn:
    """What a rater filled in; cells that are wrong count as empty and are added to `problems`."""

    def note(row: int, error: BadCell) -> None:
        problems.append(CellProblem(name, layout.cell_name(row, column), str(error)))

    job_role, day_filled = None, None
    try:
        job_role = read_job(grid.get((JOB, column)))
    except BadCell as error:
        note(JOB, error)
    try:
        day_filled = read_day(grid.get((DATE, column)))
    except BadCell as error:
        note(DATE, error)
    answers = {}
    for row, milestone in layout.item_rows(subject.instrument).items():
        try:
            value = read_answer(grid.get((row, column)), milestone)
        except BadCell as error:
            note(row, error)
            continue
        if value.answered:
            answers[milestone.key] = value
    return RaterColumn(name, copy, column, job_role, day_filled, answers)
