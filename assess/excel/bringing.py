"""Decides whether the raters of uploaded files can come in, and brings them in: all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assess.brought_in import bringing
from assess.brought_in.bringing import SheetsRefused
from assess.brought_in.checks import FilledSheet, SheetProblem, sheet_problems
from assess.excel import layout
from assess.excel.files import CellProblem, FilledFile, RaterColumn
from assess.excel.layout import Subject
from assess.excel.reading import read_file
from assess.excel.remarks import remarks_on
from assess.holding import hold, refuse_unless_open
from assess.queries.excel import Before, get_before
from core import clock
from core.db import db
from core.identifiers import new_identifiers

MOST_RATERS = 120
"""Raters brought in at once: four full files."""


class ColumnsRefused(Exception):
    """At least one rater's column cannot come in; nothing was stored."""

    def __init__(self, problems: Sequence[CellProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rater whose column can come in, and what is worth a second look before."""

    column: RaterColumn
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What would be brought in; `again` are columns that came before, or twice, with the label."""

    candidates: tuple[Candidate, ...]
    again: tuple[tuple[RaterColumn, str], ...] = ()


def read_files(contents: Sequence[tuple[str, bytes]], *, subject: Subject) -> list[FilledFile]:
    """What stands in uploaded files, given as name and content; it never raises."""
    # nothing was written so far: until the files are read, others may have SQLite's write lock
    db.session.rollback()
    return [read_file(content, name=name, subject=subject) for name, content in contents]


def choose(columns: Sequence[RaterColumn], *, subject: Subject) -> Choice:
    """What could be brought in now (two statements). Raises ColumnsRefused."""
    before = get_before(subject.assessment_id)
    today = clock.today()
    if len(columns) > MOST_RATERS:
        message = f"{len(columns)} raters are too many at once. Choose fewer files at a time."
        raise ColumnsRefused([CellProblem("", "", message)])
    new, again = _told_apart(columns, before)
    problems = [*_name_problems(new, today), *_problems(new, subject, before, today)]
    if problems:
        raise ColumnsRefused(problems)
    remarks = remarks_on(new, subject=subject, before=before.origins)
    pairs = zip(new, remarks, strict=True)
    return Choice(tuple(Candidate(one, said) for one, said in pairs), tuple(again))


def bring_in_columns(
    columns: Sequence[RaterColumn], *, subject: Subject, keyed_by: int | None
) -> list[int]:
    """Store columns that were chosen before, all or none, and return the ratings' ids.

    Raises NotFound, Archived, AssessmentClosed or RatingEnded, and ColumnsRefused when one of them
    has come in since, or no longer can.
    """
    refuse_unless_open(hold(subject.assessment_id).state)
    before = get_before(subject.assessment_id)
    _new, again = _told_apart(columns, before)
    if again:
        raise ColumnsRefused([_came_before(one, label) for one, label in again])
    try:
        return bringing.bring_in_all(
            assessment_id=subject.assessment_id,
            source="import",
            sheets=[_sheet(one) for one in columns],
            keyed_by=keyed_by,
        )
    except SheetsRefused as refused:
        problems = [_cell_problem(columns[one.sheet], one, subject) for one in refused.problems]
        raise ColumnsRefused(problems) from refused


def _told_apart(
    columns: Sequence[RaterColumn], before: Before
) -> tuple[list[RaterColumn], list[tuple[RaterColumn, str]]]:
    """Columns that are new, and those that came before with the label under which they did."""
    seen = dict(before.origins)
    new, again = [], []
    for one in columns:
        if one.origin in seen:
            again.append((one, seen[one.origin]))
        else:
            seen[one.origin] = one.label
            new.append(one)
    return new, again


def _problems(
    columns: Sequence[RaterColumn], subject: Subject, before: Before, today: date
) -> list[CellProblem]:
    found = sheet_problems(
        [_sheet(one) for one in columns],
        instrument=subject.instrument,
        taken=before.labels,
        earliest=before.earliest,
        today=today,
    )
    return [_cell_problem(columns[one.sheet], one, subject) for one in found]


def _name_problems(columns: Sequence[RaterColumn], today: date) -> list[CellProblem]:
    """A file's name stands on pages: nothing about a patient belongs there."""
    problems = []
    for name in dict.fromkeys(one.file for one in columns):
        if found := new_identifiers(name, "", today=today):
            message = (
                f"“{found[0].text}” in the file's name looks like {found[0].kind}. "
                "Give the file another name, and choose it again."
            )
            problems.append(CellProblem(name, "", message))
    return problems


def _cell_problem(column: RaterColumn, problem: SheetProblem, subject: Subject) -> CellProblem:
    """What the store says of a sheet, at its cell."""
    at = column.column
    rows: Mapping[str, int] = {"job_role": layout.JOB, "paper_on": layout.DATE}
    if problem.milestone:
        row = subject.row_of(problem.milestone)
    elif problem.field in rows:
        row = rows[problem.field]
    elif problem.field == "label":
        return _label_taken(column)
    else:
        row = layout.HEADINGS
    return CellProblem(column.file, layout.cell_name(row, at), problem.message)


def _label_taken(column: RaterColumn) -> CellProblem:
    message = (
        f"“{column.label}” is here already, with other answers, job role or date. If this is "
        "another file, give it another name. If it is the same rater, remove the first one."
    )
    return CellProblem(column.file, layout.cell_name(layout.HEADINGS, column.column), message)


def _came_before(column: RaterColumn, label: str) -> CellProblem:
    message = f"This rater was brought in before, as “{label}”. Nothing more is needed."
    return CellProblem(column.file, layout.cell_name(layout.HEADINGS, column.column), message)


def _sheet(column: RaterColumn) -> FilledSheet:
    return FilledSheet(
        label=column.label,
        job_role=column.job_role,
        paper_on=column.day,
        answers={key: (value, "") for key, value in column.answers.items()},
        origin=column.origin,
    )
