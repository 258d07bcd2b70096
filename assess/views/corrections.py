"""Page on which a wrong key of a stored paper form is mended, one item at a time."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from assess.blueprint import blueprint
from assess.paper import correcting
from assess.paper.correct_form import CorrectForm
from assess.paper.correcting import CORRECTIONS
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.paper import Entry, get_entry

Page = str | Response | tuple[str, int]


@blueprint.get("/assessments/<int:assessment_id>/paper/<int:sheet_id>/correct")
@requires("rating.key_in")
def correction(assessment_id: int, sheet_id: int) -> Page:
    head, entry = _entry(assessment_id, sheet_id)
    if head.is_revealed or entry.source != "paper":
        return redirect(url_for("assess.paper_entries", assessment_id=assessment_id))
    return _render(head, entry, CorrectForm(head.instrument))


@blueprint.post("/assessments/<int:assessment_id>/paper/<int:sheet_id>/correct")
@requires("rating.key_in")
def correct_paper_form(assessment_id: int, sheet_id: int) -> Page:
    head, entry = _entry(assessment_id, sheet_id)
    form = CorrectForm(head.instrument, request.form)
    if not form.validate():
        return _render(head, entry, form), 422
    correcting.correct(
        rating_id=sheet_id,
        milestone=form.milestone,
        value=form.value,
        person_id=viewer().person_id,
    )
    done = url_for(
        "assess.correction",
        assessment_id=assessment_id,
        sheet_id=sheet_id,
        corrected=form.milestone.number,
    )
    return redirect(done, 303)


def _entry(assessment_id: int, sheet_id: int) -> tuple[AssessmentHead, Entry]:
    head = get_assessment_head(assessment_id)
    permit("rating.key_in", head.scope)
    return head, get_entry(assessment_id, sheet_id)


def _render(head: AssessmentHead, entry: Entry, form: CorrectForm) -> str:
    return render_template(
        "assess/paper_correct.html",
        head=head,
        entry=entry,
        form=form,
        corrected=request.args.get("corrected", type=int),
        allowed=CORRECTIONS.allowed,
        has_errors=bool(form.errors),
    )
