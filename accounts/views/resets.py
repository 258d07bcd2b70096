"""Pages for people who have forgotten their password."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from accounts import notices
from accounts.blueprint import blueprint
from accounts.guard import public
from accounts.models import Method
from accounts.notices import Change
from accounts.sign_in import entering, passwords, resets
from accounts.sign_in.forms import without_nul
from accounts.sign_in.reset_pages import PLACEHOLDER, form_for, render_reset
from accounts.tokens import DeadLink
from core import mail
from core.forms import Form
from core.throttling import TooManyTries


class ForgotForm(Form):
    """Where the link goes."""

    email = EmailField(
        "Email",
        validators=[
            InputRequired("Enter your email address."),
            Length(max=254, message="Use no more than 254 characters."),
        ],
        filters=[without_nul],
    )


@blueprint.get("/forgot")
@public
def forgot() -> str:
    return _render_forgot(ForgotForm(formdata=None), was_sent=request.args.get("sent") == "1")


@blueprint.post("/forgot")
@public
def forgot_post() -> Response | tuple[str, int]:
    form = ForgotForm()
    if not mail.is_configured() or not form.validate():
        return _render_forgot(form), 422
    try:
        resets.ask_by_mail(
            email=form.email.data or "",
            address=request.remote_addr or "",
            link=current_app.config["BASE_URL"]
            + url_for("accounts.reset", reset_secret=PLACEHOLDER),
            secret=current_app.secret_key or "",
        )
    except TooManyTries as error:
        form.form_errors.append(
            "A link was asked for several times. Look in your email and its spam folder, "
            "or try again in 30 minutes."
        )
        return _render_forgot(form), error.status
    return redirect(url_for("accounts.forgot", sent=1), 303)


@blueprint.get("/reset/<reset_secret>")
@public
def reset(reset_secret: str) -> str | tuple[str, int]:
    try:
        found = resets.read(reset_secret)
    except DeadLink as error:
        return _render_dead(error)
    return render_reset(secret=reset_secret, reset=found, form=form_for(found, is_new=True))


@blueprint.post("/reset/<reset_secret>")
@public
def reset_post(reset_secret: str) -> str | Response | tuple[str, int]:
    onward = entering.onward()
    try:
        found = resets.read(reset_secret)
        form = form_for(found)
        if not form.validate():
            page = render_reset(secret=reset_secret, reset=found, form=form, fields=onward.fields)
            return page, 422
        new_password = passwords.prepare(form.new_password.data or "")
        account = resets.set_new_password(
            reset_secret, new_password, keep_other_ways=form.keep_other_ways.data
        )
    except DeadLink as error:
        return _render_dead(error)
    notices.tell(account.person_id, Change.PASSWORD_CHANGED)
    return entering.admit(account, Method.RESET, onward)


def _render_forgot(form: ForgotForm, *, was_sent: bool = False) -> str:
    return render_template(
        "accounts/forgot.html",
        form=form,
        was_sent=was_sent,
        by_mail=mail.is_configured(),
        has_errors=bool(form.errors),
    )


def _render_dead(error: DeadLink) -> tuple[str, int]:
    return render_template("accounts/reset_dead.html"), error.status
