"""The page that says how far the raters of an assessment agree."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires
from assess.agreement.role_differences import role_differences
from assess.agreement.words import AGREE_WELL
from assess.blueprint import blueprint
from assess.queries.agreement import get_levels_given
from assess.queries.heads import get_assessment_head
from assess.queries.job_roles import get_results_by_role


@blueprint.get("/assessments/<int:assessment_id>/agreement")
@requires("results.view")
def agreement(assessment_id: int) -> str | Response:
    head = get_assessment_head(assessment_id)
    permit("results.view", head.scope)
    if not head.is_revealed:
        return redirect(url_for("assess.results", assessment_id=assessment_id))
    # numpy and scipy take a second to load: no other page should wait for them
    from assess.agreement.clinic import clinic_agreement
    from assess.agreement.picture import strips

    cells = get_levels_given(head.id)
    by_role = get_results_by_role(head)
    found = clinic_agreement(
        head.instrument,
        head.finished,
        ((one.milestone, str(one.rater), one.level) for one in cells),
    )
    return render_template(
        "assess/agreement.html",
        head=head,
        agreement=found,
        strips=strips(found),
        well=AGREE_WELL,
        by_role=by_role,
        differences=role_differences(by_role),
    )
