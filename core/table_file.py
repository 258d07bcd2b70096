"""Reads the table in a text file, whatever program saved it, and names by line what it cannot."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

_DELIMITERS = ",;\t"
_HEADER_FIX = "Name the columns in the first line and save the table as CSV."
_SIGNATURES = (
    (
        b"PK\x03\x04",
        "This is an Excel workbook, not a CSV file.",
        "Save it in Excel as “CSV UTF-8”.",
    ),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook.", "Save it in Excel as “CSV UTF-8”."),
    (b"%PDF", "This is a PDF, not a CSV file.", "Export the table itself as CSV."),
    (b"\xff\xfe", "This is UTF-16 (“Unicode Text”).", "Save it in Excel as “CSV UTF-8”."),
    (b"\xfe\xff", "This is UTF-16 (“Unicode Text”).", "Save it in Excel as “CSV UTF-8”."),
)
# what no text file holds: control characters other than tab and the ends of lines and pages
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_EXCEL_HINT = re.compile(r"sep=([,;\t])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong at one place of a file and how to mend it; line 1 is the first line."""

    line: int
    message: str
    fix: str
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        value = "" if self.value is None else f"“{shortened(self.value)}”: "
        return f"{place}: {value}{self.message} {self.fix}"


class TableFileError(Exception):
    """The file cannot be used; `problems` says everything that is wrong, in line order."""

    def __init__(self, problems: tuple[FileProblem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class TableFile:
    """The text of a table and how it is written; `encoding` is "UTF-8" or "Windows-1252"."""

    text: str
    encoding: str
    delimiter: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """First line and trimmed cells of every row that is not blank; the header comes first.

        Raises TableFileError at a row that is not CSV.
        """
        lines = io.StringIO(self.text, newline="")
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True, strict=True)
        line = 1
        try:
            for cells in reader:
                cells = [cell.strip() for cell in cells]
                if any(cells) and not (line == 1 and _is_hint(self.text)):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            fix = "Close every quotation mark, or remove it."
            raise refusal(line, f"This row cannot be read ({error}).", fix) from error


def read_table(content: bytes, *, max_bytes: int) -> TableFile:
    """The table in a file with commas, semicolons or tabs, in UTF-8 or Windows-1252.

    Raises TableFileError when the content is too large, empty, or not text.
    """
    if len(content) > max_bytes:
        raise refusal(1, f"The file is larger than {max_bytes // 10**6} MB.", "Split it.")
    for signature, message, fix in _SIGNATURES:
        if content.startswith(signature):
            raise refusal(1, message, fix)
    text, encoding = _decode(content)
    if found := _NOT_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise refusal(line, "This is not text.", _HEADER_FIX)
    if not text.strip():
        raise refusal(1, "The file is empty.", _HEADER_FIX)
    return TableFile(text, encoding, _delimiter(text))


def refusal(line: int, message: str, fix: str) -> TableFileError:
    """The error for a file with a single problem."""
    return TableFileError((FileProblem(line, message, fix),))


def shortened(text: str) -> str:
    """A cell as it fits into a sentence: one line, 40 characters."""
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def _decode(content: bytes) -> tuple[str, str]:
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        raise refusal(
            line, "This is not text in UTF-8 or Windows-1252.", "Save it in Excel as “CSV UTF-8”."
        ) from error


def _delimiter(text: str) -> str:
    if hint := _EXCEL_HINT.match(text):
        return hint[1]
    first = next(line for line in text.splitlines() if line.strip())
    return max(_DELIMITERS, key=first.count)


def _is_hint(text: str) -> bool:
    return _EXCEL_HINT.match(text) is not None
