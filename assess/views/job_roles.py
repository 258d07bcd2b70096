"""The page that shows how the job roles of a clinic rated."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires
from assess.agreement.role_differences import role_differences
from assess.blueprint import blueprint
from assess.queries.heads import get_assessment_head
from assess.queries.job_roles import get_results_by_role


@blueprint.get("/assessments/<int:assessment_id>/results/job-roles")
@requires("results.view")
def results_by_role(assessment_id: int) -> str | Response:
    head = get_assessment_head(assessment_id)
    permit("results.view", head.scope)
    if not head.is_revealed:
        return redirect(url_for("assess.results", assessment_id=assessment_id))
    results = get_results_by_role(head)
    return render_template(
        "assess/results_by_role.html",
        head=head,
        results=results,
        differences=role_differences(results),
    )
