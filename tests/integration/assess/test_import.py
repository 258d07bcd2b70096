"""Importing past assessments: all of a file or nothing, beside what the program already has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Clinic, Organization
from assess.models import AgreedLevel, Assessment, BlockScore, QuestionnaireVersion
from core import clock
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

S06 = Path(__file__).parents[2] / "cases" / "s06_slide_like_20x6" / "data.csv"
Import = Callable[..., Result]


@pytest.fixture
def run_import(app: Flask, tmp_path: Path) -> Import:
    """run_import(text or path, "--option", …) on November 22, 2026."""

    def run(content: str | bytes | Path, *options: str) -> Result:
        file = content if isinstance(content, Path) else tmp_path / "history.csv"
        if isinstance(content, str):
            file.write_text(content, "utf-8")
        elif isinstance(content, bytes):
            file.write_bytes(content)
        with clock.frozen_at(datetime(2026, 11, 22, 12, tzinfo=UTC)):
            return app.test_cli_runner().invoke(args=["assess", "import", str(file), *options])

    return run


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def scores(app: Flask) -> dict[tuple[str, str, str], float | None]:
    """Score by clinic name, quarter and block."""
    with app.app_context():
        rows = db.session.execute(
            select(Clinic.name, Assessment.quarter, BlockScore.block, BlockScore.score)
            .join(Assessment, Assessment.id == BlockScore.assessment_id)
            .join(Clinic, Clinic.id == Assessment.clinic_id)
        )
        return {(row.name, row.quarter, row.block): row.score for row in rows}


def test_the_published_shape_comes_in_and_shows_its_anova(app: Flask, run_import: Import) -> None:
    result = run_import(S06)
    assert result.exit_code == 0, result.output
    assert "120 assessments of 20 clinics in 6 organizations, 6 quarters from" in result.stdout
    assert "F(5, 95) = 3.46" in result.stdout
    assert count(app, Assessment) == count(app, BlockScore) == 120
    stored = scores(app)
    assert stored["C01", "2025Q2", "overall"] == pytest.approx(3.1538461538461537, rel=1e-15)
    with app.app_context():
        one = db.session.scalars(select(Assessment).limit(1)).one()
        assert (one.state, one.source) == ("closed", "imported")
        clinic = db.session.scalars(select(Clinic).where(Clinic.name == "C01")).one()
        assert (clinic.setting, clinic.baseline_quarter) == ("rural", "2025Q2")
        codes = db.session.scalars(select(Clinic.study_code)).all()
        assert len(set(codes)) == 20


def test_the_page_named_at_the_end_shows_the_same_anova(
    cast: Cast, run_import: Import, signed_in: Callable[[int], CheckingClient]
) -> None:
    result = run_import(S06)
    path = result.stdout.rstrip().rpartition("http://")[2].partition("/")[2]
    page = signed_in(cast.researcher).get(f"/{path}")
    assert page.status_code == 200
    assert "F(5, 95) = 3.46" in page.text


def test_levels_are_stored_as_agreed_and_scores_follow(app: Flask, run_import: Import) -> None:
    rows = [
        "Fir,2026Q2,measures-chosen,2",
        "Fir,2026Q2,measures-reviewed,4",
        "Fir,2026Q2,ehr-visit-templates,na",
        "Fir,2026Q2,med-easy,dk",
        "Fir,2026Q2,data-used,",
    ]
    result = run_import("clinic,quarter,milestone,level\n" + "\n".join(rows))
    assert result.exit_code == 0, result.output
    with app.app_context():
        agreed = {
            row.milestone: (row.state, row.level)
            for row in db.session.scalars(select(AgreedLevel)).all()
        }
        bases = set(db.session.scalars(select(BlockScore.basis)).all())
        version = db.session.scalars(select(QuestionnaireVersion)).one()
    assert agreed == {
        "measures-chosen": ("level", 2),
        "measures-reviewed": ("level", 4),
        "ehr-visit-templates": ("not_applicable", None),
        "med-easy": ("dont_know", None),
    }
    assert bases == {"agreed"}
    assert (version.slug, version.version) == ("six_building_blocks", "1.0.0")
    stored = scores(app)
    assert stored["Fir", "2026Q2", "measuring-success"] == 3.0
    assert stored["Fir", "2026Q2", "tracking-monitoring"] is None
    assert stored["Fir", "2026Q2", "overall"] is None
    assert len(stored) == 7


def test_clinics_that_exist_are_used_and_keep_their_codes(
    app: Flask, cast: Cast, run_import: Import
) -> None:
    clinics = count(app, Clinic)
    result = run_import("org,clinic,quarter,score\nnorth health,ALDER clinic,2026Q1,2\n")
    assert result.exit_code == 0, result.output
    assert "New: 0 organizations, 0 clinics" in result.stdout
    assert count(app, Clinic) == clinics
    with app.app_context():
        assert db.session.scalars(select(Assessment.clinic_id)).one() == cast.clinic


def test_a_clinic_may_be_named_by_its_study_code(
    app: Flask, cast: Cast, run_import: Import
) -> None:
    rows = (
        "organization,clinic,quarter,value\nNorth Health,n01,2025Q1,2\nSouth Health,N01,2025Q1,3\n"
    )
    result = run_import(rows)
    assert result.exit_code == 0, result.output
    with app.app_context():
        assessments = db.session.scalars(select(Assessment).order_by(Assessment.id)).all()
        assert cast.clinic in {one.clinic_id for one in assessments}
    assert count_named(app, "N01") == 1, "a code of another organization is a name here"


def count_named(app: Flask, name: str) -> int:
    with app.app_context():
        found = select(func.count()).select_from(Clinic).where(Clinic.name == name)
        return db.session.scalar(found) or 0


def test_the_same_clinic_name_in_two_organizations_is_two_clinics(
    app: Flask, run_import: Import
) -> None:
    result = run_import("org,clinic,quarter,score\nA,Main,1,2\nB,Main,1,3\n")
    assert result.exit_code == 0, result.output
    assert (count(app, Organization), count(app, Clinic)) == (2, 2)


def test_one_bad_row_keeps_everything_out_and_all_are_named(app: Flask, run_import: Import) -> None:
    text = S06.read_text("utf-8") + "C99,7,6,rural,three\n" * 1 + "C98,x,6,rural,9\n" * 1
    result = run_import(text)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "line 122, column value: “three”: This is not a number." in result.stderr
    assert "line 123, column time: “x”" in result.stderr
    assert "line 123, column value: “9”: This is outside the scale." in result.stderr
    assert "Nothing was imported: 3 problems" in result.stderr
    assert count(app, Organization) == count(app, Clinic) == count(app, Assessment) == 0


def test_more_problems_than_fit_a_screen_are_all_listed(run_import: Import) -> None:
    rows = "".join(f"C{number},2026Q1,x\n" for number in range(200))
    result = run_import("clinic,quarter,score\n" + rows)
    assert result.exit_code == 1
    assert "line 201, column score" in result.stderr
    assert "200 problems" in result.stderr


def test_importing_twice_is_refused_and_names_each_assessment(
    app: Flask, run_import: Import
) -> None:
    text = "clinic,quarter,score\nFir,2026Q1,2\nFir,2026Q2,3\n"
    assert run_import(text).exit_code == 0
    result = run_import(text + "Oak,2026Q2,3\n")
    assert result.exit_code == 1
    assert "line 2: Fir already has Q1 2026 from an earlier import. Add --replace" in result.stderr
    assert "line 3: Fir already has Q2 2026" in result.stderr
    assert count(app, Assessment) == 2
    assert count(app, Clinic) == 1


def test_replacing_puts_the_new_values_in_place_of_earlier_imports(
    app: Flask, run_import: Import
) -> None:
    assert run_import("clinic,quarter,block,score\nFir,2026Q1,1,2\nFir,2026Q2,2,3\n").exit_code == 0
    with app.app_context():
        before = set(db.session.scalars(select(Assessment.id)).all())
    text = "clinic,quarter,milestone,level\nFir,2026Q2,26,4\nFir,2026Q2,25,4\nFir,2026Q3,25,1\n"
    result = run_import(text, "--replace")
    assert result.exit_code == 0, result.output
    assert "1 earlier import replaced" in result.stdout
    stored = scores(app)
    assert stored["Fir", "2026Q1", "leadership-consensus"] == 2.0
    assert ("Fir", "2026Q2", "measuring-success") in stored
    assert stored["Fir", "2026Q2", "measuring-success"] == 4.0
    assert stored["Fir", "2026Q2", "policies-agreements-workflows"] is None
    with app.app_context():
        assert before < set(db.session.scalars(select(Assessment.id)).all())


def test_what_people_rated_is_never_replaced(app: Flask, cast: Cast, run_import: Import) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q3")
        seeding.rate_all(assessment, cast.member, level=2)
        seeding.reveal(assessment)
    result = run_import(
        "org,clinic,quarter,score\nNorth Health,Alder Clinic,2026Q3,4\n", "--replace"
    )
    assert result.exit_code == 1
    assert "line 2: Alder Clinic already has Q3 2026, rated in Blockwise. Take" in result.stderr
    assert scores(app)["Alder Clinic", "2026Q3", "overall"] == 2.0


def test_a_dry_run_reports_everything_and_changes_nothing(app: Flask, run_import: Import) -> None:
    result = run_import(S06, "--dry-run")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Nothing was changed.")
    assert "F(5, 95) = 3.46" in result.stdout
    assert count(app, Organization) == count(app, Clinic) == count(app, Assessment) == 0


def test_options_choose_owner_first_quarter_and_questionnaire(
    app: Flask, run_import: Import
) -> None:
    result = run_import(
        "clinic,wave,milestone,level\nFir,1,1,12\n",
        "--organization",
        "West Health",
        "--first-quarter",
        "Q1 2024",
        "--questionnaire",
        "six_building_blocks_maturity",
    )
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session.scalars(select(Organization.name)).all() == ["West Health"]
        one = db.session.scalars(select(Assessment)).one()
        assert (one.quarter, one.questionnaire) == ("2024Q1", "six_building_blocks_maturity")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--questionnaire", "nonsense"], "There is no questionnaire 'nonsense'"),
        (["--first-quarter", "soon"], "“soon” is not a quarter. Write it like 2026Q4."),
        (["--organization", " "], "Use 1 to 200 characters."),
    ],
)
def test_bad_options_are_refused(
    app: Flask, run_import: Import, options: list[str], expected: str
) -> None:
    result = run_import("clinic,quarter,score\nFir,1,2\n", *options)
    assert result.exit_code in {1, 2}
    assert expected in result.stderr
    assert "Traceback" not in result.output
    assert count(app, Assessment) == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04xlsx", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n\0\1"])
def test_a_file_that_is_no_table_is_refused(run_import: Import, content: bytes) -> None:
    result = run_import(content)
    assert result.exit_code == 1
    assert "line " in result.stderr
    assert "Nothing was imported: 1 problem" in result.stderr


def test_an_excel_made_file_is_read(app: Flask, run_import: Import) -> None:
    text = '\ufeffOrganisation;Clinic;Quarter;Score;Remark\r\nÉlan;Peña;Q1 2026;2,5;"a\r\nb"\r\n'
    result = run_import(text)
    assert result.exit_code == 0, result.output
    assert "Columns not used: “Remark”." in result.stdout
    assert scores(app)["Peña", "2026Q1", "overall"] == 2.5


def test_windows_1252_is_read_and_said(app: Flask, run_import: Import) -> None:
    result = run_import("clinic,quarter,score\nPeña,2026Q1,2\n".encode("cp1252"))
    assert result.exit_code == 0, result.output
    assert "read as Windows-1252" in result.stdout
    assert ("Peña", "2026Q1", "overall") in scores(app)


def test_a_missing_file_is_refused(run_import: Import, tmp_path: Path) -> None:
    result = run_import(tmp_path / "nowhere.csv")
    assert result.exit_code == 1
    assert "cannot be read" in result.stderr


def test_the_number_of_statements_grows_with_parts_not_with_rows(
    run_import: Import, count_statements: Callable[..., object]
) -> None:
    def statements(clinics: int) -> int:
        rows = "".join(
            f"H{clinics},K{clinics}-{clinic},{wave},{milestone},2\n"
            for clinic in range(clinics)
            for wave in range(1, 4)
            for milestone in range(1, 27)
        )
        with count_statements() as seen:  # type: ignore[attr-defined]
            assert run_import("org,clinic,wave,milestone,level\n" + rows).exit_code == 0
        return len(seen)

    statements(2)  # keeps the questionnaire
    assert statements(20) <= statements(5) + 25  # inserts go out in pages of some hundred rows
