"""Tables as every format writes them: columns that know their meaning, rows of plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Cell = str | int | float | None
"""None is an empty cell. A milestone that does not apply is empty, too; see Column.na."""


Row = tuple[Cell, ...]


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One variable. `name` has at most 32 of a-z, 0-9 and _, so that every program takes it.

    `levels` are words of whole values, `choices` the only texts there can be (with their meaning).
    `na` names the column that is 1 where this one is empty because the milestone does not apply;
    formats with codes of their own for that put one into the cell.
    """

    name: str
    title: str
    description: str
    kind: Kind
    section: str
    minimum: float | None = None
    maximum: float | None = None
    levels: Mapping[int, str] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    na: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class MadeRows(Collection[Row]):
    """Rows that are made each time they are gone through: millions need not stand in memory."""

    count: int
    make: Callable[[], Iterator[Row]]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        return self.make()

    def __contains__(self, row: object) -> bool:
        return any(one == row for one in self)


@dataclass(frozen=True, slots=True)
class Table:
    """A named table; `key` are the columns that together name a row once."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Collection[Row]
    key: tuple[str, ...]

    def place(self, name: str) -> int:
        """Where a column stands; ValueError when there is none of that name."""
        return [column.name for column in self.columns].index(name)
