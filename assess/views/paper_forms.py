"""Pages on which filled-in paper forms are keyed in, listed and taken out again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from assess.blueprint import blueprint
from assess.brought_in import bringing
from assess.brought_in.bringing import SheetsRefused
from assess.paper.forms import KeyInForm, key_in_form
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.paper import Entry, get_entry, list_entries, next_number
from core import clock
from core.days import day

Page = str | Response | tuple[str, int]


@blueprint.get("/assessments/<int:assessment_id>/paper/entries")
@requires("rating.key_in")
def paper_entries(assessment_id: int) -> Page:
    head = _head(assessment_id)
    entries = list_entries(assessment_id)
    return render_template(
        "assess/paper_entries.html",
        head=head,
        entries=entries,
        just=_entry_of("stored", entries),
        done=_done(),
        compared=_entry_of("compared", entries),
        removed=bool(request.args.get("removed")),
        day=day,
    )


@blueprint.get("/assessments/<int:assessment_id>/paper/new")
@requires("rating.key_in")
def key_in(assessment_id: int) -> Page:
    head = _head(assessment_id)
    if head.is_revealed:
        return redirect(url_for("assess.paper_entries", assessment_id=assessment_id))
    entries = list_entries(assessment_id)
    form = key_in_form(
        head.instrument,
        paper_on=_day_before(),
        number=str(next_number(entries)),
        key=secrets.token_hex(16),
    )
    return _render(head, form, _entry_of("stored", entries))


@blueprint.post("/assessments/<int:assessment_id>/paper/new")
@requires("rating.key_in")
def save_keyed_in(assessment_id: int) -> Page:
    head = _head(assessment_id)
    form = key_in_form(head.instrument, request.form)
    if not form.validate():
        return _render(head, form), 422
    try:
        stored = bringing.bring_in(
            assessment_id=assessment_id,
            source="paper",
            label=form.label,
            job_role=form.job_role.data or None,
            paper_on=form.paper_on.data,
            answers=form.given,
            keyed_by=viewer().person_id,
            kept=form.kept,
            origin=form.origin,
        )
    except SheetsRefused as refused:
        form.show(refused.problems)
        return _render(head, form), refused.status
    if request.form.get("then") == "list":
        return _to_entries(assessment_id, stored=stored, form=form.mark)
    following = url_for(
        "assess.key_in",
        assessment_id=assessment_id,
        stored=stored,
        day=form.paper_on.data,
        form=form.mark,
    )
    return redirect(following, 303)


@blueprint.post("/assessments/<int:assessment_id>/paper/<int:sheet_id>/remove")
@requires("rating.key_in")
def remove_paper_form(assessment_id: int, sheet_id: int) -> Page:
    _head(assessment_id)
    get_entry(assessment_id, sheet_id)
    bringing.remove_sheet(rating_id=sheet_id)
    return _to_entries(assessment_id, removed=1)


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("rating.key_in", head.scope)
    return head


def _day_before() -> date:
    """The date of the form keyed in before: a pile was mostly filled in on one day."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return clock.today()


def _entry_of(argument: str, entries: Sequence[Entry]) -> Entry | None:
    """The entry that the address names, when it is one of this assessment's."""
    wanted = request.args.get(argument, type=int)
    return next((one for one in entries if one.id == wanted), None)


def _done() -> str:
    """The mark of the page whose form was stored right before: the browser may forget its copy."""
    return request.args.get("form", "") if "stored" in request.args else ""


def _render(head: AssessmentHead, form: KeyInForm, just: Entry | None = None) -> str:
    return render_template(
        "assess/paper_key_in.html",
        head=head,
        form=form,
        just=just,
        done=_done(),
        has_errors=bool(form.errors),
    )


def _to_entries(assessment_id: int, **done: Any) -> Response:
    """To the list with what was done: `stored` or `removed`, and of a `form` its page's mark."""
    return redirect(url_for("assess.paper_entries", assessment_id=assessment_id, **done), 303)
