"""Pages of a person's own account: details, password, and where they are signed in."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.blueprint import blueprint
from accounts.factors import queries as factor_queries
from accounts.guard import signed_in, viewer
from accounts.notices import Change
from accounts.sign_in import known_browsers, own_account, passwords, sign_ins, signing_in
from accounts.sign_in.account_forms import ChangePasswordForm, DetailsForm, FirstPasswordForm
from accounts.sign_in.queries import list_browsers
from accounts.views.confirming import ask_who_is_there, is_confirmed
from core import transactions
from core.throttling import TooManyTries

PasswordForm = ChangePasswordForm | FirstPasswordForm


@blueprint.get("/account")
@signed_in
def account() -> str:
    own = own_account.get_own_account(viewer().person_id)
    form = DetailsForm(formdata=None, name=own.name, job_role=own.job_role)
    form.keep_unlisted(own.job_role)
    return _render_account(form)


@blueprint.post("/account")
@signed_in
def account_post() -> Response | tuple[str, int]:
    person_id = viewer().person_id
    form = DetailsForm()
    form.keep_unlisted(own_account.get_own_account(person_id).job_role)
    if not form.validate():
        return _render_account(form), 422
    own_account.change_details(
        person_id, name=form.name.data or "", job_role=form.job_role.data or ""
    )
    return _back("details")


@blueprint.get("/account/password")
@signed_in
def change_password() -> str | Response:
    own = own_account.get_own_account(viewer().person_id)
    if not own.has_password and not is_confirmed():
        return ask_who_is_there(url_for("accounts.change_password"))
    return _render_password(_password_form(has_password=own.has_password, is_new=True))


@blueprint.post("/account/password")
@signed_in
def change_password_post() -> str | Response | tuple[str, int]:
    person_id = viewer().person_id
    has_password = own_account.get_own_account(person_id).has_password
    if not has_password and not is_confirmed():
        return ask_who_is_there(url_for("accounts.change_password"))
    form = _password_form(has_password=has_password)
    if not form.validate():
        return _render_password(form), 422
    if isinstance(form, ChangePasswordForm) and (status := _check_old_password(form)):
        return _render_password(form), status
    new_password = passwords.prepare(form.new_password.data or "")
    own_account.change_password(person_id, new_password, token=_token())
    notices.tell(person_id, Change.PASSWORD_CHANGED)
    return _back("password")


@blueprint.post("/account/browsers/<int:sign_in_id>/sign-out")
@signed_in
def end_browser(sign_in_id: int) -> Response:
    sign_ins.end_one(sign_in_id, person_id=viewer().person_id)
    return _back("browser")


@blueprint.post("/account/browsers/sign-out-others")
@signed_in
def end_other_browsers() -> Response:
    sign_ins.end_all_sign_ins(viewer().person_id, except_token=_token())
    return _back("browsers")


def _password_form(*, has_password: bool, is_new: bool = False) -> PasswordForm:
    known = own_account.read_for_new_password(viewer().person_id)
    kind = ChangePasswordForm if has_password else FirstPasswordForm
    form: PasswordForm = kind(formdata=None) if is_new else kind()
    return form.for_person(context=known.words, second_factor=known.has_second_factor)


def _check_old_password(form: ChangePasswordForm) -> int | None:
    """None when it is right, else the status of the answer; the form says why."""
    try:
        account = signing_in.check_password(
            email=viewer().email,
            password=form.password.data or "",
            address=request.remote_addr or "",
            browser=known_browsers.current(),
        )
    except TooManyTries as error:
        form.form_errors.append(str(error))
        return error.status
    if account is not None:
        return None
    transactions.keep()
    form.password.errors = ["This is not your current password. Check it and try again."]
    return 422


def _render_account(form: DetailsForm) -> str:
    person_id = viewer().person_id
    return render_template(
        "accounts/account.html",
        form=form,
        own=own_account.get_own_account(person_id),
        factor=factor_queries.get_second_factor(person_id),
        passkeys=len(factor_queries.list_passkeys(person_id)),
        browsers=list_browsers(person_id, token=_token()),
        saved=request.args.get("saved", ""),
        has_errors=bool(form.errors),
    )


def _render_password(form: PasswordForm) -> str:
    return render_template("accounts/change_password.html", form=form, has_errors=bool(form.errors))


def _back(saved: str) -> Response:
    return redirect(url_for("accounts.account", saved=saved), 303)


def _token() -> str:
    token: str = session.get("sign_in", "")
    return token
