"""Pages of the second entry of a paper form: enter it blind, then settle what differs."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from assess.answers import Answers
from assess.blueprint import blueprint
from assess.paper import comparing
from assess.paper.comparing import AnotherForm, TriedTooOften
from assess.paper.forms import SheetForm, second_form
from assess.paper.settle_form import SettleForm, settle_form
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.paper import Entry, get_entry
from core import transactions
from core.days import day

Page = str | Response | tuple[str, int]


@blueprint.get("/assessments/<int:assessment_id>/paper/<int:sheet_id>/compare")
@requires("rating.key_in")
def second_entry(assessment_id: int, sheet_id: int) -> Page:
    head, entry = _entry(assessment_id, sheet_id)
    if head.is_revealed or entry.compared_at is not None or entry.source != "paper":
        return redirect(url_for("assess.paper_entries", assessment_id=assessment_id))
    return _render(head, entry, second_form(head.instrument))


@blueprint.post("/assessments/<int:assessment_id>/paper/<int:sheet_id>/compare")
@requires("rating.key_in")
def compare_entries(assessment_id: int, sheet_id: int) -> Page:
    head, entry = _entry(assessment_id, sheet_id)
    form = second_form(head.instrument, request.form)
    if not form.validate():
        return _render(head, entry, form), 422
    try:
        found = comparing.compare(rating_id=sheet_id, second=_answers(form))
    except (AnotherForm, TriedTooOften) as refused:
        transactions.keep()  # the try counts
        return _render(head, entry, form, str(refused)), refused.status
    if found:
        return _render_differences(head, entry, form, settle_form(found))
    return _store(entry, head, form, None)


@blueprint.post("/assessments/<int:assessment_id>/paper/<int:sheet_id>/compare/settle")
@requires("rating.key_in")
def settle_entries(assessment_id: int, sheet_id: int) -> Page:
    head, entry = _entry(assessment_id, sheet_id)
    form = second_form(head.instrument, request.form)
    if any(row.answer.errors for row in form.rows):
        return _render(head, entry, form), 422
    try:
        found = comparing.compare(rating_id=sheet_id, second=_answers(form))
    except (AnotherForm, TriedTooOften) as refused:
        transactions.keep()  # the try counts
        return _render(head, entry, form, str(refused)), refused.status
    settled = settle_form(found, request.form)
    if not settled.validate():
        transactions.keep()
        return _render_differences(head, entry, form, settled), 422
    return _store(entry, head, form, settled)


def _entry(assessment_id: int, sheet_id: int) -> tuple[AssessmentHead, Entry]:
    head = get_assessment_head(assessment_id)
    permit("rating.key_in", head.scope)
    return head, get_entry(assessment_id, sheet_id)


def _answers(form: SheetForm) -> Answers:
    return {row.milestone.key: row.value for row in form.rows}


def _store(
    entry: Entry, head: AssessmentHead, form: SheetForm, settled: SettleForm | None
) -> Response:
    comparing.settle(
        rating_id=entry.id,
        second=_answers(form),
        chosen=settled.chosen if settled else {},
        person_id=viewer().person_id,
    )
    done = url_for("assess.paper_entries", assessment_id=head.id, compared=entry.id)
    return redirect(done, 303)


def _render(head: AssessmentHead, entry: Entry, form: SheetForm, refused: str = "") -> str:
    problems = form.problems + ([(f"#{form.rows[0].answer.id}", refused)] if refused else [])
    return render_template(
        "assess/paper_compare.html",
        head=head,
        entry=entry,
        form=form,
        problems=problems,
        is_own=entry.keyed_by_id == viewer().person_id,
        day=day,
    )


def _render_differences(
    head: AssessmentHead, entry: Entry, form: SheetForm, settled: SettleForm
) -> str:
    return render_template(
        "assess/paper_differences.html", head=head, entry=entry, form=form, settled=settled
    )
