"""The minutes of the meeting: the page that everybody of the clinic may read, and the PDF."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires
from assess.answers import words
from assess.blueprint import blueprint
from assess.minutes.arranging import ratings_words
from assess.minutes.paper import file_name, minutes_pdf
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.minutes import get_minutes
from core.pdf_answer import pdf_answer


@blueprint.get("/assessments/<int:assessment_id>/minutes")
@requires("results.view")
def minutes(assessment_id: int) -> str | Response:
    head = _head(assessment_id)
    if not head.is_revealed:
        return _results(assessment_id)
    return render_template(
        "assess/minutes.html",
        head=head,
        minutes=get_minutes(head),
        words=words,
        ratings_words=ratings_words,
    )


@blueprint.get("/assessments/<int:assessment_id>/minutes.pdf")
@requires("results.view")
def minutes_as_pdf(assessment_id: int) -> Response | tuple[str, int]:
    head = _head(assessment_id)
    if not head.is_revealed:
        return _results(assessment_id)
    found = get_minutes(head)
    return pdf_answer(
        lambda: minutes_pdf(found, assessment_id),
        name=file_name(found),
        instead=url_for("assess.minutes", assessment_id=assessment_id),
        instead_words="Open the minutes",
    )


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("results.view", head.scope)
    return head


def _results(assessment_id: int) -> Response:
    return redirect(url_for("assess.results", assessment_id=assessment_id))
