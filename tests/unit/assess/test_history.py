"""Past assessments in a file: what is understood, and that every bad row is named with its fix."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from assess.answers import DONT_KNOW, NOT_APPLICABLE, AnswerValue
from assess.history.reading import History, PastAssessment, parse_history
from assess.history.scores import score_past
from assess.quarters import Quarter
from core.table_file import TableFileError
from questionnaires import catalog

INSTRUMENT = catalog.get("six_building_blocks", "1.0.0")
MATURITY = catalog.get("six_building_blocks_maturity", "1.0.0")
TODAY = date(2026, 11, 22)
S06 = Path(__file__).parents[2] / "cases" / "s06_slide_like_20x6" / "data.csv"


def parse(text: str | bytes, *, first_quarter: str | None = None) -> History:
    return parse_history(
        text.encode() if isinstance(text, str) else text,
        INSTRUMENT,
        today=TODAY,
        organization="Imported program",
        first_quarter=Quarter.parse(first_quarter) if first_quarter else None,
    )


def only(text: str) -> PastAssessment:
    (past,) = parse(text).assessments
    return past


def problems(text: str | bytes, *, first_quarter: str | None = None) -> list[str]:
    with pytest.raises(TableFileError) as caught:
        parse(text, first_quarter=first_quarter)
    return [str(problem) for problem in caught.value.problems]


def test_levels_of_milestones_become_answers() -> None:
    past = only(
        "clinic,quarter,milestone,level\n"
        "Alder,2026Q1,policy-aligned,3\n"
        "Alder,2026Q1,agreement-aligned,\n"
        "Alder,2026Q1,ehr-visit-templates,n/a\n"
        "Alder,2026Q1,med-easy,Don’t know\n"
        "Alder,2026Q1,data-used,2.0\n"
    )
    assert past.answers == {
        "policy-aligned": AnswerValue.level(3),
        "ehr-visit-templates": NOT_APPLICABLE,
        "med-easy": DONT_KNOW,
        "data-used": AnswerValue.level(2),
    }
    assert past.scores == {}
    assert (past.organization, past.clinic, past.line) == ("Imported program", "Alder", 2)


@pytest.mark.parametrize(
    "name",
    ["med-easy", "MED_EASY", "med easy", "10", "Working out the daily opioid dose is easy"],
)
def test_a_milestone_may_be_named_by_key_title_or_number(name: str) -> None:
    past = only(f"clinic,quarter,milestone,level\nA,2026Q1,{name},4\n")
    assert list(past.answers) == ["med-easy"]


def test_scores_of_blocks_and_the_overall_score_are_kept_as_they_are() -> None:
    past = only(
        "site;org;wave;building block;score\n"
        "A;North;1;planned-visits;2,25\n"
        "A;North;1;Measuring success;3\n"
        "A;North;1;1;1.5\n"
        "A;North;1;Overall;2,4\n"
        "A;North;1;complex-needs;NA\n"
    )
    assert past.scores == {
        "planned-visits": 2.25,
        "measuring-success": 3.0,
        "leadership-consensus": 1.5,
        "overall": 2.4,
    }
    assert past.organization == "North"


def test_a_file_without_milestones_and_blocks_holds_overall_scores() -> None:
    history = parse(S06.read_bytes())
    assert len(history.assessments) == 120
    first = history.assessments[0]
    assert first.scores == {"overall": pytest.approx(3.1538461538461537, rel=1e-15)}
    assert (first.organization, first.clinic, first.setting) == ("1", "C01", "rural")
    quarters = sorted({past.quarter for past in history.assessments})
    assert (str(quarters[0]), str(quarters[-1]), len(quarters)) == ("2025Q2", "2026Q3", 6)


@pytest.mark.parametrize("quarter", ["2026Q1", "Q1 2026", "2026-Q1", "2026 q1"])
def test_quarters_are_read_in_their_usual_spellings(quarter: str) -> None:
    assert only(f"clinic,quarter,score\nA,{quarter},2\n").quarter == Quarter(2026, 1)


def test_waves_count_up_from_the_first_quarter_when_it_is_given() -> None:
    history = parse("clinic,wave,score\nA,1,2\nA,3,2\n", first_quarter="2024Q4")
    assert [str(past.quarter) for past in history.assessments] == ["2024Q4", "2025Q2"]


def test_a_wave_after_today_is_refused() -> None:
    (problem,) = problems("clinic,wave,score\nA,1,2\nA,3,2\n", first_quarter="2026Q3")
    assert problem.startswith("line 3, column wave: This wave is Q1 2027")


def test_a_milestone_row_may_also_name_its_block() -> None:
    past = only(
        "clinic,quarter,block,milestone,level\nA,2026Q1,planned-visits,patient-education,2\n"
    )
    assert past.answers == {"patient-education": AnswerValue.level(2)}


def test_levels_and_scores_may_stand_in_columns_of_their_own() -> None:
    history = parse(
        "clinic,quarter,block,milestone,level,score\n"
        "A,2026Q1,,patient-education,2,\n"
        "B,2026Q1,planned-visits,,,2.5\n"
    )
    assert [len(past.answers) + len(past.scores) for past in history.assessments] == [1, 1]


def test_capital_letters_and_spaces_make_no_second_clinic() -> None:
    history = parse("org,clinic,quarter,score\nNorth,Elm  Clinic,1,2\nNORTH,elm clinic,2,3\n")
    assert {(past.organization, past.clinic) for past in history.assessments} == {
        ("North", "Elm Clinic")
    }


def test_rows_without_a_value_and_columns_not_used_are_counted() -> None:
    history = parse("clinic,quarter,score,remark\nA,2026Q1,2,x\nA,2026Q2,,y\n,,,\n")
    assert (history.rows, history.empty, history.ignored) == (2, 1, ("remark",))
    assert len(history.assessments) == 1


def test_trailing_empty_cells_of_a_spreadsheet_are_no_problem() -> None:
    assert only("clinic,quarter,score\nA,2026Q1,2,,\n").scores == {"overall": 2.0}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("A,2026Q1,policy-aligned,three",
         "column level: “three”: This is not a level. Write 1, 2, 3 or 4."),
        ("A,2026Q1,policy-aligned,0", "“0”: This is not a level. Write 1, 2, 3 or 4."),
        ("A,2026Q1,policy-aligned,5", "“5”: This is not a level."),
        ("A,2026Q1,policy-aligned,2.5", "“2.5”: This is not a level."),
        ("A,2026Q1,policy-aligned,²", "“²”: This is not a level."),
        ("A,2026Q1,policy-aligned,na", "applies to every clinic. Write 1, 2, 3 or 4, dk for"),
        ("A,2026Q1,polcy-aligned,3",
         "column milestone: “polcy-aligned”: This is not a milestone of the questionnaire. "
         "Did you mean policy-aligned?"),
        ("A,2026Q1,27,3", "Write its key, its title or a number from 1 to 26."),
        ("A,2026Q1,,3", "column milestone: “”: It is empty. Name a milestone or a block"),
        (",2026Q1,policy-aligned,3", "column clinic: “”: It is empty. Fill in the clinic."),
        ("A,,policy-aligned,3", "column quarter: “”: This is not a quarter."),
        ("A,2026,policy-aligned,3", "“2026”: This is not a quarter. Write it like 2026Q1"),
        ("A,2026Q5,policy-aligned,3", "“2026Q5”: This is not a quarter."),
        ("A,2027Q1,policy-aligned,3",
         "“2027Q1”: This quarter has not begun yet. The latest possible quarter is 2026Q4."),
        ("A,0,policy-aligned,3", "“0”: This is not a wave."),
        ("A,2026Q1,policy-aligned,3,9", "line 2: 5 cells instead of 4."),
        (f"{'A' * 201},2026Q1,policy-aligned,3", "This has 201 characters. Use at most 200."),
    ],
)  # fmt: skip
def test_a_bad_level_row_is_named_by_line_column_value_and_fix(row: str, expected: str) -> None:
    (problem,) = problems(f"clinic,quarter,milestone,level\n{row}\n")
    assert problem.startswith("line 2")
    assert expected in problem


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "A,2026Q1,planned-visits,4.01",
            "column score: “4.01”: This is outside the scale. Write a",
        ),
        ("A,2026Q1,planned-visits,0.9", "Write a number from 1 to 4."),
        ("A,2026Q1,planned-visits,inf", "“inf”: This is not a number."),
        ("A,2026Q1,planned-visits,nan", "“nan”: This is not a number."),
        ('A,2026Q1,planned-visits,"2,5"', "“2,5”: This has a decimal comma. Write 2.5."),
        ("A,2026Q1,planed-visits,2", "Did you mean planned-visits?"),
        ("A,2026Q1,7,2", "Write its key, its title or a number from 1 to 6."),
    ],
)
def test_a_bad_score_row_is_named_by_line_column_value_and_fix(row: str, expected: str) -> None:
    (problem,) = problems(f"clinic,quarter,block,score\n{row}\n")
    assert problem.startswith("line 2")
    assert expected in problem


def test_every_bad_row_is_reported_in_the_order_of_the_file() -> None:
    rows = "".join(f"A,2026Q1,{number},x\n" for number in range(1, 27))
    found = problems("clinic,quarter,milestone,level\n" + rows + "B,2026Q1,nothing,1\nC,x,1,1\n")
    assert [problem.split(",")[0] for problem in found] == [f"line {n}" for n in range(2, 30)]


def test_problems_before_a_broken_row_are_reported_with_it() -> None:
    found = problems('clinic,quarter,score\nA,2026Q1,x\nB,2026Q1,"2\n')
    assert [problem.split(":")[0] for problem in found] == ["line 2, column score", "line 3"]


def test_two_rows_for_the_same_thing_are_refused() -> None:
    (problem,) = problems(
        "clinic,time,milestone,level\nA,2026Q1,med-easy,2\nB,2026Q1,med-easy,2\na,Q1 2026,10,2\n"
    )
    assert problem == (
        "line 4, column milestone: A in Q1 2026 already has a row for med-easy on line 2. "
        "Keep one of the two rows."
    )


def test_levels_and_scores_of_one_assessment_do_not_mix() -> None:
    (problem,) = problems(
        "clinic,quarter,milestone,block,value\nA,2026Q1,med-easy,,2\nA,2026Q1,,planned-visits,2\n"
    )
    assert "line 3, column milestone: A in Q1 2026 has levels of milestones and scores." in problem


def test_waves_and_quarters_do_not_mix() -> None:
    (problem,) = problems("clinic,quarter,score\nA,2026Q1,2\nA,2,2\n")
    assert problem.startswith("line 3, column quarter: wave 2 stands here, Q1 2026 on line 2.")


def test_a_clinic_has_one_setting() -> None:
    (problem,) = problems("clinic,quarter,score,group\nA,1,2,rural\nA,2,2,\nA,3,2,urban\n")
    assert problem.startswith("line 4, column group: “urban”: A has “rural” on line 2.")


def test_a_milestone_in_the_wrong_block_is_refused() -> None:
    (problem,) = problems(
        "clinic,quarter,block,milestone,level\nA,2026Q1,complex-needs,med-easy,2\n"
    )
    assert (
        "column block: “complex-needs”: med-easy is not in this block. Write tracking-" in problem
    )


def test_a_number_in_the_column_of_the_other_kind_is_refused() -> None:
    (problem,) = problems(
        "clinic,quarter,milestone,level,score\nA,2026Q1,med-easy,2,2.5\n"
    )  # fmt: skip
    assert "column score: “2.5”: In a row about a milestone this stays empty." in problem


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("clinic,score", "No column named quarter; found “clinic”, “score”."),
        ("quarter,score", "No column named clinic"),
        ("clinic,quarter", "No column named level, score or value"),
        ("clinic,quarter,level", "No column named milestone"),
        ("clinic,quarter,mileston,level", "“mileston”: This column is not known. Name it"),
        ("clinic,subject,quarter,score", "“clinic” and “subject” both mean the clinic."),
        (",,,", "No column named clinic"),
    ],
)
def test_a_header_that_cannot_be_used_says_what_is_missing(header: str, expected: str) -> None:
    assert expected in problems(f"{header}\nA,1,2,2\n")[0]


@pytest.mark.parametrize("rows", ["", "A,2026Q1,\n"])
def test_a_file_without_any_value_is_refused(rows: str) -> None:
    (problem,) = problems(f"clinic,quarter,score\n{rows}")
    assert "The file has no values." in problem


def test_scores_follow_from_levels_by_the_rule_of_the_questionnaire() -> None:
    block = INSTRUMENT.block("planned-visits")
    rows = "".join(f"A,2026Q1,{one.key},3\n" for one in block.milestones[:3])
    scored = score_past(INSTRUMENT, only(f"clinic,quarter,milestone,level\n{rows}"))
    found = {row["block"]: (row["score"], row["answered"], row["basis"]) for row in scored.rows}
    assert found["planned-visits"] == (3.0, 3, "agreed")
    assert found["complex-needs"] == (None, 0, "agreed")
    assert found["overall"][0] is None, "one block of six is too little"


@pytest.mark.parametrize(("blocks", "overall"), [(2, None), (3, 2.0)])
def test_the_overall_score_follows_from_half_of_the_blocks(
    blocks: int, overall: float | None
) -> None:
    rows = "".join(f"A,2026Q1,{number},{number}\n" for number in range(1, blocks + 1))
    scored = score_past(INSTRUMENT, only(f"clinic,quarter,block,score\n{rows}"))
    assert scored.rows[-1]["score"] == overall
    assert {row["basis"] for row in scored.rows} == {"imported"}
    assert [row["block"] for row in scored.rows][-1] == "overall"


def test_another_questionnaire_brings_its_own_scale() -> None:
    text = b"clinic,quarter,milestone,level\nA,2026Q1,1,12\nA,2026Q1,2,13\n"
    with pytest.raises(TableFileError) as caught:
        parse_history(text, MATURITY, today=TODAY, organization="X")
    (problem,) = caught.value.problems
    assert str(problem).startswith("line 3, column level: “13”: This is not a level.")
    assert problem.fix == "Write a whole number from 1 to 12."


def test_reading_a_history_loads_neither_flask_nor_a_database() -> None:
    code = (
        "import sys, assess.history.reading, assess.history.scores;"
        "sys.exit(any(m in sys.modules for m in ('flask', 'sqlalchemy', 'numpy')))"
    )
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
