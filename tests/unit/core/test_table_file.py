"""Whatever program saved the table: it is read, or refused by line with the fix."""

from __future__ import annotations

import pytest

from core.table_file import TableFileError, read_table

ROWS = [(1, ["clinic", "score"]), (2, ["Alder", "2.5"])]


def rows(content: bytes) -> list[tuple[int, list[str]]]:
    return list(read_table(content, max_bytes=1000).rows())


@pytest.mark.parametrize(
    "content",
    [
        b"clinic,score\nAlder,2.5\n",
        b"\xef\xbb\xbfclinic,score\r\nAlder,2.5\r\n",
        b"clinic;score\r\nAlder;2.5",
        b"clinic\tscore\nAlder\t2.5\n\n",
        b'"clinic", "score"\n  Alder ,"2.5"\n',
        b"clinic,score\rAlder,2.5\r",
    ],
)
def test_usual_ways_to_save_a_table_read_the_same(content: bytes) -> None:
    assert rows(content) == ROWS


def test_the_separator_line_of_excel_is_obeyed_and_not_a_row() -> None:
    assert rows(b"sep=;\r\nclinic;score\r\nA,B;2,5\r\n") == [
        (2, ["clinic", "score"]),
        (3, ["A,B", "2,5"]),
    ]


def test_lines_count_on_through_blank_lines_and_quoted_line_breaks() -> None:
    found = rows(b'\nclinic,note\nA,"one\ntwo"\n,\nB,x\n')
    assert [line for line, _ in found] == [2, 3, 6]


def test_windows_1252_is_read_and_named() -> None:
    table = read_table("clinic,score\nPeña’s,2\n".encode("cp1252"), max_bytes=1000)
    assert table.encoding == "Windows-1252"
    assert list(table.rows())[1] == (2, ["Peña’s", "2"])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "line 1: The file is empty."),
        (b" \r\n\t\n", "line 1: The file is empty."),
        (b"PK\x03\x04rest", "line 1: This is an Excel workbook, not a CSV file."),
        (b"\xd0\xcf\x11\xe0rest", "line 1: This is an old Excel workbook."),
        (b"%PDF-1.7", "line 1: This is a PDF, not a CSV file."),
        ("clinic".encode("utf-16"), "line 1: This is UTF-16"),
        (b"clinic,score\nA\0,2\n", "line 2: This is not text."),
        (b"\x89PNG\r\n\x1a\n\x00\x01", "This is not text"),
        (b"clinic,score\nA\x81,2\n", "line 2: This is not text in UTF-8 or Windows-1252."),
        (b'clinic,score\nA,2\n"B,2\nC,3\n', "line 3: This row cannot be read"),
        (b"x" * 1001, "The file is larger than"),
    ],
)
def test_what_is_no_table_is_refused_with_the_line(content: bytes, expected: str) -> None:
    with pytest.raises(TableFileError) as caught:
        rows(content)
    assert expected in str(caught.value)
    assert all(problem.fix for problem in caught.value.problems)
