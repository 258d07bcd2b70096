"""Reading the CSV: what is accepted, and that every refusal names line, column, value and fix."""

from __future__ import annotations

import pytest

from assess.agreement.table import RatingTable
from assess.trends.observation_file import parse_file, parse_observations
from assess.trends.observations import Observation, Observations
from assess.trends.precise import differences_of
from core.table_file import TableFileError

GOOD = "subject,time,value\nC01,1,2.5\nC02,1,\n"


def problems(content: str | bytes) -> list[str]:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(TableFileError) as caught:
        parse_observations(raw)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        "\ufeff" + GOOD,
        "\ufeff" + GOOD.replace(",", ";").replace("\n", "\r\n"),
        GOOD.replace(",", "\t"),
        '"Subject", TIME,value\n "C01",1,2.5\n\nC02,1,\n',
        "\n" + GOOD,
    ],
)
def test_usual_ways_of_writing_a_csv_are_read(content: str) -> None:
    rows = parse_observations(content.encode()).rows
    assert rows == (Observation("C01", 1, 2.5), Observation("C02", 1, None))


def test_organization_and_group_are_kept_and_other_columns_ignored() -> None:
    rows = parse_observations(b"note,group,org,value,time,subject\nx,rural,3,2,2026Q1,A\n").rows
    assert rows == (Observation("A", "2026Q1", 2.0, "3", "rural"),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "line 1: The file is empty."),
        (b"PK\x03\x04rest", "line 1: This is an Excel workbook"),
        (b"\xff\xfes\x00", "line 1: This is UTF-16"),
        (b"%PDF-1.7", "line 1: This is a PDF"),
        (b"subject,time,value\nA\x81,1,2\n", "line 2: This is not text in UTF-8 or Windows-1252."),
        (b"subject,time\0,value\n", "line 1: This is not text."),
        ("clinic,time,value\nA,1,2\n", "No column named subject; found “clinic”, “time”"),
        ("subject,time,value,value\nA,1,2,3\n", "Two columns are named value."),
        ("subject,rater,value\nA,1,2\n", "raters instead of times"),
        ("subject,time,value\nA,1,\n", "line 2: The file has no values."),
        ('subject,time,value\nA,1,"2\n', "line 2: This row cannot be read"),
        ("subject,time,value\nA,1,2,5\n", "line 2: 4 cells instead of 3."),
        ('subject,time,value\nA,1,"2,5"\n', "line 2, column value: “2,5”: This has a decimal "
                                            "comma. Write 2.5."),
        ("subject,time,value\n,1,2\n", "line 2, column subject: “”: It is empty."),
        ("subject,time,value\nA,,2\n", "line 2, column time: “”: It is empty."),
        ("subject,time,value\nA,1,2\nA,1,3\n",
         "line 3, column time: “1”: A already has a row for 1 on line 2."),
        ("subject,time,value\nA,2026Q1,2\nA,Q1 2026,3\n", "already has a row for 2026Q1"),
    ],
)  # fmt: skip
def test_refusals_say_where_and_what(content: str | bytes, expected: str) -> None:
    assert any(expected in problem for problem in problems(content))


def test_a_rater_is_a_name_even_when_it_looks_like_a_quarter() -> None:
    table = parse_file(b"subject,rater,value\nC2,01,1\nC2,1,2\nC10,1,\nC10,Q1 2026,3\n")
    assert isinstance(table, RatingTable)
    assert (table.subjects, table.raters) == (("C2", "C10"), ("01", "1", "Q1 2026"))
    assert table.values.tolist()[0][:2] == [1, 2]
    assert isinstance(parse_file(b"subject,rater,time,value\nA,B,1,2\n"), Observations)


def test_a_rater_rates_a_subject_once() -> None:
    with pytest.raises(TableFileError, match="A already has a row for B on line 2"):
        parse_file(b"subject,rater,value\nA,B,1\nA,B,1\n")
    with pytest.raises(TableFileError, match="line 2, column rater: “”: It is empty"):
        parse_file(b"subject,rater,value\nA,,1\n")


def test_a_table_that_would_not_fit_into_memory_is_refused() -> None:
    rows = "".join(f"S{i},R{i},1\n" for i in range(3200))
    with pytest.raises(TableFileError, match="3200 subjects times 3200 raters are too many"):
        parse_file(f"subject,rater,value\n{rows}".encode())


def test_decimal_commas_are_read_where_excel_writes_them() -> None:
    rows = parse_observations("subject;time;value\nA;1;2,5\nB;1;3\n".encode("utf-8-sig")).rows
    assert [row.value for row in rows] == [2.5, 3.0]


@pytest.mark.parametrize("value", ["NA", "nan", "inf", "-Infinity", "three", "0x1F", "1e999", "²"])
def test_what_is_not_a_finite_number_is_refused(value: str) -> None:
    (problem,) = problems(f"subject,time,value\nA,1,{value}\n")
    assert problem.startswith(f"line 2, column value: “{value}”: This")


def test_all_bad_rows_are_reported_with_their_own_lines() -> None:
    found = problems('subject,time,value\nA,1,x\nB,1,"\n2"\nC,1,2\nD,1,y\n')
    assert [problem.split(":")[0] for problem in found] == [
        "line 2, column value", "line 6, column value",
    ]  # fmt: skip


def test_a_file_beyond_the_limit_is_refused_before_it_is_read() -> None:
    (problem,) = problems(b"subject,time,value\n" + b"x" * 20_000_000)
    assert "larger than 20 MB" in problem


def test_two_spaces_in_a_name_are_a_slip_of_the_hand() -> None:
    found = parse_observations(
        "subject,time,value\nNorth  Fork,1,2\nNorth\u00a0Fork ,2,3\n".encode()
    )
    assert found.subjects == ("North Fork",)
    assert len(found.complete.subjects) == 1


@pytest.mark.parametrize(("value", "size"), [("1e101", "large"), ("-1e-101", "small")])
def test_numbers_whose_squares_do_not_fit_are_refused(value: str, size: str) -> None:
    with pytest.raises(TableFileError, match=f"This number is too {size}. Check it."):
        parse_observations(f"subject,time,value\nA,1,{value}\n".encode())


@pytest.mark.parametrize(
    ("values", "differences"),
    [
        (["1000000000000.4", "", "1000000000000.3"], [0.0, -0.1]),  # not -0.1000977
        (["1000000000000.40002", "1000000000000.3", ""], None),  # what a program printed
        (["1000000002.3", "1000000000.1", ""], None),  # R has the differences of the doubles
        (["2.5", "2.5", ""], None),
    ],
)
def test_values_alike_in_ten_digits_are_subtracted_as_text(
    values: list[str], differences: list[float] | None
) -> None:
    rows = "".join(f"C{at},1,{value}\n" for at, value in enumerate(values))
    observations = parse_observations(f"subject,time,value\n{rows}".encode())
    precise = differences_of(observations)
    if differences is None:
        assert precise is observations
    else:
        assert precise.by_time[0].tolist() == differences
        assert precise.subjects == observations.subjects
