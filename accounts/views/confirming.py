"""Before somebody changes how they sign in: is it still them? Asked again after ten minutes.

A view that needs this begins with `if not is_confirmed(): return ask_who_is_there()`.
"""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from accounts.blueprint import blueprint
from accounts.factors import queries as factor_queries
from accounts.factors import second_factors, totp
from accounts.factors.forms import ProofForm
from accounts.factors.second_factors import WrongCode
from accounts.guard import signed_in, viewer
from accounts.sign_in import known_browsers, signing_in
from accounts.sign_in.resuming import is_local_path
from core import clock, transactions
from core.throttling import TooManyTries

LASTS = timedelta(minutes=10)


def is_confirmed() -> bool:
    """Whether this person signed in, or showed that it is them, at most ten minutes ago."""
    since = clock.now() - LASTS
    if session.get("confirmed_at", 0) > since.timestamp():
        return True
    signed_in_at = factor_queries.get_sign_in_moment(session.get("sign_in", ""))
    return signed_in_at is not None and signed_in_at > since


def ask_who_is_there(next_path: str) -> Response:
    """To the page that asks, and from there to the page where it was needed."""
    return redirect(url_for("accounts.confirm", next=next_path), 303)


def proof_problem(form: ProofForm) -> int | None:
    """None when the form proves who is there, else the status of the answer; its field says why.

    Ends the transaction it is called in, and counts wrong tries.
    """
    if not form.validate():
        return 422
    person, typed = viewer(), form.proof.data or ""
    try:
        if totp.looks_like_a_code(typed):
            second_factors.check(
                person_id=person.person_id, typed=typed, secret=current_app.secret_key or ""
            )
            return None
        account = signing_in.check_password(
            email=person.email,
            password=typed,
            address=request.remote_addr or "",
            browser=known_browsers.current(),
        )
    except (WrongCode, TooManyTries) as error:
        return _refuse(form, str(error), error.status)
    if account is None:
        return _refuse(form, "This password does not match. Check it and try again.", 422)
    return None


@blueprint.get("/account/confirm")
@signed_in
def confirm() -> str:
    return _render(ProofForm(formdata=None))


@blueprint.post("/account/confirm")
@signed_in
def confirm_post() -> Response | tuple[str, int]:
    form = ProofForm()
    problem = proof_problem(form)
    if problem is not None:
        return _render(form), problem
    session["confirmed_at"] = int(clock.now().timestamp())
    return redirect(_next_path(), 303)


def _refuse(form: ProofForm, words: str, status: int) -> int:
    transactions.keep()
    form.proof.errors = [words]
    return status


def _render(form: ProofForm) -> str:
    return render_template(
        "accounts/confirm.html",
        form=form,
        factor=factor_queries.get_second_factor(viewer().person_id),
        next=_next_path(),
        has_errors=bool(form.errors),
    )


def _next_path() -> str:
    wanted = request.values.get("next", "")
    return wanted if is_local_path(wanted) else url_for("accounts.your_second_factor")
