"""Posts of voting again: the facilitator opens, reveals or cancels a vote, and the team votes."""

from __future__ import annotations

from contextlib import suppress

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import current_viewer, permit, requires, visitor
from assess.blueprint import blueprint
from assess.meeting import revotes
from assess.meeting.vote_form import vote_form
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.raters import rater_of
from assess.views.companion import render_companion
from core.errors import NotFound
from core.numbers import whole_number
from questionnaires.instrument import Milestone

Page = str | Response | tuple[str, int]


@blueprint.post("/assessments/<int:assessment_id>/agree/<milestone>/revote")
@requires("assessment.agree")
def open_revote(assessment_id: int, milestone: str) -> Page:
    _facilitated(assessment_id)
    person = current_viewer()
    revotes.open_revote(
        assessment_id=assessment_id,
        milestone=milestone,
        person_id=person.person_id if person else None,
    )
    return _back(assessment_id, milestone)


@blueprint.post("/assessments/<int:assessment_id>/agree/<milestone>/revote/reveal")
@requires("assessment.agree")
def reveal_revote(assessment_id: int, milestone: str) -> Page:
    _facilitated(assessment_id)
    with suppress(revotes.VoteEnded, revotes.TooFewVotes):  # its page shows what became of it
        revotes.reveal_revote(
            assessment_id=assessment_id, milestone=milestone, number=_posted_number()
        )
    return _back(assessment_id, milestone)


@blueprint.post("/assessments/<int:assessment_id>/agree/<milestone>/revote/cancel")
@requires("assessment.agree")
def cancel_revote(assessment_id: int, milestone: str) -> Page:
    _facilitated(assessment_id)
    with suppress(revotes.VoteEnded):  # another facilitator revealed it; its page shows the votes
        revotes.cancel_revote(
            assessment_id=assessment_id, milestone=milestone, number=_posted_number()
        )
    return _back(assessment_id, milestone)


@blueprint.post("/assessments/<int:assessment_id>/meeting/<milestone>/vote")
@requires("meeting.vote")
def vote(assessment_id: int, milestone: str) -> Page:
    head = get_assessment_head(assessment_id)
    permit("meeting.vote", head.scope)
    form = vote_form(_milestone(head, milestone), request.form)
    if not form.validate():
        return render_companion(head, problem=form.problem), 422
    try:
        revotes.vote(
            assessment_id=assessment_id,
            milestone=milestone,
            number=form.number.data,
            rater=rater_of(visitor()),
            value=form.value,
        )
    except revotes.VoteEnded as ended:
        return render_companion(head, problem=str(ended)), ended.status
    return redirect(url_for("assess.companion", assessment_id=assessment_id, _anchor="vote"), 303)


def _facilitated(assessment_id: int) -> None:
    permit("assessment.agree", get_assessment_head(assessment_id).scope)


def _milestone(head: AssessmentHead, key: str) -> Milestone:
    for milestone in head.instrument.milestones:
        if milestone.key == key:
            return milestone
    raise NotFound("This questionnaire has no such milestone.")


def _posted_number() -> int:
    """The round that the page showed; 0, which is none, when it cannot be read."""
    return whole_number(request.form.get("number", "")) or 0


def _back(assessment_id: int, milestone: str) -> Response:
    page = url_for(
        "assess.agree_milestone",
        assessment_id=assessment_id,
        milestone=milestone,
        _anchor="revote",
    )
    return redirect(page, 303)
