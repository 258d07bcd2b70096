"""The CSV files of a bundle: UTF-8, RFC 4180, a cell never a formula, an empty cell is missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from core.csv_out import safe
from research.bundle.tables import Cell, Table


def write_table(table: Table, path: Path) -> None:
    """A table with its variable names in the first line, row by row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        _write(file, [column.name for column in table.columns], table.rows)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same of few rows, in memory."""
    buffer = io.StringIO(newline="")
    _write(buffer, header, rows)
    return buffer.getvalue().encode("utf-8")


def _write(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Lines ending in CR LF, without a byte order mark, which R would read into the first name."""
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows([_text(cell) for cell in row] for row in rows)


def _text(cell: Cell) -> str:
    """Numbers with as many digits as bring the same number back; text that is no formula."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return safe(cell)
