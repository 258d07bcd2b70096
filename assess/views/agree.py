"""Pages of the meeting: what to talk about first, and the level the team agrees on."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires
from assess import agreeing
from assess.agenda import agenda, is_unanimous, suggested_level
from assess.agree_form import AgreeForm, agree_form
from assess.agreeing import Decision
from assess.answers import AnswerValue, words
from assess.blueprint import blueprint
from assess.findings import MilestoneResult
from assess.queries.agreements import Agreement, get_agreements
from assess.queries.changes import get_late_changes
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.results import get_results
from assess.service import AssessmentClosed
from core.errors import NotFound

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Item:
    """One milestone on the agenda."""

    result: MilestoneResult
    block_title: str
    agreed: Agreement | None


@blueprint.get("/assessments/<int:assessment_id>/agree")
@requires("assessment.agree")
def agree(assessment_id: int) -> Page:
    head = _head(assessment_id)
    return _render_agenda(head)


@blueprint.post("/assessments/<int:assessment_id>/agree")
@requires("assessment.agree")
def agree_unanimous(assessment_id: int) -> Page:
    head = _head(assessment_id)
    unanimous = [
        Decision(one.result.milestone.key, AnswerValue.level(one.result.lowest))
        for one in _items(head)
        if is_unanimous(one.result) and one.result.lowest is not None
    ]
    agreeing.agree_together(assessment_id=assessment_id, decisions=unanimous)
    return redirect(url_for("assess.agree", assessment_id=assessment_id))


@blueprint.post("/assessments/<int:assessment_id>/agree/finish")
@requires("assessment.agree")
def finish_agreement(assessment_id: int) -> Page:
    head = _head(assessment_id)
    try:
        agreeing.finish_agreement(assessment_id=assessment_id)
    except agreeing.Undecided as undecided:
        return _render_agenda(head, [("#agenda", str(undecided))]), undecided.status
    return redirect(url_for("assess.results", assessment_id=assessment_id))


@blueprint.get("/assessments/<int:assessment_id>/agree/<milestone>")
@requires("assessment.agree")
def agree_milestone(assessment_id: int, milestone: str) -> Page:
    head = _head(assessment_id)
    items = _items(head)
    item = _item(items, milestone)
    return _render_milestone(head, items, item, agree_form(item.result.milestone, item.agreed))


@blueprint.post("/assessments/<int:assessment_id>/agree/<milestone>")
@requires("assessment.agree")
def save_agreed_level(assessment_id: int, milestone: str) -> Page:
    head = _head(assessment_id)
    items = _items(head)
    item = _item(items, milestone)
    form = agree_form(item.result.milestone, item.agreed, request.form)
    if not form.validate():
        return _render_milestone(head, items, item, form), 422
    try:
        agreeing.agree_level(assessment_id=assessment_id, decision=form.decision)
    except (agreeing.AgreedMeanwhile, AssessmentClosed) as refused:
        items = _items(head)
        item = _item(items, milestone)
        form.seen.data = item.agreed.mark if item.agreed else ""
        problem = [(f"#m-{milestone}", str(refused))]
        return _render_milestone(head, items, item, form, problem), refused.status
    following = _next_open(items, item)
    if following is None:
        return redirect(url_for("assess.agree", assessment_id=assessment_id))
    return redirect(_address(head, following))


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("assessment.agree", head.scope)
    if not head.is_revealed:
        abort(redirect(url_for("assess.results", assessment_id=assessment_id)))
    return head


def _items(head: AssessmentHead) -> list[Item]:
    results, agreements = get_results(head), get_agreements(head.id)
    titles = {
        milestone.key: block.title
        for block in head.instrument.blocks
        for milestone in block.milestones
    }
    every = [one for block in results.milestones.values() for one in block]
    return [
        Item(one, titles[one.milestone.key], agreements.get(one.milestone.key))
        for one in agenda(every)
    ]


def _item(items: list[Item], milestone: str) -> Item:
    for item in items:
        if item.result.milestone.key == milestone:
            return item
    raise NotFound("This questionnaire has no such milestone. Choose one from the agenda.")


def _next_open(items: list[Item], after: Item) -> Item | None:
    """The next one on the agenda without an agreed level, going round past the end."""
    place = items.index(after)
    return next((one for one in items[place + 1 :] + items[:place] if one.agreed is None), None)


def _address(head: AssessmentHead, item: Item) -> str:
    key = item.result.milestone.key
    return url_for("assess.agree_milestone", assessment_id=head.id, milestone=key)


def _render_agenda(head: AssessmentHead, problems: list[tuple[str, str]] | None = None) -> str:
    items = _items(head)
    undecided = [one for one in items if one.agreed is None]
    return render_template(
        "assess/agree.html",
        head=head,
        items=items,
        undecided=undecided,
        unanimous=sum(is_unanimous(one.result) for one in undecided),
        first=_address(head, undecided[0]) if undecided else None,
        late=get_late_changes(head.id),
        problems=problems or [],
    )


def _render_milestone(
    head: AssessmentHead,
    items: list[Item],
    item: Item,
    form: AgreeForm,
    problems: list[tuple[str, str]] | None = None,
) -> str:
    following = _next_open(items, item)
    return render_template(
        "assess/agree_milestone.html",
        head=head,
        item=item,
        form=form,
        place=items.index(item) + 1,
        count=len(items),
        left=sum(one.agreed is None for one in items),
        skip=_address(head, following) if following else None,
        suggested=suggested_level(item.result),
        words=words,
        problems=(problems or []) + form.problems,
    )
