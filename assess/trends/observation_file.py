"""Reads a CSV of scores or ratings and names every bad row by line, column, value and fix."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assess.agreement.table import RatingTable, rating_table
from assess.trends.observations import NUMBER, Observation, Observations, Time, as_time
from assess.trends.precise import observations_of
from core.table_file import FileProblem, TableFileError, read_table, refusal, shortened

MAX_BYTES = 20_000_000
MAX_VALUE = 1e100
"""Beyond this, or nearer to 0 than its inverse, squares leave the range of floating point."""

_HEADER_FIX = 'Name the columns in the first line, for example "subject,time,value".'
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a file; `key` is its time or its rater as written, `text` its value."""

    subject: str
    key: str
    value: float | None
    text: str
    org: str | None
    group: str | None


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of a file whose second key is `kind`, "time" or "rater"."""

    kind: str
    rows: tuple[_Row, ...]


def parse_file(content: bytes) -> Observations | RatingTable:
    """Change over time (columns subject, time, value) or agreement (subject, rater, value).

    An empty value is missing; a file that has both columns is about time. How the file may be
    written: core.table_file. Raises TableFileError with all problems at once.
    """
    table = _read(content)
    return _ratings(table) if table.kind == "rater" else _observations(table)


def parse_observations(content: bytes) -> Observations:
    """Observations of a CSV file with the columns subject, time, value and maybe org, group.

    Raises TableFileError with all problems at once, and for a file of raters.
    """
    table = _read(content)
    if table.kind == "rater":
        raise refusal(
            1,
            "This file has raters instead of times, and here change over time is asked for.",
            "Give each row the quarter in a column named “time”.",
        )
    return _observations(table)


def _observations(table: _Table) -> Observations:
    try:
        rows = [
            Observation(row.subject, as_time(row.key), row.value, row.org, row.group)
            for row in table.rows
        ]
        return observations_of(rows, [row.text for row in table.rows])
    except ValueError as error:
        raise refusal(1, f"The table is too large: {error}.", "Split it.") from error


def _ratings(table: _Table) -> RatingTable:
    try:
        return rating_table((row.subject, row.key, row.value) for row in table.rows)
    except ValueError as error:
        raise refusal(1, f"The table is too large: {error}.", "Split it.") from error


def _read(content: bytes) -> _Table:
    table = read_table(content, max_bytes=MAX_BYTES)
    # Excel writes semicolons exactly where its numbers have decimal commas
    decimal_comma = table.delimiter != ","
    lines = table.rows()
    header_line, header = next(lines, (1, []))
    kind, columns = _columns(header_line, header)
    problems: list[FileProblem] = []
    seen: dict[tuple[str, Time], int] = {}
    rows: list[_Row] = []
    for line, cells in lines:
        if decimal_comma:
            cells = _with_points(cells, columns["value"])
        row = _row(line, cells, kind, columns, len(header), problems)
        if row is None:
            continue
        # a quarter may be spelled in several ways, a rater only in one
        key = as_time(row.key) if kind == "time" else row.key
        first = seen.setdefault((row.subject, key), line)
        if first != line:
            problems.append(_twice(line, row.subject, kind, str(key), first))
        rows.append(row)
    if problems:
        raise TableFileError(tuple(problems))
    if all(row.value is None for row in rows):
        raise refusal(header_line + 1, "The file has no values.", "Add one row for each value.")
    return _Table(kind, tuple(rows))


def _twice(line: int, subject: str, kind: str, key: str, first: int) -> FileProblem:
    return FileProblem(
        line,
        f"{subject} already has a row for {key} on line {first}.",
        f"Keep one row for each subject and {kind}.",
        kind,
        key,
    )


def _columns(line: int, header: list[str]) -> tuple[str, dict[str, int]]:
    names = [name.lower() for name in header]
    kind = "rater" if "rater" in names and "time" not in names else "time"
    required = ("subject", kind, "value")
    missing = [name for name in required if name not in names]
    if missing:
        found = ", ".join(f"“{shortened(name)}”" for name in header)
        raise refusal(line, f"No column named {' or '.join(missing)}; found {found}.", _HEADER_FIX)
    for name in (*required, "org", "group"):
        if names.count(name) > 1:
            raise refusal(line, f"Two columns are named {name}.", "Rename or remove one of them.")
    return kind, {name: place for place, name in enumerate(names)}


def _row(
    line: int,
    cells: list[str],
    kind: str,
    columns: dict[str, int],
    width: int,
    problems: list[FileProblem],
) -> _Row | None:
    if len(cells) != width:
        fix = "Check the separators; put a decimal point, not a comma, in numbers."
        problems.append(FileProblem(line, f"{len(cells)} cells instead of {width}.", fix))
        return None
    # Two spaces in a name are a slip of the hand, as in an import, not another clinic.
    cell = {name: " ".join(cells[place].split()) for name, place in columns.items()}
    count = len(problems)
    for name in ("subject", kind):
        if not cell[name]:
            problems.append(FileProblem(line, "It is empty.", f"Fill in the {name}.", name, ""))
    value = _value(line, cell["value"], problems)
    if len(problems) > count:
        return None
    org, group = cell.get("org") or None, cell.get("group") or None
    return _Row(cell["subject"], cell[kind], value, cell["value"], org, group)


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
