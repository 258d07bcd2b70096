"""Reads a CSV of observations and names every bad row by line, column, value and fix."""

from __future__ import annotations

import re

from assess.observations import NUMBER, Observation, Observations, Time, as_time
from core.table_file import FileProblem, TableFileError, read_table, refusal, shortened

MAX_BYTES = 20_000_000
MAX_VALUE = 1e100
"""Beyond this, or nearer to 0 than its inverse, squares leave the range of floating point."""

_REQUIRED = ("subject", "time", "value")
_HEADER_FIX = 'Name the columns in the first line, for example "subject,time,value".'
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)


def parse_observations(content: bytes) -> Observations:
    """Observations of a CSV file with the columns subject, time, value and maybe org, group.

    An empty value is missing. How the file may be written: core.table_file.
    Raises TableFileError with all problems at once.
    """
    table = read_table(content, max_bytes=MAX_BYTES)
    # Excel writes semicolons exactly where its numbers have decimal commas
    decimal_comma = table.delimiter != ","
    lines = table.rows()
    header_line, header = next(lines, (1, []))
    columns = _columns(header_line, header)
    problems: list[FileProblem] = []
    seen: dict[tuple[str, Time], int] = {}
    rows: list[Observation] = []
    for line, cells in lines:
        if decimal_comma:
            cells = _with_points(cells, columns["value"])
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
        raise TableFileError(tuple(problems))
    if all(row.value is None for row in rows):
        raise refusal(header_line + 1, "The file has no values.", "Add one row for each value.")
    return Observations(tuple(rows))


def _columns(line: int, header: list[str]) -> dict[str, int]:
    names = [name.lower() for name in header]
    if "rater" in names and "time" not in names:
        raise refusal(
            line,
            "This file has raters instead of times. This version analyzes change over time "
            "(subject,time,value); agreement between raters is not part of it yet.",
            "Give each row the quarter in a column named “time”.",
        )
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        found = ", ".join(f"“{shortened(name)}”" for name in header)
        raise refusal(line, f"No column named {' or '.join(missing)}; found {found}.", _HEADER_FIX)
    for name in (*_REQUIRED, "org", "group"):
        if names.count(name) > 1:
            raise refusal(line, f"Two columns are named {name}.", "Rename or remove one of them.")
    return {name: place for place, name in enumerate(names)}


def _observation(
    line: int, cells: list[str], columns: dict[str, int], width: int, problems: list[FileProblem]
) -> Observation | None:
    if len(cells) != width:
        fix = "Check the separators; put a decimal point, not a comma, in numbers."
        problems.append(FileProblem(line, f"{len(cells)} cells instead of {width}.", fix))
        return None
    # Two spaces in a name are a slip of the hand, as in an import, not another clinic.
    cell = {name: " ".join(cells[place].split()) for name, place in columns.items()}
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


def _with_points(cells: list[str], place: int) -> list[str]:
    return [
        text.replace(",", ".") if at == place and _DECIMAL_COMMA.fullmatch(text) else text
        for at, text in enumerate(cells)
    ]


def _value(line: int, text: str, problems: list[FileProblem]) -> float | None:
    if not text:
        return None
    if NUMBER.fullmatch(text):
        number = float(text)
        if number == 0 or 1 / MAX_VALUE <= abs(number) <= MAX_VALUE:
            return number
        message, fix = f"This number is too {'large' if abs(number) > 1 else 'small'}.", "Check it."
    elif _DECIMAL_COMMA.fullmatch(text):
        message, fix = "This has a decimal comma.", f"Write {text.replace(',', '.')}."
    else:
        message, fix = "This is not a number.", "Write a number, or nothing if it is missing."
    problems.append(FileProblem(line, message, fix, "value", text))
    return None
