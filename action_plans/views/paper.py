"""The plan on paper: a view for the browser's print command, and the PDF."""

from __future__ import annotations

from flask import url_for

from accounts.guard import requires
from action_plans.blueprint import blueprint
from action_plans.paper import file_name, plan_pdf, print_html
from action_plans.views.access import Page, open_plan
from core.pdf_answer import pdf_answer


@blueprint.get("/plans/<int:plan_id>/print")
@requires("plan.view")
def print_view(plan_id: int) -> Page:
    return print_html(open_plan(plan_id, "plan.view"))


@blueprint.get("/plans/<int:plan_id>/plan.pdf")
@requires("plan.view")
def pdf(plan_id: int) -> Page:
    plan = open_plan(plan_id, "plan.view")
    return pdf_answer(
        lambda: plan_pdf(plan),
        name=file_name(plan),
        instead=url_for("action_plans.print_view", plan_id=plan.id),
        instead_words="Open the print view",
        back=url_for("action_plans.plan", plan_id=plan.id),
        back_words="Back to the plan",
    )
