"""Pages for coming in and going out."""

from __future__ import annotations

from flask import (
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response

from accounts import service
from accounts.blueprint import blueprint
from accounts.demo_links import read_demo_key
from accounts.forms import SignInForm
from accounts.guard import current_viewer, public, signed_in
from accounts.models import Person
from accounts.queries import get_demo_person
from accounts.resuming import carried, is_local_path, render_resume, render_sign_in
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
    form = SignInForm()
    resume = carried(request.form.items(multi=True))
    if not form.validate():
        return render_sign_in(form=form, resume=resume), 422
    try:
        person = service.check_password(
            email=form.email.data or "", password=form.password.data or ""
        )
    except TooManyTries as error:
        form.form_errors.append(str(error))
        return render_sign_in(form=form, resume=resume), error.status
    if person is None:
        transactions.keep()
        form.form_errors.append("Email and password do not match. Check both and try again.")
        return render_sign_in(form=form, resume=resume), 422
    _remember(person)
    if resume:
        return render_resume(resume)
    target = request.form.get("next")
    return redirect(target if is_local_path(target) and target else url_for("pages.home"))


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> Response:
    service.end_sign_in(session.get("sign_in", ""))
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
    _remember(_demo_person(key))
    return redirect(url_for("pages.home"))


def _demo_person(key: str) -> Person:
    role = read_demo_key(key, secret=current_app.secret_key) if current_app.config["DEMO"] else None
    person = get_demo_person(role) if role else None
    if person is None:
        abort(404)
    return person


def _remember(person: Person) -> None:
    session.clear()  # a new sign-in never inherits anything from the visit before
    session.permanent = True
    session["sign_in"] = service.start_sign_in(person)
