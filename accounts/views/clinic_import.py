"""Pages that bring organizations and clinics in from a file: look at it first, then store it."""

from __future__ import annotations

from unicodedata import category

from flask import Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from accounts.blueprint import blueprint
from accounts.guard import requires, viewer
from accounts.program.clinic_file import MAX_ROWS, TEMPLATE, ClinicFile, parse_clinics
from accounts.program.clinic_import import ImportReport, import_clinics, rehearse_import
from accounts.program.clinic_import_forms import ImportForm
from accounts.program.reach import administered
from core.table_file import FileProblem, TableFileError

Page = str | AnyResponse | tuple[str, int]


@blueprint.get("/admin/import")
@requires("admin.view", on_object=False)
def import_clinics_page() -> str:
    return _render_form(ImportForm(formdata=None))


@blueprint.get("/admin/import/template.csv")
@requires("admin.view", on_object=False)
def import_template() -> Response:
    answer = Response(TEMPLATE, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="clinics.csv"'
    return answer


@blueprint.post("/admin/import")
@requires("admin.view", on_object=False)
def preview_import() -> Page:
    form = ImportForm()
    content = form.table()
    if not form.validate():
        return _render_form(form), 422
    if not content.strip():
        form.content.errors = ["Choose a file, or paste the table."]
        return _render_form(form), 422
    try:
        file = parse_clinics(content)
        report = rehearse_import(file, reach=administered(viewer()))
    except TableFileError as error:
        return _render_problems(form, content, error)
    return _render_preview(content, file, report)


@blueprint.post("/admin/import/confirm")
@requires("admin.view", on_object=False)
def confirm_import() -> Page:
    form = ImportForm()
    content = form.table()
    try:
        file = parse_clinics(content)
        reach = administered(viewer())
        report = rehearse_import(file, reach=reach)
        if report.digest != form.digest.data:
            return _render_preview(content, file, report, has_changed=True), 409
        done = import_clinics(file, reach=reach)
    except TableFileError as error:
        return _render_problems(form, content, error)
    return render_template("accounts/admin/import_done.html", report=done)


def _render_form(form: ImportForm, problems: tuple[FileProblem, ...] = ()) -> str:
    return render_template(
        "accounts/admin/import.html",
        form=form,
        problems=problems,
        max_rows=MAX_ROWS,
        has_errors=bool(problems or form.errors),
    )


def _render_problems(form: ImportForm, content: bytes, error: TableFileError) -> Page:
    text = content.decode("utf-8-sig", "replace")
    # what came may be no text at all; a page must not hold control characters
    form.content.data = "".join(one for one in text if one in "\r\n\t" or category(one) != "Cc")
    return _render_form(form, error.problems), 422


def _render_preview(
    content: bytes, file: ClinicFile, report: ImportReport, *, has_changed: bool = False
) -> str:
    encoding = "utf-8-sig" if file.encoding == "UTF-8" else "cp1252"
    return render_template(
        "accounts/admin/import_preview.html",
        content=content.decode(encoding),
        file=file,
        report=report,
        has_changed=has_changed,
        path=request.path,
    )
