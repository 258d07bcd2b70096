"""docs/security.md names tests that exist, and each ASVS requirement of levels 1 and 2 once.

The ids are those of the OWASP Application Security Verification Standard 5.0.0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import config

DOCUMENT = config.ROOT / "docs" / "security.md"
STATUSES = ("met", "met, by reading", "not met", "not applicable")
LEVEL_1 = """
1.2.1-5 1.3.1-2 1.5.1 2.1.1 2.2.1-2 2.3.1 3.2.1-2 3.3.1 3.4.1-2 3.5.1-3 4.1.1 4.4.1 5.2.1-2 5.3.1-2
6.1.1 6.2.1-8 6.3.1-2 6.4.1-2 7.2.1-4 7.4.1-2 8.1.1 8.2.1-2 8.3.1 9.1.1-3 9.2.1 10.4.1-5 11.3.1-2
11.4.1 12.1.1 12.2.1-2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1
"""
LEVEL_2 = """
1.1.1-2 1.2.6-9 1.3.3-11 1.4.1-3 1.5.2 2.1.2-3 2.2.3 2.3.2-4 2.4.1 3.3.2-4 3.4.3-6 3.5.4-5 3.7.1-2
4.1.2-3 4.2.1 4.3.1-2 4.4.2-4 5.1.1 5.2.3 5.4.1-3 6.1.2-3 6.2.9-12 6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3
6.8.1-4 7.1.1-3 7.3.1-2 7.4.3-5 7.5.1-2 7.6.1-2 8.1.2 8.2.3 8.4.1 9.2.2-4 10.1.1-2 10.2.1-2 10.3.1-4
10.4.6-11 10.5.1-5 10.6.1-2 10.7.1-3 11.1.1-2 11.2.1-3 11.3.3 11.4.2-4 11.5.1 11.6.1 12.1.2-3
12.3.1-4 13.1.1 13.2.1-5 13.3.1-2 13.4.2-5 14.1.1-2 14.2.2-4 14.3.2-3 15.1.2-3 15.2.2-3 15.3.2-7
16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3 17.1.1 17.2.1-4 17.3.1-2
"""

_FILE = re.compile(r"\b(test_[a-z0-9_]+\.py)(?:::(test_[a-z0-9_]+))?")
_REQUIREMENT = re.compile(r"V\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: its requirements, their status, and where that is shown."""

    ids: tuple[str, ...]
    status: str
    shown: str

    @property
    def chapter(self) -> str:
        return self.ids[0].partition(".")[0]


def test_the_lists_are_those_of_the_standard() -> None:
    assert len(list(_listed(LEVEL_1))) == 70
    assert len(list(_listed(LEVEL_2))) == 183


def test_every_requirement_of_both_levels_stands_once() -> None:
    found = Counter(one for row in _rows() for one in row.ids)
    assert found == Counter([*_listed(LEVEL_1), *_listed(LEVEL_2)])


def test_every_row_has_a_status_and_stands_in_its_chapter() -> None:
    heading = ""
    for line in _lines():
        if line.startswith("### V"):
            heading = line.split()[1]
        if row := _row(line):
            assert row.status in STATUSES, line
            assert {one.partition(".")[0] for one in row.ids} == {heading}, line
            assert row.shown, line


def test_what_is_met_names_a_test_that_shows_it() -> None:
    assert [row.ids for row in _rows() if row.status == "met" and not _FILE.search(row.shown)] == []


def test_every_test_that_is_named_exists() -> None:
    written = list((config.ROOT / "tests").rglob("test_*.py"))
    sources = {path: path.read_text(encoding="utf-8") for path in written}
    named = set(_FILE.findall(DOCUMENT.read_text(encoding="utf-8")))
    missing = {
        f"{file}::{function}" if function else file
        for file, function in named
        if not any(
            path.name == file and (not function or f"def {function}(" in source)
            for path, source in sources.items()
        )
    }
    assert len(named) > 100
    assert missing == set()


def test_the_counts_are_those_of_the_table() -> None:
    counted = Counter((row.chapter, row.status) for row in _rows() for _ in row.ids)
    chapters = sorted({chapter for chapter, _ in counted}, key=lambda name: int(name[1:]))
    expected = [
        [chapter, *(counted[chapter, status] for status in STATUSES)] for chapter in chapters
    ]
    expected.append(["all", *(sum(row[at] for row in expected) for at in range(1, 5))])  # type: ignore[misc]
    assert list(_summary()) == [[str(cell) for cell in row] for row in expected]


def _listed(table: str) -> Iterator[str]:
    """`1.2.1-3` stands for V1.2.1, V1.2.2 and V1.2.3."""
    for part in table.split():
        section, _, numbers = part.rpartition(".")
        first, _, last = numbers.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield f"V{section}.{number}"


def _lines() -> list[str]:
    return DOCUMENT.read_text(encoding="utf-8").splitlines()


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _row(line: str) -> Row | None:
    if not line.startswith("| V") or not _REQUIREMENT.search(line.split("|")[1]):
        return None
    ids, _words, status, shown = _cells(line)
    return Row(tuple(ids.split(", ")), status, shown)


def _rows() -> list[Row]:
    return [row for line in _lines() if (row := _row(line))]


def _summary() -> Iterator[list[str]]:
    """The lines of the table of counts: chapter (without its name) and a number per status."""
    for line in _lines():
        cells = _cells(line)
        if len(cells) == 5 and all(cell.isdigit() for cell in cells[1:]):
            yield [cells[0].split()[0], *cells[1:]]
