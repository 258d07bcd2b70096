"""Reads a CSV of observations and names every bad row by line, column, value and fix."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assess.observations import NUMBER, Observation, Observations, Time, as_time

MAX_BYTES = 20_000_000
MAX_VALUE = 1e100
"""Beyond this, squares and their sums leave the range of floating-point numbers."""

_DELIMITERS = ",;\t"
_REQUIRED = ("subject", "time", "value")
_HEADER_FIX = 'Name the columns in the first line, for example "subject,time,value".'
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_SIGNATURES = (
    (b"PK", "This is an Excel workbook, not a CSV file.", "Save it in Excel as “CSV UTF-8”."),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook.", "Save it in Excel as “CSV UTF-8”."),
    (b"%PDF", "This is a PDF, not a CSV file.", "Export the table itself as CSV."),
    (b"\xff\xfe", "This is UTF-16 (“Unicode Text”).", "Save it in Excel as “CSV UTF-8”."),
    (b"\xfe\xff", "This is UTF-16 (“Unicode Text”).", "Save it in Excel as “CSV UTF-8”."),
)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong at one place of a file and how to mend it; line 1 is the header."""

    line: int
    message: str
    fix: str
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        value = "" if self.value is None else f"“{_short(self.value)}”: "
        return f"{place}: {value}{self.message} {self.fix}"


class ObservationFileError(Exception):
    """The file cannot be analyzed; `problems` says everything that is wrong, in line order."""

    def __init__(self, problems: tuple[FileProblem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


def parse_observations(content: bytes) -> Observations:
    """Observations of a CSV file with the columns subject, time, value and maybe org, group.

    Commas, semicolons or tabs separate; a byte order mark is skipped; an empty value is missing.
    Raises ObservationFileError with all problems at once.
    """
    lines = _rows(_decode(content))
    header_line, header = next(lines, (1, []))
    columns = _columns(header_line, header)
    problems: list[FileProblem] = []
    seen: dict[tuple[str, Time], int] = {}
    rows: list[Observation] = []
    for line, cells in lines:
        row = _observation(line, cells, columns, len(header), problems)
        if row is None:
            continue
        first = seen.setdefault((row.subject, row.time), line)
        if first != line:
            problems.append(
                FileProblem(
                    line,
                    f"{row.subject} already has a row for {row.time} on line {first}.",
                    "Keep one row for each subject and time.",
                    "time",
                    str(row.time),
                )
            )
        rows.append(row)
    if problems:
        raise ObservationFileError(tuple(problems))
    if all(row.value is None for row in rows):
        raise _refusal(header_line + 1, "The file has no values.", "Add one row for each value.")
    return Observations(tuple(rows))


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _refusal(1, f"The file is larger than {MAX_BYTES // 10**6} MB.", "Split it.")
    for signature, message, fix in _SIGNATURES:
        if content.startswith(signature):
            raise _refusal(1, message, fix)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fix = "Save it in Excel as “CSV UTF-8”, or in another program with the encoding UTF-8."
        raise _refusal(line, "A letter is not UTF-8.", fix) from error
    if "\0" in text:
        raise _refusal(text.count("\n", 0, text.index("\0")) + 1, "This is not text.", _HEADER_FIX)
    if not text.strip():
        raise _refusal(1, "The file is empty.", _HEADER_FIX)
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and trimmed cells of every row that is not blank; the first is the header."""
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(_DELIMITERS, key=first.count)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        fix = "Close every quotation mark, or remove it."
        raise _refusal(line, f"This row cannot be read ({error}).", fix) from error


def _columns(line: int, header: list[str]) -> dict[str, int]:
    names = [name.lower() for name in header]
    if "rater" in names and "time" not in names:
        raise _refusal(
            line,
            "This file has raters instead of times. This version analyzes change over time "
            "(subject,time,value); agreement between raters is not part of it yet.",
            "Give each row the quarter in a column named “time”.",
        )
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        found = ", ".join(f"“{_short(name)}”" for name in header)
        raise _refusal(line, f"No column named {' or '.join(missing)}; found {found}.", _HEADER_FIX)
    for name in (*_REQUIRED, "org", "group"):
        if names.count(name) > 1:
            raise _refusal(line, f"Two columns are named {name}.", "Rename or remove one of them.")
    return {name: place for place, name in enumerate(names)}


def _observation(
    line: int, cells: list[str], columns: dict[str, int], width: int, problems: list[FileProblem]
) -> Observation | None:
    if len(cells) != width:
        fix = "Check the separators; put a decimal point, not a comma, in numbers."
        problems.append(FileProblem(line, f"{len(cells)} cells instead of {width}.", fix))
        return None
    cell = {name: cells[place] for name, place in columns.items()}
    count = len(problems)
    for name in ("subject", "time"):
        if not cell[name]:
            problems.append(FileProblem(line, "It is empty.", f"Fill in the {name}.", name, ""))
    value = _value(line, cell["value"], problems)
    if len(problems) > count:
        return None
    return Observation(
        cell["subject"], as_time(cell["time"]), value,
        cell.get("org") or None, cell.get("group") or None,
    )  # fmt: skip


def _value(line: int, text: str, problems: list[FileProblem]) -> float | None:
    if not text:
        return None
    if NUMBER.fullmatch(text):
        number = float(text)
        if math.isfinite(number) and abs(number) <= MAX_VALUE:
            return number
        message, fix = "This number is too large.", "Check it."
    elif _DECIMAL_COMMA.fullmatch(text):
        message, fix = "This has a decimal comma.", f"Write {text.replace(',', '.')}."
    else:
        message, fix = "This is not a number.", "Write a number, or nothing if it is missing."
    problems.append(FileProblem(line, message, fix, "value", text))
    return None


def _refusal(line: int, message: str, fix: str) -> ObservationFileError:
    return ObservationFileError((FileProblem(line, message, fix),))


def _short(text: str) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= 40 else f"{text[:39]}…"
