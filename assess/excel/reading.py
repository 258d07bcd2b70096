"""Reads a filled-in template: one column for each rater, or every cell that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assess.excel import layout
from assess.excel.cells import BadCell, read_answer, read_day, read_job, shown
from assess.excel.files import CellProblem, FilledFile, RaterColumn
from assess.excel.layout import ANSWERED, DATE, FIRST_ITEM, FIRST_RATER, JOB, LAST_RATER, Subject
from assess.excel.opening import LOOKED_PAST, Grid, another_template, open_sheets
from assess.excel.parts import CannotUse, check_workbook, merged_ranges


def read_file(content: bytes, *, name: str, subject: Subject) -> FilledFile:
    """Read one file that came back; it never raises, whatever the bytes are."""
    try:
        check_workbook(content)
        about, grid = open_sheets(content, subject)
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


def _copy_number(about: Grid, subject: Subject) -> str:
    """The number of the download. Raises CannotUse for a file of something else."""
    said = {
        str(about.get((row, 1), "")): str(about.get((row, 2), ""))
        for row in range(1, layout.ABOUT_ROWS + 1)
    }
    if said.get(layout.CHECK) == subject.check:
        return re.sub(r"[^0-9a-z]", "", said.get(layout.COPY, ""))[:12]
    if layout.CHECK not in said:
        raise another_template()
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
