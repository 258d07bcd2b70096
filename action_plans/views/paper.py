"""The plan on paper: a view for the browser's print command, and the PDF."""

from __future__ import annotations

from flask import render_template
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from accounts.guard import requires
from action_plans.blueprint import blueprint
from action_plans.paper import file_name, plan_pdf, print_html
from action_plans.pdf import PdfError
from action_plans.views.access import Page, open_plan


@blueprint.get("/plans/<int:plan_id>/print")
@requires("plan.view")
def print_view(plan_id: int) -> Page:
    return print_html(open_plan(plan_id, "plan.view"))


@blueprint.get("/plans/<int:plan_id>/plan.pdf")
@requires("plan.view")
def pdf(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.view")
    try:
        content = plan_pdf(plan)
    except PdfError as error:
        page = render_template("action_plans/pdf_unavailable.html", plan=plan, reason=str(error))
        return page, 503
    answer = Response(content, mimetype="application/pdf")
    name = secure_filename(file_name(plan)) or "plan.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
