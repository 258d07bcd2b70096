"""Pages on which a lead or coach makes, prints, renews and stops the join link of an assessment."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from assess.blueprint import blueprint
from assess.joining import links
from assess.joining.codes import show_code
from assess.joining.forms import LinkForm
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.joining import LinkState, get_link
from core import clock
from core.days import day
from core.qr import qr_code

Page = str | Response | tuple[str, int]


@blueprint.get("/assessments/<int:assessment_id>/join")
@requires("join.manage")
def join_link(assessment_id: int) -> Page:
    head = _head(assessment_id)
    link = get_link(assessment_id)
    return _render(head, link, _form(link) if link else None)


@blueprint.post("/assessments/<int:assessment_id>/join")
@requires("join.manage")
def make_join_link(assessment_id: int) -> Page:
    _head(assessment_id)
    links.make_link(assessment_id=assessment_id, secret=_secret(), person_id=viewer().person_id)
    return _back(assessment_id)


@blueprint.post("/assessments/<int:assessment_id>/join/settings")
@requires("join.manage")
def change_join_link(assessment_id: int) -> Page:
    head = _head(assessment_id)
    link = get_link(assessment_id)
    if link is None:
        return _back(assessment_id)
    form = _form(link)
    if not form.validate():
        return _render(head, link, form), 422
    links.change_link(
        assessment_id=assessment_id,
        last_day=form.last_day.data or link.last_day,
        asks_job_role=bool(form.asks_job_role.data),
    )
    saved = url_for(
        "assess.join_link", assessment_id=assessment_id, saved=1, _anchor="settings-title"
    )
    return redirect(saved, 303)


@blueprint.post("/assessments/<int:assessment_id>/join/renew")
@requires("join.manage")
def renew_join_link(assessment_id: int) -> Page:
    _head(assessment_id)
    if get_link(assessment_id) is not None:
        links.renew_link(assessment_id=assessment_id, secret=_secret())
    return _back(assessment_id)


@blueprint.post("/assessments/<int:assessment_id>/join/revoke")
@requires("join.manage")
def revoke_join_link(assessment_id: int) -> Page:
    _head(assessment_id)
    if get_link(assessment_id) is not None:
        links.revoke_link(assessment_id=assessment_id)
    return _back(assessment_id)


@blueprint.get("/assessments/<int:assessment_id>/join/poster")
@requires("join.manage")
def join_poster(assessment_id: int) -> Page:
    """One sheet of paper for the wall of the break room."""
    head = _head(assessment_id)
    link = get_link(assessment_id)
    shown = _shown(head, link)
    if link is None or not shown:
        return _back(assessment_id)
    return render_template("assess/join_poster.html", head=head, link=link, day=day, **shown)


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("join.manage", head.scope)
    return head


def _form(link: LinkState) -> LinkForm:
    return LinkForm(
        request.form or None,
        today=clock.today(),
        data={"last_day": link.last_day, "asks_job_role": link.asks_job_role},
    )


def _shown(head: AssessmentHead, link: LinkState | None) -> dict[str, object]:
    """Code, address and QR code of a link that lets people in; empty when it does not."""
    if link is None or head.is_revealed or not link.is_live:
        return {}
    code = links.code_of(head.id, link, secret=_secret())
    if code is None:
        return {}
    base: str = current_app.config["BASE_URL"].rstrip("/")
    address = base + url_for("assess.join", code=code)
    return {
        "code": show_code(code),
        "address": address,
        "typed_address": (base + url_for("assess.join_by_code")).partition("://")[2],
        "qr": qr_code(address, title=f"QR code that opens {address}"),
    }


def _render(head: AssessmentHead, link: LinkState | None, form: LinkForm | None) -> str:
    return render_template(
        "assess/join_link.html",
        head=head,
        link=link,
        form=form,
        shown=_shown(head, link),
        has_errors=bool(form and form.errors),
        day=day,
    )


def _back(assessment_id: int) -> Response:
    return redirect(url_for("assess.join_link", assessment_id=assessment_id), 303)


def _secret() -> str | bytes:
    return current_app.secret_key or ""
