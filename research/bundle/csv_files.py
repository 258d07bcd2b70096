"""The CSV files of a bundle: UTF-8, RFC 4180, a cell never a formula, an empty cell is missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from core.csv_out import safe
from research.bundle.tables import Cell, Table


def table_csv(table: Table) -> bytes:
    """A table with its variable names in the first line."""
    return csv_bytes([column.name for column in table.columns], table.rows)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Lines ending in CR LF, without a byte order mark, which R would read into the first name."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8")


def _text(cell: Cell) -> str:
    """Numbers with as many digits as bring the same number back; text that is no formula."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return safe(cell)
