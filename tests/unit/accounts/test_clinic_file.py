"""A file of clinics is understood as a whole, or every problem comes with line, column and fix."""

from __future__ import annotations

import pytest

from accounts.program.clinic_file import MAX_BYTES, MAX_ROWS, TEMPLATE, parse_clinics
from core.table_file import TableFileError

HEADER = "organization,clinic,study_code,state,clinician_fte,baseline_quarter\n"


def problems_of(text: str | bytes) -> list[str]:
    try:
        found = parse_clinics(text if isinstance(text, bytes) else text.encode()).problems
    except TableFileError as refused:
        found = refused.problems
    return [str(problem) for problem in found]


def test_the_template_is_a_sound_file() -> None:
    file = parse_clinics(TEMPLATE.encode())
    assert [line.name for line in file.lines] == ["Main Street Clinic"]
    assert file.ignored == ()


@pytest.mark.parametrize(
    "content",
    [
        "Organization;Clinic Name;Code;FTE\r\nElm;Main;C01;4,5\r\n".encode("utf-8-sig"),
        b"org\tclinic\tstudy code\tclinicians\nElm\tMain\tC01\t4.5\n",
        b'sep=,\norganization,site,STUDY_CODE,clinician_fte,,\n"Elm",Main,C01,4.5,,\n\n',
    ],
    ids=["semicolons, BOM", "tabs", "Excel hint, padding"],
)
def test_files_of_many_programs_are_read(content: bytes) -> None:
    (line,) = parse_clinics(content).lines
    assert (line.organization, line.name, line.code) == ("Elm", "Main", "C01")
    assert line.facts["clinician_fte"] == 4.5


def test_a_file_in_windows_1252_is_read_and_said_to_be() -> None:
    file = parse_clinics("organization,clinic,study_code\nÉlan,Main,C01\n".encode("cp1252"))
    assert file.lines[0].organization == "Élan"
    assert file.encoding == "Windows-1252"


def test_empty_cells_say_nothing_and_unknown_columns_are_named() -> None:
    file = parse_clinics(b"organization,clinic,study_code,state,notes\nElm,Main,C01,,x\n")
    assert dict(file.lines[0].facts) == {"name": "Main", "study_code": "C01"}
    assert file.ignored == ("notes",)


def test_every_problem_of_every_row_is_named() -> None:
    rows = ["Elm,Main,C01,ZZ,many,2026Q1", "Elm,,C 2,WA,3,never", "Elm,Main", ",East,C03,WA,3,"]
    found = problems_of(HEADER + "\n".join(rows))
    assert [text.split(":")[0] for text in found] == [
        "line 2, column state",
        "line 2, column clinician_fte",
        "line 3, column clinic",
        "line 3, column study_code",
        "line 3, column baseline_quarter",
        "line 4",
        "line 5, column organization",
    ]
    assert "2 cells instead of 6" in found[5]


def test_a_line_of_thousands_of_columns_is_refused_at_once() -> None:
    """Comparing 110,000 of them with every name took 18 seconds."""
    [problem] = problems_of(",".join(f"clinik{one % 97}" for one in range(100_000)))
    assert "The table has 100,000 columns" in problem


def test_a_code_or_a_clinic_that_stands_twice_names_the_first_line() -> None:
    rows = "Elm,Main,C01,,,\nElm,East,c01,,,\nelm,MAIN,C03,,,\n"
    found = problems_of(HEADER + rows)
    assert found == [
        "line 3, column study_code: “c01”: Line 2 has this code too. Give it another.",
        "line 4, column clinic: “MAIN”: Line 2 names this clinic too. Keep one of the rows.",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"clinic,study_code\nMain,C01\n", "There is no column organization."),
        (b"organization,clinic,study_code,clinic name\n", "are the same"),
        (b"organization,clinic,study_code,sttae\nElm,M,C,WA\n", "Did you mean state?"),
        (HEADER.encode(), "The file names no clinic."),
        (b"  \n", "The file is empty."),
        (b"PK\x03\x04rest", "This is an Excel workbook"),
        (b"\xff\xfeo\0r\0g\0", "UTF-16"),
        (b"a\0b,c\n", "This is not text."),
        (b'organization,clinic,study_code\n"Elm,Main,C01\n', "Close every quotation mark"),
        (b"x" * (MAX_BYTES + 1), "larger than 1 MB"),
        (
            (HEADER + "Elm,Main,C01,,,\n" * (MAX_ROWS + 1)).encode(),
            f"more than {MAX_ROWS:,} rows",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_used_says_why(content: bytes, words: str) -> None:
    assert words in "\n".join(problems_of(content))
