"""Pages that close, reopen, move or hide an assessment again, each with the reason for it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires
from assess.blueprint import blueprint
from assess.following import cycle, steps
from assess.following.forms import MoveForm, ReasonForm
from assess.models import State
from assess.quarters import Quarter
from assess.queries.following import list_taken
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.progress import get_progress
from core import clock
from core.errors import Conflict

Page = str | Response | tuple[str, int]
_EXTENSION = "assessments_with_plan"


def init_app(app: Flask, *, has_plan: Callable[[int], bool]) -> None:
    """Say who knows whether an action plan builds on an assessment; plans are not ours."""
    app.extensions[_EXTENSION] = has_plan


@blueprint.get("/assessments/<int:assessment_id>/close")
@requires("assessment.close")
def close_page(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.close")
    return render_template("assess/close.html", head=head, form=_blank())


@blueprint.post("/assessments/<int:assessment_id>/close")
@requires("assessment.close")
def close(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.close")
    form = ReasonForm(request.form or None)
    # after the reveal closing shows nothing new, so nobody has to explain it
    if not form.validate() and (head.state is State.OPEN or form.words):
        return render_template("assess/close.html", head=head, form=form, has_errors=True), 422
    steps.close(assessment_id=assessment_id, reason=form.words)
    return redirect(url_for("assess.results", assessment_id=assessment_id), 303)


@blueprint.get("/assessments/<int:assessment_id>/reopen")
@requires("assessment.reopen")
def reopen_page(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.reopen")
    return render_template("assess/reopen.html", head=head, form=_blank())


@blueprint.post("/assessments/<int:assessment_id>/reopen")
@requires("assessment.reopen")
def reopen(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.reopen")
    form = ReasonForm(request.form or None)
    if not form.validate():
        return render_template("assess/reopen.html", head=head, form=form, has_errors=True), 422
    steps.reopen(assessment_id=assessment_id, reason=form.words)
    return redirect(url_for("assess.results", assessment_id=assessment_id), 303)


@blueprint.get("/assessments/<int:assessment_id>/hide")
@requires("assessment.reopen")
def hide_page(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.reopen")
    return render_template("assess/hide.html", head=head, form=_blank())


@blueprint.post("/assessments/<int:assessment_id>/hide")
@requires("assessment.reopen")
def hide(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.reopen")
    form = ReasonForm(request.form or None)
    if not form.validate():
        return render_template("assess/hide.html", head=head, form=form, has_errors=True), 422
    steps.hide_again(
        assessment_id=assessment_id,
        reason=form.words,
        has_plan=current_app.extensions[_EXTENSION],
    )
    return redirect(url_for("assess.progress", assessment_id=assessment_id), 303)


@blueprint.get("/assessments/<int:assessment_id>/move")
@requires("assessment.reopen")
def move_page(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.reopen")
    return _render_move(head, _move_form(head))


@blueprint.post("/assessments/<int:assessment_id>/move")
@requires("assessment.reopen")
def move(assessment_id: int) -> Page:
    head = _head(assessment_id, "assessment.reopen")
    form = _move_form(head)
    if not form.validate():
        return _render_move(head, form), 422
    try:
        steps.move(
            assessment_id=assessment_id,
            quarter=Quarter.parse(form.quarter.data),
            reason=form.words,
        )
    except Conflict as refused:
        form.quarter.errors = [str(refused)]
        return _render_move(head, form), refused.status
    return redirect(url_for("assess.progress", assessment_id=assessment_id), 303)


def _head(assessment_id: int, permission: str) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit(permission, head.scope)
    return head


def _blank() -> ReasonForm:
    return ReasonForm(formdata=None)


def _move_form(head: AssessmentHead) -> MoveForm:
    slug = head.instrument.slug
    taken = {one for other, one in list_taken(head.clinic_id) if other == slug}
    proposed = cycle.propose_move(head.quarter, get_progress(head.id).given, taken)
    free = set(cycle.other_quarters(head.quarter, clock.today(), taken))
    free |= {proposed} if proposed else set()
    return MoveForm(
        request.form or None,
        data={"quarter": str(proposed or "")},
        quarters=sorted(free),
    )


def _render_move(head: AssessmentHead, form: MoveForm) -> str:
    return render_template(
        "assess/move.html",
        head=head,
        form=form,
        rule=cycle.RULE,
        rules=cycle.RULES,
        has_errors=bool(form.errors),
    )
