"""Prints a plan: the sheet as a page of HTML and as a PDF, for the web pages and the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import current_app, url_for

from action_plans.plan import PlanView
from action_plans.queries.sheets import get_sheet
from action_plans.sheet import sheet_context
from core.pdf import render_pdf

STYLESHEETS = ("css/sheet.css", "css/plan_sheet.css")


def plan_address(plan_id: int) -> str:
    """The address of the live plan as it is printed."""
    base: str = current_app.config["BASE_URL"]
    return f"{base.rstrip('/')}/plans/{plan_id}"


def print_html(plan: PlanView) -> str:
    """The sheet for the browser's own print command."""
    sheet = get_sheet(plan, plan_address(plan.id))
    styles = [url_for("static", filename=one) for one in STYLESHEETS]
    return _sheet_html(
        **sheet_context(sheet, stylesheets=styles),
        back=url_for("action_plans.plan", plan_id=plan.id),
    )


def plan_pdf(plan: PlanView) -> bytes:
    """The sheet as PDF/UA-1; the same bytes while the plan and its scores stay the same.

    Raises core.pdf.PdfError when it cannot be made.
    """
    sheet = get_sheet(plan, plan_address(plan.id))
    return render_pdf(
        _sheet_html(**sheet_context(sheet)),
        stylesheet=tuple(Path(current_app.root_path) / "static" / one for one in STYLESHEETS),
        title=sheet.title,
        language=sheet.language,
        created=plan.updated_at,
        modified=plan.updated_at,
        identifier=f"{sheet.url} {plan.revision}",
    )


def file_name(plan: PlanView) -> str:
    """A name for the file that says what is in it."""
    return f"Action plan {plan.quarter.label} {plan.clinic_name}.pdf"


def _sheet_html(**values: Any) -> str:
    # Not render_template: it asks who is looking, and at the terminal nobody is.
    return current_app.jinja_env.get_template("action_plans/sheet.html").render(**values)
