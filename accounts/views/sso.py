"""Pages of single sign-on: out to the provider, back again, and which accounts are linked.

The browser comes back with a GET, and reading changes nothing here: that page is one form, which a
script sends at once and a button sends where no scripts run.
"""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.blueprint import blueprint
from accounts.guard import current_viewer, public, signed_in, viewer
from accounts.models import Method
from accounts.notices import Change
from accounts.sign_in import entering
from accounts.sign_in.entering import Onward
from accounts.sign_in.forms import SignInForm
from accounts.sign_in.resuming import render_sign_in
from accounts.sso import departures, kept_forms, round_trip
from accounts.sso import linking as sso
from accounts.sso.departures import Pending
from accounts.sso.kept_forms import CannotKeep
from accounts.sso.oidc import Identified, Provider
from accounts.sso.round_trip import RoundTripFailed
from accounts.views.confirming import ask_who_is_there, is_confirmed
from core import transactions
from core.errors import BlockwiseError
from core.throttling import TooManyTries

RETURN_FIELDS = ("state", "code", "error", "iss")
LONGEST_RETURN_FIELD = 4000

Answer = str | Response | tuple[str, int]


@blueprint.post("/sign-in/sso")
@public
def single_sign_on() -> Answer:
    onward, provider = entering.onward(), round_trip.get_provider()
    if provider is None or (current_viewer() is not None and not onward.resume):
        return redirect(url_for("accounts.sign_in"), 303)
    try:
        departure = round_trip.depart(provider)
        kept = _keep(onward)
    except (RoundTripFailed, CannotKeep, TooManyTries) as error:
        return _sign_in_again(str(error), onward, error.status)
    return round_trip.leave(departure, kept=kept)


@blueprint.get("/sign-in/sso/return")
@public
def single_sign_on_return() -> str:
    sent = [(name, request.args.get(name, "")) for name in RETURN_FIELDS]
    fields = [(name, value) for name, value in sent if 0 < len(value) <= LONGEST_RETURN_FIELD]
    return render_template("accounts/single_sign_on_return.html", fields=fields)


@blueprint.post("/sign-in/sso/return")
@public
def single_sign_on_return_post() -> Answer:
    provider = round_trip.get_provider()
    pending = departures.come_back(request.form.get("state", ""))
    if provider is None or pending is None:
        if current_viewer() is not None:
            return redirect(url_for("pages.home"), 303)
        return _sign_in_again(round_trip.TOO_LATE, Onward(), 422)
    if pending.person_id:
        return _finish_linking(provider, pending)
    try:
        identified = round_trip.identify(provider, pending)
    except RoundTripFailed as error:
        transactions.keep()  # what was kept now stands in the page
        return _sign_in_again(str(error), _take(pending), error.status)
    return _admit(provider, identified, _take(pending))


@blueprint.get("/account/single-sign-on")
@signed_in
def your_single_sign_on() -> str:
    return _render_yours()


@blueprint.post("/account/single-sign-on")
@signed_in
def link_single_sign_on() -> Answer:
    person_id, provider = viewer().person_id, round_trip.get_provider()
    if provider is None:
        return redirect(url_for("accounts.your_single_sign_on"), 303)
    if not is_confirmed():
        return ask_who_is_there(url_for("accounts.your_single_sign_on"))
    try:
        departure = round_trip.depart(provider)
    except RoundTripFailed as error:
        return _render_yours(problem=str(error)), error.status
    return round_trip.leave(departure, person_id=person_id)


@blueprint.post("/account/single-sign-on/unlink")
@signed_in
def unlink_single_sign_on() -> Response:
    if not is_confirmed():
        return ask_who_is_there(url_for("accounts.your_single_sign_on"))
    person_id, wanted = viewer().person_id, request.form.get("linked", "")
    for one in sso.list_linked(person_id):
        if str(one.id) == wanted:
            sso.unlink(one.id, person_id=person_id, present_issuer=_issuer())
            notices.tell(person_id, Change.SIGN_ON_UNLINKED)
    # when there was none, it was unlinked in another window
    return redirect(url_for("accounts.your_single_sign_on", saved="unlinked"), 303)


def _admit(provider: Provider, identified: Identified, onward: Onward) -> Answer:
    try:
        found = sso.recognize(
            identified,
            links_by_email=provider.registration.links_by_email,
            address=request.remote_addr or "",
        )
    except BlockwiseError as error:
        round_trip.note_failure(type(error).__name__)
        if not onward.resume:
            raise
        return _sign_in_again(f"{error.title}. {error}", onward, error.status)
    if found.is_new:
        notices.tell(found.person_id, Change.SIGN_ON_LINKED)
    return entering.finish_sign_in(found.person_id, Method.SINGLE_SIGN_ON, onward)


def _finish_linking(provider: Provider, pending: Pending) -> Answer:
    person = current_viewer()
    if person is None or person.person_id != pending.person_id:
        return _sign_in_again(round_trip.TOO_LATE, Onward(), 422)
    try:
        identified = round_trip.identify(provider, pending)
    except RoundTripFailed as error:
        return _render_yours(problem=str(error)), error.status
    sso.link(person.person_id, identified)
    notices.tell(person.person_id, Change.SIGN_ON_LINKED)
    return redirect(url_for("accounts.your_single_sign_on", saved="linked"), 303)


def _keep(onward: Onward) -> str:
    if not onward.fields:
        return ""
    address, secret = request.remote_addr or "", current_app.secret_key or ""
    return kept_forms.keep(onward.next_path, onward.resume, address=address, secret=secret)


def _take(pending: Pending) -> Onward:
    kept = kept_forms.take(pending.kept, secret=current_app.secret_key or "")
    return Onward(next_path=kept.next_path, resume=kept.resume)


def _sign_in_again(problem: str, onward: Onward, status: int) -> tuple[str, int]:
    form = SignInForm(formdata=None)
    form.form_errors.append(problem)
    return render_sign_in(form=form, resume=onward.resume, next_path=onward.next_path), status


def _render_yours(problem: str = "") -> str:
    linked = sso.list_linked(viewer().person_id, present_issuer=_issuer())
    return render_template(
        "accounts/your_single_sign_on.html",
        linked=linked,
        is_linked=any(one.is_present for one in linked),
        problem=problem,
        saved=request.args.get("saved", ""),
        has_errors=bool(problem),
    )


def _issuer() -> str:
    provider = round_trip.get_provider()
    return provider.registration.issuer if provider else ""
