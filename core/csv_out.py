"""The one place that writes CSV: spreadsheets must show what people typed, never run it.

Excel, LibreOffice and Google Sheets take a cell that begins with =, +, -, @ (also in full width),
a tab or a line break for a formula, which can send what stands in the sheet elsewhere. Such text
gets an apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection). Every cell is
quoted, because a spreadsheet may part the line at semicolons or tabs as well.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

Cell = str | int | float | bool | date | datetime | None

_FORMULA = re.compile(r"[\s\x00-\x1f\ufeff\u200b]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
BYTE_ORDER_MARK = "\ufeff"
"""Tells Excel that the file is UTF-8; without it, names with accents come out wrong."""


def safe(cell: Cell) -> str:
    """The text of a cell that no spreadsheet takes for a formula; moments in UTC as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    text = str(cell)
    if _NUMBER.fullmatch(text) or not _FORMULA.match(text):
        return text
    return f"'{text}"


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The lines of a CSV file one by one, the header first, ending in CR LF (RFC 4180)."""
    yield BYTE_ORDER_MARK + _line(header)
    for row in rows:
        yield _line(row)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A whole CSV file as text; send or write it as UTF-8."""
    return "".join(csv_lines(header, rows))


def _line(row: Sequence[Cell]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([safe(cell) for cell in row])
    return buffer.getvalue()
