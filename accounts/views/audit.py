"""Pages on which administrators read and keep the audit log."""

from __future__ import annotations

from flask import Response, render_template, request

from accounts.audit.forms import AuditSearchForm
from accounts.audit.queries import COLUMNS, iterate_rows, list_lines, list_places
from accounts.blueprint import blueprint
from accounts.guard import requires, viewer
from accounts.program.reach import administered
from core import clock
from core.csv_out import csv_text
from core.routing import LARGEST_ID

PAGE_LENGTH = 50
MOST_KEPT = 20_000
"""Lines in one file from the page; `flask audit export` writes any number."""


@blueprint.get("/admin/audit")
@requires("audit.view", on_object=False)
def audit_log() -> str | tuple[str, int]:
    form = _form()
    if not form.validate():
        return _page(form), 422
    lines = list_lines(
        form.search(),
        reach=administered(viewer()),
        places=form.places,
        older_than=_older_than(),
        limit=PAGE_LENGTH + 1,
    )
    return _page(form, lines=lines[:PAGE_LENGTH], has_more=len(lines) > PAGE_LENGTH)


@blueprint.get("/admin/audit.csv")
@requires("audit.view", on_object=False)
def audit_log_file() -> Response | tuple[str, int]:
    form = _form()
    if not form.validate():
        return _page(form), 422
    found = iterate_rows(form.search(), reach=administered(viewer()), limit=MOST_KEPT + 1)
    rows = [[row[name] for name in COLUMNS] for row in found]
    if len(rows) > MOST_KEPT:
        form.since.errors = [
            f"More than {MOST_KEPT:,} lines were found. Choose a shorter period, or let your "
            "technical staff use “flask audit export”."
        ]
        return _page(form), 422
    answer = Response(csv_text(COLUMNS, rows), mimetype="text/csv")
    name = f"blockwise-audit-{clock.today():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _form() -> AuditSearchForm:
    return AuditSearchForm(request.args, places=list_places(administered(viewer())))


def _older_than() -> int | None:
    number = request.args.get("older_than", "")
    return min(int(number), LARGEST_ID) if number.isdecimal() and len(number) < 12 else None


def _page(form: AuditSearchForm, **found: object) -> str:
    kept = {name: text for name in form.data if (text := request.args.get(name, ""))}
    return render_template(
        "accounts/audit.html", form=form, kept=kept, is_older="older_than" in request.args, **found
    )
