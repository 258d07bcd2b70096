"""A person's own second factor: is it on, set it up, make recovery codes, turn it off."""

from __future__ import annotations

from flask import current_app, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.blueprint import blueprint
from accounts.factors import queries as factor_queries
from accounts.factors import second_factors, totp
from accounts.factors.forms import CodeForm, ProofForm
from accounts.factors.second_factors import PasswordTooShort, WrongCode
from accounts.guard import signed_in, viewer
from accounts.notices import Change
from accounts.views.confirming import ask_who_is_there, is_confirmed, proof_problem
from accounts.views.recovery_codes import show_once
from core import transactions
from core.days import day
from core.sealing import CannotOpen
from core.throttling import TooManyTries

BEGUN = "second_factor_begun"


@blueprint.get("/account/second-factor")
@signed_in
def your_second_factor() -> str:
    return render_template(
        "accounts/second_factor.html",
        factor=factor_queries.get_second_factor(viewer().person_id),
        passkeys=factor_queries.list_passkeys(viewer().person_id),
        day=day,
    )


@blueprint.post("/account/second-factor/begin")
@signed_in
def begin_second_factor() -> Response:
    if not is_confirmed():
        return ask_who_is_there(url_for("accounts.your_second_factor"))
    # waits in this browser until the first code proves that the app knows it
    session[BEGUN] = totp.new_sealed_secret(secret=_secret())
    return redirect(url_for("accounts.set_up_second_factor"), 303)


@blueprint.get("/account/second-factor/set-up")
@signed_in
def set_up_second_factor() -> str | Response:
    return _render_set_up(CodeForm(formdata=None))


@blueprint.post("/account/second-factor/set-up")
@signed_in
def set_up_second_factor_post() -> str | Response | tuple[str | Response, int]:
    if BEGUN not in session:
        return redirect(url_for("accounts.your_second_factor"), 303)
    form = CodeForm()
    if not form.validate():
        return _render_set_up(form), 422
    try:
        codes = second_factors.turn_on(
            person_id=viewer().person_id,
            sealed=session[BEGUN],
            code=form.code.data or "",
            secret=_secret(),
            except_token=session.get("sign_in"),
        )
    except (WrongCode, TooManyTries) as error:
        transactions.keep()
        form.code.errors = [str(error)]
        return _render_set_up(form), error.status
    session.pop(BEGUN)
    notices.tell(viewer().person_id, Change.CODES_ON)
    return show_once(codes)


@blueprint.get("/account/second-factor/turn-off")
@signed_in
def turn_off_second_factor() -> str | Response:
    factor = factor_queries.get_second_factor(viewer().person_id)
    if not factor.is_on:
        return redirect(url_for("accounts.your_second_factor"))
    return _render_turn_off(ProofForm(formdata=None))


@blueprint.post("/account/second-factor/turn-off")
@signed_in
def turn_off_second_factor_post() -> str | Response | tuple[str, int]:
    form = ProofForm()
    problem = proof_problem(form)
    if problem is not None:
        return _render_turn_off(form), problem
    try:
        second_factors.turn_off(person_id=viewer().person_id, except_token=session.get("sign_in"))
    except PasswordTooShort as error:
        transactions.keep()  # the code that was shown is used up all the same
        form.form_errors.append(str(error))
        return _render_turn_off(form), error.status
    notices.tell(viewer().person_id, Change.CODES_OFF)
    return redirect(url_for("accounts.your_second_factor"), 303)


def _render_set_up(form: CodeForm) -> str | Response:
    try:
        shown = totp.show(session.get(BEGUN, ""), email=viewer().email, secret=_secret())
    except CannotOpen:
        session.pop(BEGUN, None)
        return redirect(url_for("accounts.your_second_factor"), 303)
    return render_template(
        "accounts/second_factor_set_up.html", form=form, shown=shown, has_errors=bool(form.errors)
    )


def _render_turn_off(form: ProofForm) -> str:
    return render_template(
        "accounts/second_factor_turn_off.html",
        form=form,
        factor=factor_queries.get_second_factor(viewer().person_id),
        has_errors=bool(form.errors),
    )


def _secret() -> str | bytes:
    return current_app.secret_key or ""
