"""Pages of a visitor with a join link or code: what it is about, begin to rate, and done."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from accounts.guard import (
    current_joined,
    current_viewer,
    device_cookie,
    permit,
    public,
    requires,
    visitor,
)
from accounts.permissions import may
from accounts.sign_in.signing_in import network_of
from accounts.viewer import Joined
from assess.blueprint import blueprint
from assess.joining import devices, links
from assess.joining.codes import read_code
from assess.joining.forms import CodeForm, JoinForm
from assess.queries.joining import Offer, find_link, get_link, get_offer, get_progress
from assess.queries.sheets import get_sheet
from assess.raters import rater_of
from core import clock, tenancy, transactions
from core.days import day
from core.errors import Conflict
from core.throttling import Limit

Page = str | Response | tuple[str, int]

# staff of a clinic come from one address, so only what a guesser does is counted strictly
WRONG_CODES = Limit("join_code", allowed=30, window=timedelta(minutes=15))
STARTS = Limit("join_start", allowed=100, window=timedelta(minutes=15))
LEFT, LEFT_SHARED = "left", "left-shared"
"""What the cookie says on a device that holds no rating any more."""


@blueprint.get("/j")
@public
def join_by_code() -> Page:
    """A field for the code; forms that only look something up need no token."""
    form = CodeForm(request.args if "code" in request.args else None)
    if "code" not in request.args:
        return render_template("assess/join_code.html", form=form)
    if not form.validate():
        return render_template("assess/join_code.html", form=form, has_errors=True), 422
    return redirect(url_for("assess.join", code=read_code(form.code.data or "")))


@blueprint.get("/j/done")
@public
def join_done() -> Page:
    """After rating on a shared device, or leaving one: nothing of that rating is shown here."""
    return render_template(
        "assess/join_done.html",
        code=read_code(request.args.get("code", "")),
        is_finished="finished" in request.args,
    )


@blueprint.get("/j/<code>")
@public
def join(code: str) -> Page:
    offer = _offer(code)
    if offer is None:
        return _no_such_code()
    if _rates_by_account(offer):
        return redirect(url_for("assess.rate", assessment_id=offer.assessment_id))
    return _render(offer, code, _form(offer))


@blueprint.post("/j/<code>")
@public
def join_start(code: str) -> Page:
    STARTS.check(_address())
    offer = _offer(code)
    if offer is None:
        return _no_such_code()
    if _rates_by_account(offer):
        return redirect(url_for("assess.rate", assessment_id=offer.assessment_id))
    form = _form(offer)
    if current_viewer() is not None:
        return _render(offer, code, form), 409
    if not form.validate():
        return _render(offer, code, form), 422
    held = current_joined()
    goes_on = held and held.assessment_id == offer.assessment_id
    if held and goes_on and request.form.get("instead") != str(held.rating_id):
        return redirect(_first_page(offer), 303)  # the button was chosen twice
    try:
        token, until = devices.join(
            offer=offer,
            job_role=form.chosen_job_role,
            is_shared=bool(form.is_shared.data),
            held=held,
        )
    except Conflict:  # the ratings were revealed at this very moment
        return _no_such_code()
    STARTS.count(_address())
    answer = redirect(_first_page(offer), 303)
    _keep(answer, token, None if form.is_shared.data else until)
    return answer


@blueprint.post("/assessments/<int:assessment_id>/rate/leave")
@requires("assessment.rate")
def leave_device(assessment_id: int) -> Page:
    """Let go of the rating on this device; people with an account sign out instead."""
    permit("assessment.rate", get_sheet(assessment_id, rater_of(visitor())).scope)
    held = current_joined()
    if held is None:
        return redirect(url_for("assess.rate", assessment_id=assessment_id), 303)
    return let_go(held)


def let_go(held: Joined, *, finished: bool = False) -> Response:
    """End the hold and forget it in the browser; the page after it is the next person's first."""
    code = _present_code(held.assessment_id)
    devices.leave(held)
    session.clear()  # the token of pages that are still open must not work for the next person
    g.joined = None
    answer = redirect(url_for("assess.join_done", code=code, finished=1 if finished else None), 303)
    _keep(answer, LEFT_SHARED if held.is_shared else LEFT, None)
    return answer


def forget_device(answer: Response) -> None:
    """Take the token out of a browser whose hold has ended."""
    _keep(answer, LEFT, None)


def _present_code(assessment_id: int) -> str | None:
    link = get_link(assessment_id)
    if link is None or not link.is_live:
        return None
    return links.code_of(assessment_id, link, secret=current_app.secret_key or "")


def _offer(typed: str) -> Offer | None:
    """What this code lets people rate; wrong codes of an address are counted, and then refused."""
    WRONG_CODES.check(_address())
    code = read_code(typed)
    if code is None:
        return None  # a typing error, not a guess
    link = find_link(code)
    if link is None:
        with transactions.apart():
            WRONG_CODES.count(_address())
        return None
    tenancy.enter([link.organization_id])
    return get_offer(link)


def _rates_by_account(offer: Offer) -> bool:
    person = current_viewer()
    return person is not None and may(person, "assessment.rate", offer.scope)


def _form(offer: Offer) -> JoinForm:
    used_before = request.cookies.get(device_cookie()) == LEFT_SHARED
    return JoinForm(
        request.form or None,
        asks_job_role=offer.asks_job_role,
        data={"is_shared": used_before, "job_role": ""},
    )


def _render(offer: Offer, code: str, form: JoinForm) -> str:
    held = current_joined()
    mine = held if held and held.assessment_id == offer.assessment_id else None
    return render_template(
        "assess/join.html",
        offer=offer,
        code=read_code(code),
        form=form,
        mine=mine,
        progress=get_progress(mine.rating_id) if mine else None,
        holds_another=held is not None and mine is None,
        was_old="again" in request.args,
        has_errors=bool(form.errors),
        day=day,
    )


def _no_such_code() -> tuple[str, int]:
    """One answer for codes that are unknown, expired, stopped or too late."""
    form = CodeForm(None)
    return render_template("assess/join_code.html", form=form, is_dead=True), 404


def _keep(answer: Response, value: str, until: datetime | None) -> None:
    """Give the browser its cookie; without `until` it goes when the browser is closed."""
    answer.set_cookie(
        device_cookie(),
        value,
        max_age=None if until is None else until - clock.now(),
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _first_page(offer: Offer) -> str:
    block = offer.instrument.blocks[0]
    return url_for("assess.rate_block", assessment_id=offer.assessment_id, block_id=block.id)


def _address() -> str:
    """Whose tries count together; a home has more IPv6 addresses than there are tries."""
    return network_of(request.remote_addr or "")
