"""Pages of the meeting: what to talk about first, and the level the team agrees on."""

from __future__ import annotations

from flask import redirect, request, url_for

from accounts.guard import requires, viewer
from assess.answers import AnswerValue
from assess.blueprint import blueprint
from assess.holding import AssessmentClosed
from assess.meeting import agreeing
from assess.meeting.agree_form import agree_form
from assess.meeting.agreeing import Decision
from assess.queries.discussions import get_discussion
from assess.views.facilitating import (
    Filled,
    Page,
    facilitated,
    page_of,
    render_agenda,
    render_milestone,
)
from assess.views.screens import note_screen


@blueprint.get("/assessments/<int:assessment_id>/agree")
@requires("assessment.agree")
def agree(assessment_id: int) -> Page:
    note_screen()
    return render_agenda(facilitated(assessment_id))


@blueprint.post("/assessments/<int:assessment_id>/agree")
@requires("assessment.agree")
def agree_unanimous(assessment_id: int) -> Page:
    head = facilitated(assessment_id)
    decisions = [
        Decision(one.key, AnswerValue.level(one.result.lowest))
        for one in get_discussion(head).unanimous
        if one.result.lowest is not None
    ]
    agreeing.agree_together(
        assessment_id=assessment_id, decisions=decisions, person_id=viewer().person_id
    )
    return redirect(page_of(assessment_id, None))


@blueprint.post("/assessments/<int:assessment_id>/agree/finish")
@requires("assessment.agree")
def finish_agreement(assessment_id: int) -> Page:
    head = facilitated(assessment_id)
    try:
        agreeing.finish_agreement(assessment_id=assessment_id)
    except agreeing.Undecided as undecided:
        return render_agenda(head, problems=[("#agenda", str(undecided))]), undecided.status
    return redirect(url_for("assess.results", assessment_id=assessment_id))


@blueprint.get("/assessments/<int:assessment_id>/agree/<milestone>")
@requires("assessment.agree")
def agree_milestone(assessment_id: int, milestone: str) -> Page:
    note_screen()
    return render_milestone(facilitated(assessment_id), milestone)


@blueprint.post("/assessments/<int:assessment_id>/agree/<milestone>")
@requires("assessment.agree")
def save_agreed_level(assessment_id: int, milestone: str) -> Page:
    head = facilitated(assessment_id)
    talk = get_discussion(head)
    item = talk.item(milestone)
    form = agree_form(item.result.milestone, item.agreed, request.form)
    if not form.validate():
        return render_milestone(head, milestone, Filled(level=form), talk), 422
    try:
        following = agreeing.agree_level(
            assessment_id=assessment_id,
            decision=form.decision,
            person_id=viewer().person_id,
            onward=[one.key for one in talk.onward(item)],
        )
    except agreeing.AgreedMeanwhile as refused:
        form.meet(get_discussion(head).item(milestone).agreed)
        problem = [(f"#m-{milestone}", str(refused))]
        return render_milestone(head, milestone, Filled(form, problems=problem)), refused.status
    except AssessmentClosed as refused:
        problem = [(f"#m-{milestone}", str(refused))]
        return render_milestone(head, milestone, Filled(form, problems=problem)), refused.status
    return redirect(page_of(assessment_id, following))
