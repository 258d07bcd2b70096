"""The blank paper form of an assessment: a view for the browser's print command, and the PDF."""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires
from accounts.job_roles import JOB_ROLES
from assess.blueprint import blueprint
from assess.joining import links
from assess.joining.codes import show_code
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.joining import get_link
from core import clock
from core.days import day
from core.pdf import render_pdf
from core.pdf_answer import pdf_answer
from core.qr import qr_code

Page = str | Response | tuple[str, int]
STYLESHEETS = ("css/sheet.css", "css/paper_form.css")


@blueprint.get("/assessments/<int:assessment_id>/paper")
@requires("rating.key_in")
def paper_form(assessment_id: int) -> Page:
    head = _head(assessment_id)
    if head.is_revealed:
        return redirect(_forms(head))
    return _form_html(
        head,
        back=_forms(head),
        pdf=url_for("assess.paper_pdf", assessment_id=head.id),
        stylesheets=[url_for("static", filename=one) for one in STYLESHEETS],
    )


@blueprint.get("/assessments/<int:assessment_id>/paper.pdf")
@requires("rating.key_in")
def paper_pdf(assessment_id: int) -> Page:
    head = _head(assessment_id)
    if head.is_revealed:
        return redirect(_forms(head))
    return pdf_answer(
        lambda: _form_pdf(head),
        name=f"Paper form {head.quarter.label} {head.clinic_name}.pdf",
        instead=url_for("assess.paper_form", assessment_id=head.id),
        instead_words="Open the form to print",
        back=_forms(head),
        back_words="Back to the paper forms",
    )


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("rating.key_in", head.scope)
    return head


def _forms(head: AssessmentHead) -> str:
    return url_for("assess.paper_entries", assessment_id=head.id)


def _form_pdf(head: AssessmentHead) -> bytes:
    return _printed(
        _form_html(head),
        tuple(Path(current_app.root_path) / "static" / one for one in STYLESHEETS),
        f"Paper form, {head.clinic_name}, {head.quarter.label}",
        head.instrument.language,
        # a blank form has no history: it counts as made on the day it is printed
        datetime.combine(clock.today(), time(), UTC),
    )


# laying out four pages takes a second or two, and the same form is often printed again
@lru_cache(maxsize=8)
def _printed(
    html: str, sheets: tuple[Path, ...], title: str, language: str, today: datetime
) -> bytes:
    return render_pdf(
        html,
        stylesheet=sheets,
        title=title,
        language=language,
        created=today,
        modified=today,
        identifier=f"{title} {today:%Y-%m-%d} {html}",
    )


def _form_html(head: AssessmentHead, **addresses: Any) -> str:
    return render_template(
        "assess/paper_form.html",
        head=head,
        day=day,
        job_roles=JOB_ROLES,
        **_phone(head),
        **addresses,
    )


def _phone(head: AssessmentHead) -> dict[str, object]:
    """The join link for those who would rather use their phone; empty when none lets people in."""
    link = get_link(head.id)
    if link is None or not link.is_live:
        return {}
    code = links.code_of(head.id, link, secret=current_app.secret_key or "")
    if code is None:
        return {}
    base: str = current_app.config["BASE_URL"].rstrip("/")
    address = base + url_for("assess.join", code=code)
    title = f"QR code that opens {address}"
    return {"code": show_code(code), "qr": qr_code(address, title=title, border=2)}
