"""Pages for coming in and going out."""

from __future__ import annotations

from flask import abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from accounts.blueprint import blueprint
from accounts.demo_links import read_demo_key
from accounts.guard import current_viewer, public, signed_in
from accounts.models import Method, Person
from accounts.queries import get_demo_person
from accounts.sign_in import entering, known_browsers, sign_ins, signing_in
from accounts.sign_in.forms import SignInForm
from accounts.sign_in.resuming import render_sign_in
from core import transactions
from core.throttling import TooManyTries


@blueprint.get("/sign-in")
@public
def sign_in() -> str | Response:
    if current_viewer() is not None:
        return redirect(url_for("pages.home"))
    return render_sign_in()


@blueprint.post("/sign-in")
@public
def sign_in_post() -> str | Response | tuple[str, int]:
    form, onward = SignInForm(), entering.onward()
    if not form.validate():
        return render_sign_in(form=form, resume=onward.resume), 422
    try:
        account = signing_in.check_password(
            email=form.email.data or "",
            password=form.password.data or "",
            address=request.remote_addr or "",
            browser=known_browsers.current(),
        )
    except TooManyTries as error:
        form.form_errors.append(str(error))
        return render_sign_in(form=form, resume=onward.resume), error.status
    if account is None:
        transactions.keep()
        form.form_errors.append("Email and password do not match. Check both and try again.")
        return render_sign_in(form=form, resume=onward.resume), 422
    return entering.admit(account, Method.PASSWORD, onward)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    sign_ins.end(session.get("sign_in", ""))
    session.clear()
    return redirect(url_for("pages.home"))


@blueprint.get("/demo/sign-in/<key>")
@public
def demo_sign_in(key: str) -> str:
    person = _demo_person(key)
    return render_template("accounts/demo_sign_in.html", person_name=person.name, key=key)


@blueprint.post("/demo/sign-in/<key>")
@public
def demo_sign_in_post(key: str) -> Response:
    entering.enter(_demo_person(key).id, Method.DEMONSTRATION)
    return redirect(url_for("pages.home"))


def _demo_person(key: str) -> Person:
    role = read_demo_key(key, secret=current_app.secret_key) if current_app.config["DEMO"] else None
    person = get_demo_person(role) if role else None
    if person is None:
        abort(404)
    return person
