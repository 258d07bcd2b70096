"""The page on which raters see how their own answers changed; nobody else ever does."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, visitor
from assess.answers import words
from assess.blueprint import blueprint
from assess.queries.changes import get_history
from assess.queries.sheets import get_sheet
from assess.raters import rater_of


@blueprint.get("/assessments/<int:assessment_id>/rate/history")
@requires("assessment.rate")
def rating_history(assessment_id: int) -> str | Response:
    sheet = get_sheet(assessment_id, rater_of(visitor()))
    permit("assessment.rate", sheet.scope)
    if sheet.rating_id is None:
        return redirect(url_for("assess.rate", assessment_id=assessment_id))
    history = get_history(sheet.rating_id)
    return render_template("assess/rate_history.html", sheet=sheet, history=history, words=words)
