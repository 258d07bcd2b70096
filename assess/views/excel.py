"""Pages that bring in ratings from Excel: download, choose the file, look at it, bring it in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from assess.blueprint import blueprint
from assess.excel.bringing import ColumnsRefused, bring_in_columns, choose, read_files
from assess.excel.files import CellProblem
from assess.excel.form import FilesForm
from assess.excel.layout import RATERS, Subject
from assess.excel.sealed import PreviewGone, open_columns, seal_columns
from assess.excel.writing import write_template
from assess.holding import refuse_unless_open
from assess.queries.heads import AssessmentHead, get_assessment_head
from core import clock
from core.days import day
from core.file_answer import file_answer

Page = str | Response | tuple[str, int]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 50
"""Problems that a page lists; whoever has mended those finds the rest."""


@blueprint.get("/assessments/<int:assessment_id>/excel")
@requires("rating.key_in")
def excel(assessment_id: int) -> Page:
    head = _head(assessment_id)
    stored = request.args.get("stored", type=int)
    return _render(head, FilesForm(formdata=None), stored=stored)


@blueprint.get("/assessments/<int:assessment_id>/excel/template.xlsx")
@requires("rating.key_in")
def excel_template(assessment_id: int) -> Page:
    head = _head(assessment_id)
    if head.is_revealed:
        return redirect(url_for("assess.excel", assessment_id=assessment_id))
    page = url_for("assess.excel", assessment_id=assessment_id)
    content = write_template(
        _subject(head),
        copy=secrets.token_hex(6),
        made=clock.now(),
        address=current_app.config["BASE_URL"].rstrip("/") + page,
    )
    name = f"Rating {head.clinic_name} {head.quarter.label}.xlsx"
    return file_answer(content, mimetype=XLSX, name=name, download=True)


@blueprint.post("/assessments/<int:assessment_id>/excel")
@requires("rating.key_in")
def preview_excel(assessment_id: int) -> Page:
    head = _head(assessment_id)
    refuse_unless_open(head.state)
    form = FilesForm(formdata=None)
    contents = form.contents()
    if not contents:
        return _render(head, form), 422
    subject = _subject(head)
    read = read_files(contents, subject=subject)
    problems = [one for file in read for one in file.problems]
    columns = [one for file in read for one in file.columns]
    if problems:
        return _render(head, form, problems), 422
    try:
        choice = choose(columns, subject=subject)
    except ColumnsRefused as refused:
        return _render(head, form, refused.problems), 422
    sealed = seal_columns(
        [one.column for one in choice.candidates],
        subject=subject,
        person_id=viewer().person_id,
        secret=_secret(),
        now=clock.now(),
    )
    return render_template(
        "assess/excel_preview.html",
        head=head,
        choice=choice,
        left_out=[(file.name, file.left_out) for file in read if file.left_out],
        several=len(contents) > 1,
        sealed=sealed,
        day=day,
    )


@blueprint.post("/assessments/<int:assessment_id>/excel/bring-in")
@requires("rating.key_in")
def bring_in_excel(assessment_id: int) -> Page:
    head = _head(assessment_id)
    subject = _subject(head)
    person_id = viewer().person_id
    try:
        columns = open_columns(
            request.form.get("sealed", ""),
            subject=subject,
            person_id=person_id,
            secret=_secret(),
            now=clock.now(),
        )
        stored = bring_in_columns(columns, subject=subject, keyed_by=person_id)
    except ColumnsRefused as refused:
        return _render(head, FilesForm(formdata=None), refused.problems), 409
    except PreviewGone as gone:
        problem = CellProblem("", "", f"{gone} Choose the file once more.")
        return _render(head, FilesForm(formdata=None), [problem]), gone.status
    done = url_for("assess.excel", assessment_id=assessment_id, stored=len(stored))
    return redirect(done, 303)


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("rating.key_in", head.scope)
    return head


def _subject(head: AssessmentHead) -> Subject:
    return Subject(
        assessment_id=head.id,
        clinic_id=head.clinic_id,
        clinic_name=head.clinic_name,
        quarter=head.quarter.label,
        instrument=head.instrument,
    )


def _secret() -> str:
    return str(current_app.secret_key or "")


def _render(
    head: AssessmentHead,
    form: FilesForm,
    problems: Sequence[CellProblem] = (),
    stored: int | None = None,
) -> str:
    return render_template(
        "assess/excel.html",
        head=head,
        form=form,
        problems=problems[:SHOWN],
        found=len(problems),
        several=len({one.file for one in problems}) > 1,
        raters=RATERS,
        stored=stored,
        has_errors=bool(problems or form.errors),
    )
