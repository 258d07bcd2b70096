"""The results page of an assessment, and opening it to the team."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from assess import service
from assess.blueprint import blueprint
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.results import get_results
from assess.queries.sheets import get_sheet
from assess.queries.steps import list_steps
from assess.raters import Rater
from assess.summary import three_sentences


@blueprint.get("/assessments/<int:assessment_id>/results")
@requires("results.view")
def results(assessment_id: int) -> str:
    head = get_assessment_head(assessment_id)
    permit("results.view", head.scope)
    if not head.is_revealed:
        return _before_the_reveal(head)
    found = get_results(head)
    return render_template(
        "assess/results.html",
        head=head,
        results=found,
        sentences=three_sentences(found),
        steps=list_steps(assessment_id),
    )


@blueprint.post("/assessments/<int:assessment_id>/reveal")
@requires("assessment.reveal")
def reveal(assessment_id: int) -> Response:
    permit("assessment.reveal", get_assessment_head(assessment_id).scope)
    service.reveal_assessment(assessment_id=assessment_id)
    return redirect(url_for("assess.results", assessment_id=assessment_id), 303)


def _before_the_reveal(head: AssessmentHead) -> str:
    sheet = get_sheet(head.id, Rater(viewer().person_id))
    return render_template("assess/results_hidden.html", head=head, sheet=sheet)
