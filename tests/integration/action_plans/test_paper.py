"""The plan on paper: print view, PDF, and the command for the terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import page as page_validation
import pypdf
import pytest
from click.testing import Result
from flask import Flask

from accounts.models import Organization
from action_plans import tasks
from action_plans.models import ActionStatus
from core import pdf
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.action_plans.conftest import Situation, content
from tests.pages import CheckingClient

Browser = Callable[[int], CheckingClient]


@pytest.fixture
def lead(cast: Cast, signed_in: Browser) -> CheckingClient:
    return signed_in(cast.lead)


def text(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(one.extract_text() for one in pages).split())


def test_the_pdf_of_a_stored_plan(
    app: Flask, lead: CheckingClient, cast: Cast, situation: Situation
) -> None:
    with app.app_context():
        tasks.add_action(
            plan_id=situation.plan,
            goal_id=situation.goal,
            content=content(
                "Check ten charts 🎉", status=ActionStatus.UNDER_WAY, obstacle_note="No time"
            ),
            person_id=cast.lead,
        )
        db.session.commit()
    answer = lead.get(f"/plans/{situation.plan}/plan.pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert "Action_plan_Q4_2026_Alder_Clinic.pdf" in answer.headers["Content-Disposition"]
    words = text(answer.data)
    for expected in (
        "Alder Clinic",
        "Action plan, Q4 2026",
        "Now: 1 Not started",
        "By Dec 31, 2026: 2 Begun",
        "Make a list",
        "Check ten charts",
        "In the way: No time.",
        "Six Building Blocks self-assessment 1.0.0",
        f"/plans/{situation.plan}",
    ):
        assert expected in words
    assert "ictional" not in words
    assert page_validation.is_pdf_compliant_bytes(
        answer.data, profile=page_validation.ValidationProfile.PDF_UA_1
    )
    assert lead.get(f"/plans/{situation.plan}/plan.pdf").data == answer.data


def test_a_fictional_clinic_is_marked_on_paper(
    app: Flask, lead: CheckingClient, cast: Cast, situation: Situation
) -> None:
    with app.app_context():
        db.session.get_one(Organization, cast.organization).is_demo = True
        db.session.commit()
    assert "Fictional demonstration" in lead.get(f"/plans/{situation.plan}/print").text
    assert "Fictional demonstration" in text(lead.get(f"/plans/{situation.plan}/plan.pdf").data)


def test_the_pdf_takes_at_most_twenty_statements_whatever_the_size(
    app: Flask,
    lead: CheckingClient,
    cast: Cast,
    situation: Situation,
    count_statements: CountStatements,
) -> None:
    path = f"/plans/{situation.plan}/plan.pdf"
    lead.get(path)
    counts = []
    for actions in (0, 12):
        with app.app_context():
            for number in range(actions):
                tasks.add_action(
                    plan_id=situation.plan,
                    goal_id=situation.goal,
                    content=content(f"Task {number}"),
                    person_id=cast.lead,
                )
            if actions:
                seeding.rate_late(situation.assessment, cast.second_member, 2)
            db.session.commit()
        with count_statements() as seen:
            assert lead.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 20


def test_the_print_view_needs_nothing_but_its_stylesheet(
    lead: CheckingClient, situation: Situation
) -> None:
    page = lead.get(f"/plans/{situation.plan}/print").text
    assert "css/plan_sheet.css" in page
    assert "Back to the plan" in page
    assert "<script" not in page


def test_without_pango_the_page_leads_to_the_print_view(
    lead: CheckingClient, situation: Situation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf._press.cache_clear()
    answer = lead.get(f"/plans/{situation.plan}/plan.pdf")
    assert answer.status_code == 503
    assert "apt-get install libpango" in answer.text
    assert f'href="/plans/{situation.plan}/print"' in answer.text


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["plans", "pdf", *arguments])


def test_the_command_writes_the_same_pdf_as_the_page(
    app: Flask, lead: CheckingClient, situation: Situation, tmp_path: Path
) -> None:
    expected = lead.get(f"/plans/{situation.plan}/plan.pdf").data
    for arguments in ((str(situation.plan),), ("--latest",)):
        target = tmp_path / "plan.pdf"
        result = run(app, *arguments, "-o", str(target))
        assert result.exit_code == 0, result.output
        assert "Action plan Q4 2026 Alder Clinic" in result.output
        assert target.read_bytes() == expected
    assert not list(tmp_path.glob("*.part"))


def test_the_command_says_what_is_wrong(app: Flask, tmp_path: Path) -> None:
    target = str(tmp_path / "plan.pdf")
    assert "There is no plan yet" in run(app, "--latest", "-o", target).output
    assert "There is no plan 7." in run(app, "7", "-o", target).output
    assert "Give either" in run(app, "-o", target).output
    assert "Give either" in run(app, "7", "--latest", "-o", target).output
    assert "does not exist" in run(app, "7", "-o", str(tmp_path / "no" / "plan.pdf")).output
    for arguments in (("--latest", "-o", target), ("7", "-o", target)):
        assert run(app, *arguments).exit_code == 1
    assert not (tmp_path / "plan.pdf").exists()


def test_the_command_says_which_packages_are_missing(
    app: Flask, situation: Situation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    pdf._press.cache_clear()
    result = run(app, "--latest", "-o", str(tmp_path / "plan.pdf"))
    assert result.exit_code == 1
    assert "apt-get install libpango" in result.output
    assert "Traceback" not in result.output
