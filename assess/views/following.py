"""Pages on which leads and coaches follow one assessment, and change what is asked."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from accounts.permissions import may
from assess.blueprint import blueprint
from assess.following import changing, cycle, mails, reasons, standing
from assess.following.forms import CHOSEN, EVERYONE, ChangeForm
from assess.joining import links
from assess.joining.codes import show_code
from assess.models import State
from assess.quarters import Quarter
from assess.queries import following
from assess.queries.following import Settings
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.joining import LinkState, get_link
from assess.queries.progress import Progress, get_progress
from assess.queries.reminders import Request, list_sent
from assess.queries.steps import list_steps
from core import clock, mail
from core.errors import Conflict

Page = str | Response | tuple[str, int]


@blueprint.get("/assessments/<int:assessment_id>/progress")
@requires("assessment.follow")
def progress(assessment_id: int) -> str:
    head = _head(assessment_id)
    found = get_progress(assessment_id)
    settings = following.get_settings(assessment_id)
    sent = list_sent(assessment_id)
    link = get_link(assessment_id)
    return render_template(
        "assess/progress.html",
        head=head,
        progress=found,
        settings=settings,
        sent=sent,
        was_reminded=reasons.by_hand(clock.today()) in {one.reason for one in sent},
        planned=_planned(head, settings),
        steps=list_steps(assessment_id),
        link=link,
        days_late=standing.days_late(head.due_on, clock.today()),
        today=clock.today(),
        mails=mail.is_configured(),
        text=_text(head, settings, link),
        proposed=_proposed(head, found),
    )


@blueprint.post("/assessments/<int:assessment_id>/remind")
@requires("assessment.follow")
def remind(assessment_id: int) -> Response:
    """Mail those who have not finished; pressed again on the same day it mails nobody."""
    head = _head(assessment_id)
    if head.state is not State.OPEN:
        raise Conflict("The ratings are revealed, so nobody has to be reminded.")
    is_sent = mails.remind_by_hand(assessment_id, sent_by=viewer().person_id)
    return _back(assessment_id, reminded=int(is_sent), anchor="reminders")


@blueprint.post("/assessments/<int:assessment_id>/reminders/stop")
@requires("assessment.open")
def stop_reminders(assessment_id: int) -> Response:
    """Let no reminders go out by themselves any more; a person can still send one."""
    _open_head(assessment_id)
    changing.stop_reminders(assessment_id=assessment_id)
    return _back(assessment_id, stopped=1, anchor="reminders")


@blueprint.get("/assessments/<int:assessment_id>/change")
@requires("assessment.open")
def change_page(assessment_id: int) -> Page:
    head = _open_head(assessment_id)
    return _render_change(head, _change_form(head))


@blueprint.post("/assessments/<int:assessment_id>/change")
@requires("assessment.open")
def change(assessment_id: int) -> Page:
    head = _open_head(assessment_id)
    form = _change_form(head)
    if not form.validate():
        return _render_change(head, form), 422
    changing.change(
        assessment_id=assessment_id,
        due_on=form.due_on.data,
        message=form.words,
        asked=form.asked,
        secret=current_app.secret_key or "",
        remind_days=form.reminds,
        invite=form.invites,
    )
    return _back(assessment_id, saved=1)


def _head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("assessment.follow", head.scope)
    return head


def _open_head(assessment_id: int) -> AssessmentHead:
    head = get_assessment_head(assessment_id)
    permit("assessment.open", head.scope)
    if head.state is not State.OPEN:
        raise Conflict("The ratings are revealed, so nothing is asked any more.")
    return head


def _text(head: AssessmentHead, settings: Settings, link: LinkState | None) -> str:
    """The reminder to copy; empty once nobody has to rate any more."""
    if head.state is not State.OPEN:
        return ""
    asked = Request(head.id, head.clinic_name, head.quarter, head.due_on, settings.message)
    code = None
    if link is not None and link.is_live and may(viewer(), "join.manage", head.scope):
        code = links.code_of(head.id, link, secret=current_app.secret_key or "")
    if code is None:
        return mails.text_to_copy(asked)
    address = f"{current_app.config['BASE_URL']}{url_for('assess.join', code=code)}"
    return mails.text_to_copy(asked, join_address=address, join_code=show_code(code))


def _planned(head: AssessmentHead, settings: Settings) -> list[reasons.Planned]:
    """The reminders that will go out by themselves, the next one first."""
    if head.state is not State.OPEN or not mail.is_configured():
        return []
    return list(reasons.planned(settings.due_on, settings.remind_days, clock.now()))


def _proposed(head: AssessmentHead, found: Progress) -> Quarter | None:
    """The quarter this should rather count for, if ratings came so late; nobody is hurried."""
    if head.state is not State.OPEN or not found.given:
        return None
    same = head.instrument.slug
    taken = {one for slug, one in following.list_taken(head.clinic_id) if slug == same}
    return cycle.propose_move(head.quarter, found.given, taken)


def _change_form(head: AssessmentHead) -> ChangeForm:
    settings = following.get_settings(head.id)
    stored = {
        "due_on": settings.due_on,
        "message": settings.message,
        "asks": EVERYONE if settings.asks_everyone else CHOSEN,
        "people": sorted(following.list_asked_ids(head.id)),
        "remind_days": list(settings.remind_days),
    }
    return ChangeForm(
        request.form or None,
        data=stored,
        people=following.list_askable(head.clinic_id),
        today=clock.today(),
        mails=mail.is_configured(),
    )


def _render_change(head: AssessmentHead, form: ChangeForm) -> str:
    return render_template("assess/change.html", head=head, form=form, has_errors=bool(form.errors))


def _back(assessment_id: int, *, anchor: str | None = None, **values: int) -> Response:
    address = url_for(
        "assess.progress",
        assessment_id=assessment_id,
        _anchor=anchor,
        **values,  # type: ignore[arg-type]
    )
    return redirect(address, 303)
