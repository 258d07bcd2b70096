"""Understands a file of organizations and clinics: one clinic a row, or every problem by line.

PURE: what stands in the database is compared in accounts.clinic_import.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.program.clinic_facts import READERS, BadFact
from core.table_file import FileProblem, TableFileError, read_table, refusal, shortened

MAX_BYTES = 1_000_000
MAX_ROWS = 2_000
MOST_COLUMNS = 200

ALIASES: Mapping[str, tuple[str, ...]] = {
    "organization": ("organization", "organisation", "org", "organizationname"),
    "clinic": ("clinic", "clinicname", "name", "site"),
    "study_code": ("studycode", "code"),
    "state": ("state",),
    "setting": ("setting",),
    "ehr": ("ehr", "electronichealthrecord"),
    "clinician_fte": ("clinicianfte", "fte", "clinicians"),
    "baseline_quarter": ("baselinequarter", "baseline", "firstquarter"),
}
NEEDED = ("organization", "clinic", "study_code")
TEMPLATE = (
    ",".join(ALIASES)
    + "\r\nYour Organization,Main Street Clinic,C01,WA,rural,Name of the record,4.5,2026Q1\r\n"
)
_KNOWN = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
_READERS = {"organization": READERS["name"], "clinic": READERS["name"]} | {
    column: READERS[column] for column in ALIASES if column in READERS
}
_HEADER_FIX = f"Name the columns in the first line: {', '.join(ALIASES)}."


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """What one row says of a clinic; `facts` holds the columns that are filled in."""

    line: int
    organization: str
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def code(self) -> str:
        return str(self.facts["study_code"])


@dataclass(frozen=True, slots=True)
class ClinicFile:
    """What was understood of a file, and the problems of the rows that were not.

    `ignored` names the columns that are not used.
    """

    lines: tuple[ClinicLine, ...]
    ignored: tuple[str, ...]
    encoding: str
    problems: tuple[FileProblem, ...] = ()


def parse_clinics(content: bytes) -> ClinicFile:
    """Read a file of clinics. Raises TableFileError when it is no table of clinics at all."""
    table = read_table(content, max_bytes=MAX_BYTES)
    rows = table.rows()
    line, header = next(rows, (1, []))
    places = _find_columns(line, header)
    problems: list[FileProblem] = []
    found: list[ClinicLine] = []
    for number, (row_line, cells) in enumerate(rows):
        if number == MAX_ROWS:
            raise refusal(row_line, f"The file has more than {MAX_ROWS:,} rows.", "Split it.")
        found += _read_row(row_line, cells, header, places, problems)
    repeated = list(_repeated(found))
    problems += repeated
    again = {problem.line for problem in repeated}
    if not found and not problems:
        problems.append(FileProblem(line, "The file names no clinic.", "Add one row for each."))
    ignored = [text for place, text in enumerate(header) if place not in places.values()]
    return ClinicFile(
        lines=tuple(one for one in found if one.line not in again),
        ignored=tuple(filter(None, ignored)),
        encoding=table.encoding,
        problems=tuple(problems),
    )


def _find_columns(line: int, header: list[str]) -> dict[str, int]:
    if len(header) > MOST_COLUMNS:  # each is compared with every name there is
        raise refusal(line, f"The table has {len(header):,} columns.", _HEADER_FIX)
    places: dict[str, int] = {}
    problems: list[FileProblem] = []
    for place, text in enumerate(header):
        name = _KNOWN.get(re.sub(r"[\W_]+", "", text.casefold()))
        if name in places:
            message = f"“{shortened(header[places[name]])}” and “{shortened(text)}” are the same."
            problems.append(FileProblem(line, message, "Remove one of them.", name))
        elif name is not None:
            places[name] = place
    problems += _misspelled(line, header, places)
    problems += [
        FileProblem(line, f"There is no column {name}.", _HEADER_FIX, name)
        for name in NEEDED
        if name not in places
    ]
    if problems:
        raise TableFileError(tuple(problems))
    return places


def _misspelled(line: int, header: list[str], places: Mapping[str, int]) -> Iterator[FileProblem]:
    """Unknown names that are almost a column the file lacks: to ignore them would lose facts."""
    for place, text in enumerate(header):
        word = re.sub(r"[\W_]+", "", text.casefold())
        close = difflib.get_close_matches(word, _KNOWN, n=1, cutoff=0.8)
        if place not in places.values() and close and (name := _KNOWN[close[0]]) not in places:
            yield FileProblem(line, "This column is not known.", f"Did you mean {name}?", text, "")


def _read_row(
    line: int,
    cells: list[str],
    header: list[str],
    places: Mapping[str, int],
    problems: list[FileProblem],
) -> Iterator[ClinicLine]:
    """The clinic of a row, or none after its problems were noted."""
    if len(cells) > len(header) and not any(cells[len(header) :]):
        cells = cells[: len(header)]  # spreadsheets pad rows with empty cells
    if len(cells) != len(header):
        message = f"This row has {len(cells)} cells instead of {len(header)}."
        fix = "Check the separators and quotation marks of this row."
        problems.append(FileProblem(line, message, fix))
        return
    before = len(problems)
    values: dict[str, Any] = {}
    for column, place in places.items():
        try:
            value = _READERS[column](cells[place])
        except BadFact as bad:
            typed = cells[place] or None
            message = bad.message or "It is empty."
            problems.append(FileProblem(line, message, bad.fix, column, typed))
            continue
        if value is not None:
            values[column] = value
    if len(problems) == before:
        organization = values.pop("organization")
        yield ClinicLine(line, organization, {"name": values.pop("clinic"), **values})


def _repeated(lines: list[ClinicLine]) -> Iterator[FileProblem]:
    """Rows that name a code or a clinic for the second time."""
    codes: dict[str, int] = {}
    names: dict[tuple[str, str], int] = {}
    for one in lines:
        first = codes.setdefault(one.code.casefold(), one.line)
        if first != one.line:
            message = f"Line {first} has this code too."
            yield FileProblem(one.line, message, "Give it another.", "study_code", one.code)
        key = (one.organization.casefold(), one.name.casefold())
        first = names.setdefault(key, one.line)
        if first != one.line:
            message = f"Line {first} names this clinic too."
            yield FileProblem(one.line, message, "Keep one of the rows.", "clinic", one.name)
