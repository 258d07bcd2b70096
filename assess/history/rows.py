"""Turns one row of a history file into an entry, or into everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from assess.answers import AnswerValue
from assess.history import cells
from assess.history.cells import OVERALL, BadCell, When
from assess.history.columns import VALUES, Columns
from core.table_file import FileProblem
from questionnaires.instrument import Instrument, Milestone

LONGEST_NAME = 200
LONGEST_SETTING = 40

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: an answer to a milestone, or the score of a block or OVERALL (None: no value)."""

    line: int
    organization: str
    clinic: str
    when: When
    setting: str
    item: str
    value: AnswerValue | float | None

    @property
    def is_answer(self) -> bool:
        """Whether the row is about a milestone rather than a score."""
        return isinstance(self.value, AnswerValue)


class RowReader:
    """Reads rows of one file; equal cells are worked out once, which matters for 260,000 rows."""

    def __init__(
        self,
        columns: Columns,
        instrument: Instrument,
        problems: list[FileProblem],
        *,
        today: date,
        decimal_comma: bool,
    ) -> None:
        self._problems = problems
        self._columns = columns
        self._instrument = instrument
        self._today = today
        self._decimal_comma = decimal_comma
        self._limits = cells.block_limits(instrument)
        self._known: dict[tuple[str, str, str], object] = {}

    def read(self, line: int, row: list[str]) -> Entry | None:
        """The entry of a row, or None after its problems were noted."""
        columns = self._columns
        if len(row) > columns.width and not any(row[columns.width :]):
            row = row[: columns.width]  # spreadsheets pad rows with empty cells
        if len(row) != columns.width:
            fix = "Check the separators and quotation marks of this row."
            message = f"{len(row)} cells instead of {columns.width}."
            self._problems.append(FileProblem(line, message, fix))
            return None
        before = len(self._problems)
        clinic = self._cell(line, row, "clinic", _name)
        when = self._cell(line, row, "quarter", lambda text: cells.when(text, today=self._today))
        organization = self._cell(line, row, "organization", _optional_name)
        setting = self._cell(line, row, "setting", _setting)
        item = self._item(line, row)
        value = self._value(line, row, item) if item is not None else None
        if len(self._problems) > before or clinic is None or when is None or item is None:
            return None
        key = item.key if isinstance(item, Milestone) else item
        return Entry(line, organization or "", clinic, when, setting or "", key, value)

    def _item(self, line: int, row: list[str]) -> Milestone | str | None:
        """The milestone, the block id or OVERALL a row is about; None when that is unclear."""
        if not self._columns.has_items:
            return OVERALL
        before = len(self._problems)
        milestone = self._cell(line, row, "milestone", self._milestone)
        block = self._cell(line, row, "block", self._block)
        if len(self._problems) > before:
            return None
        if milestone is not None:
            home = self._instrument.block_of(milestone.key).id
            if block in (None, home):
                return milestone
            bad = BadCell(f"{milestone.key} is not in this block.", f"Write {home} or nothing.")
            self._report(line, "block", self._columns.text(row, "block"), bad)
            return None
        if block is None:
            fix = f"Name a milestone or a block; the overall score is the block “{OVERALL}”."
            self._report(line, self._columns.item, "", BadCell("It is empty.", fix))
        return block

    def _value(
        self, line: int, row: list[str], item: Milestone | str
    ) -> AnswerValue | float | None:
        column = self._columns.value_column("level" if isinstance(item, Milestone) else "score")
        for other in VALUES:
            if other != column and (text := self._columns.text(row, other)):
                kind = "milestone" if isinstance(item, Milestone) else "block"
                bad = BadCell(f"In a row about a {kind} this stays empty.", f"Use “{column}”.")
                self._report(line, other, text, bad)
        if isinstance(item, Milestone):
            return self._cell(
                line, row, column, lambda text: cells.level(text, item), about=item.key
            )
        low, high = self._limits[item]
        return self._cell(
            line,
            row,
            column,
            lambda text: cells.score(text, low, high, decimal_comma=self._decimal_comma),
            about=item,
        )

    def _milestone(self, text: str) -> Milestone | None:
        return cells.find_milestone(text, self._instrument) if text else None

    def _block(self, text: str) -> str | None:
        return cells.find_block(text, self._instrument) if text else None

    def _cell(
        self, line: int, row: list[str], column: str, read: Callable[[str], T], about: str = ""
    ) -> T | None:
        text = self._columns.text(row, column)
        key = (column, about, text)
        try:
            return self._known[key]  # type: ignore[return-value]
        except KeyError:
            pass
        try:
            found = read(text)
        except BadCell as bad:
            self._report(line, column, text, bad)
            return None
        self._known[key] = found
        return found

    def _report(self, line: int, column: str, text: str, bad: BadCell) -> None:
        name = self._columns.names.get(column, column)
        self._problems.append(FileProblem(line, bad.message, bad.fix, name, text))


def _name(text: str) -> str:
    if not text:
        raise BadCell("It is empty.", "Fill in the clinic.")
    return _optional_name(text)


def _optional_name(text: str) -> str:
    return _short_enough(" ".join(text.split()), LONGEST_NAME)


def _setting(text: str) -> str:
    return _short_enough(" ".join(text.split()), LONGEST_SETTING)


def _short_enough(text: str, longest: int) -> str:
    if len(text) > longest:
        raise BadCell(f"This has {len(text)} characters.", f"Use at most {longest}.")
    return text
