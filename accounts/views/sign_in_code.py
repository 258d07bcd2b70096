"""Step two of sign-in: the code of an authenticator app, or a recovery code."""

from __future__ import annotations

from flask import current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.blueprint import blueprint
from accounts.factors import second_factors
from accounts.factors.forms import SignInCodeForm
from accounts.factors.second_factors import Used, WrongCode
from accounts.guard import current_viewer, public
from accounts.models import Method
from accounts.notices import Change
from accounts.sign_in import entering
from accounts.sign_in.entering import Onward
from accounts.sign_in.resuming import is_local_path, render_resume
from core import transactions
from core.throttling import TooManyTries


@blueprint.get("/sign-in/code")
@public
def second_factor() -> str | Response:
    onward = entering.onward()
    if entering.half_entered() is None:
        return redirect(url_for("accounts.sign_in", next=onward.next_path or None))
    return render_code_page(onward)


@blueprint.post("/sign-in/code")
@public
def second_factor_post() -> str | Response | tuple[str, int]:
    onward = entering.onward()
    half = entering.half_entered()
    if half is None:
        return _already_in(onward) if current_viewer() else entering.start_again(onward)
    form = SignInCodeForm()
    if not form.validate():
        return _render(form, onward), 422
    try:
        used = second_factors.check(
            person_id=half.person_id, typed=form.typed, secret=current_app.secret_key or ""
        )
    except (WrongCode, TooManyTries) as error:
        transactions.keep()
        _say(form, str(error))
        return _render(form, onward), error.status
    if used is Used.RECOVERY_CODE:
        notices.tell(half.person_id, Change.RECOVERY_CODE_USED)
    return entering.finish_sign_in(half.person_id, Method.PASSWORD_AND_CODE, onward)


def _already_in(onward: Onward) -> str | Response:
    """Signed in meanwhile, in another tab: this one goes on where it wanted to."""
    if onward.resume:
        return render_resume(onward.resume)
    wanted = onward.next_path
    return redirect(wanted if is_local_path(wanted) else url_for("pages.home"))


@entering.renders_code_page
def render_code_page(onward: Onward) -> str:
    """The page as it is first seen, also in answer to the password."""
    return _render(SignInCodeForm(formdata=None), onward)


def _render(form: SignInCodeForm, onward: Onward) -> str:
    return render_template(
        "accounts/second_factor_code.html",
        form=form,
        fields=onward.fields,
        has_errors=bool(form.errors),
    )


def _say(form: SignInCodeForm, words: str) -> None:
    """At the field that was filled in. A code used up or wrong need not come back to be erased."""
    field = form.recovery_code if (form.recovery_code.data or "").strip() else form.code
    field.errors = [words]
    field.data = ""
