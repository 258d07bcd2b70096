"""A person's own passkeys, and the way in with one of them."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import current_app, jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.blueprint import blueprint
from accounts.factors import passkeys
from accounts.factors import queries as factor_queries
from accounts.factors.passkey_forms import LONGEST_ANSWER, AddPasskeyForm, RenamePasskeyForm
from accounts.factors.webauthn import Challenge, PasskeyRefused, Site, site_of
from accounts.guard import public, signed_in, viewer
from accounts.models import Method
from accounts.notices import Change
from accounts.sign_in import entering
from accounts.sign_in.forms import SignInForm
from accounts.sign_in.resuming import render_sign_in
from accounts.views.confirming import ask_who_is_there, is_confirmed
from core import transactions
from core.days import day
from core.errors import Conflict, Forbidden, NotFound

WAITING = "passkey_challenge"


@blueprint.get("/account/passkeys")
@signed_in
def your_passkeys() -> str:
    return _render(AddPasskeyForm(formdata=None))


@blueprint.post("/account/passkeys/options")
@signed_in
def passkey_options() -> FlaskResponse:
    if not is_confirmed():
        raise Forbidden("You signed in a while ago. Load this page again to go on.")
    options, session[WAITING] = passkeys.begin_adding(viewer().person_id, _site())
    return jsonify(options)


@blueprint.post("/account/passkeys")
@signed_in
def add_passkey() -> str | Response | tuple[str, int]:
    if not is_confirmed():
        return ask_who_is_there(url_for("accounts.your_passkeys"))
    form = AddPasskeyForm()
    if not form.validate():
        return _render(form), 422
    try:
        passkeys.add(
            person_id=viewer().person_id,
            name=form.name.data or "",
            answer=form.passkey.data or "",
            challenge=_challenge(),
            site=_site(),
        )
    except PasskeyRefused as error:
        form.form_errors.append(str(error))
        return _render(form), error.status
    notices.tell(viewer().person_id, Change.PASSKEY_ADDED)
    return redirect(url_for("accounts.your_passkeys", _anchor="list"), 303)


@blueprint.post("/account/passkeys/<int:passkey_id>/name")
@signed_in
def rename_passkey(passkey_id: int) -> str | Response | tuple[str, int]:
    own = factor_queries.list_passkeys(viewer().person_id)
    if passkey_id not in {one.id for one in own}:
        raise NotFound("You have no such passkey. It may have been removed already.")
    form = RenamePasskeyForm()
    if not form.validate():
        return _render(AddPasskeyForm(formdata=None), renaming=form, passkey_id=passkey_id), 422
    passkeys.rename(person_id=viewer().person_id, passkey_id=passkey_id, name=form.name.data or "")
    return redirect(url_for("accounts.your_passkeys", _anchor="list"), 303)


@blueprint.post("/account/passkeys/<int:passkey_id>/remove")
@signed_in
def remove_passkey(passkey_id: int) -> Response:
    if not is_confirmed():
        return ask_who_is_there(url_for("accounts.your_passkeys"))
    passkeys.remove(person_id=viewer().person_id, passkey_id=passkey_id)
    notices.tell(viewer().person_id, Change.PASSKEY_REMOVED)
    return redirect(url_for("accounts.your_passkeys", _anchor="list"), 303)


@blueprint.post("/sign-in/passkey/options")
@public
def sign_in_passkey_options() -> FlaskResponse:
    options, session[WAITING] = _site().begin_sign_in()
    return jsonify(options)


@blueprint.post("/sign-in/passkey")
@public
def sign_in_with_passkey() -> str | Response | tuple[str, int]:
    onward = entering.onward()
    try:
        person_id = passkeys.check(
            answer=request.form.get("passkey", "")[:LONGEST_ANSWER],
            challenge=_challenge(),
            site=_site(),
        )
    except PasskeyRefused as error:
        transactions.keep()
        form = SignInForm(formdata=None)
        form.form_errors.append(str(error))
        return render_sign_in(form=form, resume=onward.resume), error.status
    return entering.finish_sign_in(person_id, Method.PASSKEY, onward)


@blueprint.app_template_global()
def passkeys_possible() -> bool:
    """Whether browsers allow passkeys at the address people type."""
    return site_of(current_app.config["BASE_URL"]) is not None


def _render(
    form: AddPasskeyForm,
    *,
    renaming: RenamePasskeyForm | None = None,
    passkey_id: int | None = None,
) -> str:
    return render_template(
        "accounts/passkeys.html",
        form=form,
        renaming=renaming,
        renaming_id=passkey_id,
        passkeys=factor_queries.list_passkeys(viewer().person_id),
        is_confirmed=is_confirmed(),
        day=day,
        has_errors=bool(form.errors or renaming),
    )


def _challenge() -> Challenge | None:
    """What the browser was asked to sign; gone from the session with this look at it."""
    kept: Challenge | None = session.pop(WAITING, None)
    return kept


def _site() -> Site:
    site = site_of(current_app.config["BASE_URL"])
    if site is None:
        raise Conflict(
            "Passkeys need an address with a name, like https://blockwise.example.org. "
            "Use your password here."
        )
    return site
