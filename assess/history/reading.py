"""Understands a file of past assessments: rows in, checked assessments or every problem out.

One row is one clinic and quarter with the level of a milestone, the score of a block or, in a file
that has neither column, the overall score. Either the whole file is understood or nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from assess.answers import AnswerValue
from assess.history.cells import When
from assess.history.columns import Columns, find_columns
from assess.history.rows import Entry, RowReader
from assess.quarters import Quarter
from core.table_file import FileProblem, TableFileError, read_table
from questionnaires.instrument import Instrument

MAX_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class PastAssessment:
    """What a file says of one clinic in one quarter: agreed answers, or finished scores.

    `answers` is keyed by milestone and holds no silence, `scores` by block id or OVERALL; one of
    the two is empty. `line` is where the file first speaks of it, `setting` may be empty.
    """

    organization: str
    clinic: str
    quarter: Quarter
    setting: str
    answers: Mapping[str, AnswerValue]
    scores: Mapping[str, float]
    line: int


@dataclass(frozen=True, slots=True)
class History:
    """A file that was understood; assessments in the order of organization, clinic, quarter.

    `rows` counts all rows, `empty` those without a value; `ignored` names the columns not used.
    """

    instrument: Instrument
    assessments: tuple[PastAssessment, ...]
    rows: int
    empty: int
    ignored: tuple[str, ...]
    encoding: str


def parse_history(
    content: bytes,
    instrument: Instrument,
    *,
    today: date,
    organization: str,
    first_quarter: Quarter | None = None,
) -> History:
    """Read a history file.

    `organization` is for rows that name none. Waves count up from `first_quarter`; without it the
    last wave is the last completed quarter before `today`. Raises TableFileError.
    """
    problems: list[FileProblem] = []
    rows = empty = 0
    try:
        table = read_table(content, max_bytes=MAX_BYTES)
        lines = table.rows()
        columns = find_columns(*next(lines, (1, [])))
        comma = table.delimiter != ","
        reader = RowReader(columns, instrument, problems, today=today, decimal_comma=comma)
        collection = _Collection(organization, columns, problems)
        for line, row in lines:
            rows += 1
            entry = reader.read(line, row)
            if entry is not None:
                collection.add(entry)
                empty += not _says_something(entry.value)
        assessments = collection.finished(first_quarter, today)
    except TableFileError as error:
        problems.extend(error.problems)
    if problems:
        raise TableFileError(tuple(sorted(problems, key=lambda problem: problem.line)))
    return History(instrument, assessments, rows, empty, columns.ignored, table.encoding)


@dataclass(slots=True)
class _Draft:
    """An assessment while its rows come in; `lines` tells where each item was first named."""

    first: Entry
    answers: dict[str, AnswerValue] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


class _Collection:
    """Puts the entries of a clinic and quarter together and reports those that do not agree.

    Names that differ only in capital letters are one name; its first spelling counts.
    """

    def __init__(self, organization: str, columns: Columns, problems: list[FileProblem]) -> None:
        self._organization = organization
        self._columns = columns
        self._problems = problems
        self._drafts: dict[tuple[str, str, When], _Draft] = {}
        self._clinics: dict[tuple[str, str], str] = {}
        self._settings: dict[tuple[str, str], Entry] = {}
        self._organizations: dict[str, str] = {}
        self._first: Entry | None = None

    def add(self, entry: Entry) -> None:
        """Take an entry in, or report what it contradicts."""
        organization = entry.organization or self._organization
        owner = (organization.casefold(), entry.clinic.casefold())
        self._organizations.setdefault(owner[0], organization)
        clinic = self._clinics.setdefault(owner, entry.clinic)
        self._compare(entry, owner)
        draft = self._drafts.get((*owner, entry.when))
        if draft is None:
            draft = self._drafts[(*owner, entry.when)] = _Draft(entry)
        first = draft.lines.setdefault(entry.item, entry.line)
        if first != entry.line:
            what = f"{clinic} in {_said(entry.when)}"
            message = f"{what} already has a row for {entry.item} on line {first}."
            self._report(entry, message, "Keep one of the two rows.", self._columns.item)
        elif entry.is_answer is not draft.first.is_answer:
            message = f"{clinic} in {_said(entry.when)} has levels of milestones and scores."
            self._report(
                entry, message, "Keep the levels: scores follow from them.", self._columns.item
            )
        elif isinstance(entry.value, AnswerValue):
            if entry.value.answered:
                draft.answers[entry.item] = entry.value
        elif entry.value is not None:
            draft.scores[entry.item] = entry.value

    def finished(self, first_quarter: Quarter | None, today: date) -> tuple[PastAssessment, ...]:
        """The assessments that have any value; raises TableFileError when there is none."""
        start = self._first_wave(first_quarter, today)
        found: list[PastAssessment] = []
        for (organization, clinic, when), draft in self._drafts.items():
            quarter = start + (when - 1) if isinstance(when, int) else when
            if quarter > Quarter.of(today):
                message = f"This wave is {quarter.label}, which has not begun yet."
                self._report(draft.first, message, "Choose an earlier first quarter.", "quarter")
            if draft.answers or draft.scores:
                setting = self._settings.get((organization, clinic))
                found.append(
                    PastAssessment(
                        organization=self._organizations[organization],
                        clinic=self._clinics[organization, clinic],
                        quarter=quarter,
                        setting=setting.setting if setting else "",
                        answers=draft.answers,
                        scores=draft.scores,
                        line=draft.first.line,
                    )
                )
        if not found and not self._problems:
            fix = "Add one row for each clinic, quarter and milestone, block or overall score."
            self._problems.append(FileProblem(1, "The file has no values.", fix))
        return tuple(sorted(found, key=lambda one: (one.organization, one.clinic, one.quarter)))

    def _first_wave(self, first_quarter: Quarter | None, today: date) -> Quarter:
        last = max((key[2] for key in self._drafts if isinstance(key[2], int)), default=1)
        return first_quarter or Quarter.of(today) - last

    def _compare(self, entry: Entry, owner: tuple[str, str]) -> None:
        """Report what cannot be true together with an earlier row."""
        first = self._first = self._first or entry
        if type(entry.when) is not type(first.when):
            message = f"{_said(entry.when)} stands here, {_said(first.when)} on line {first.line}."
            fix = "Use quarters or waves in the whole column."
            self._report(entry, message, fix, "quarter")
        if entry.setting:
            known = self._settings.setdefault(owner, entry)
            if entry.setting != known.setting:
                message = f"{entry.clinic} has “{known.setting}” on line {known.line}."
                self._report(entry, message, "Give a clinic one setting.", "setting", entry.setting)

    def _report(
        self, entry: Entry, message: str, fix: str, column: str, value: str | None = None
    ) -> None:
        name = self._columns.names.get(column, column)
        self._problems.append(FileProblem(entry.line, message, fix, name, value))


def _said(when: When) -> str:
    return f"wave {when}" if isinstance(when, int) else when.label


def _says_something(value: AnswerValue | float | None) -> bool:
    return value.answered if isinstance(value, AnswerValue) else value is not None
