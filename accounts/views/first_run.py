"""The page that makes the first administrator; the terminal prints its link."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import EmailField, StringField
from wtforms.validators import ValidationError

from accounts.blueprint import blueprint
from accounts.email_address import BadEmail, read_email
from accounts.guard import public
from accounts.models import Method
from accounts.program import clinic_facts
from accounts.program.admin_queries import has_program_administrator
from accounts.program.first_run import HasAdministrator, create_first_administrator, is_code
from accounts.program.forms import Reads
from accounts.program.organizations import Taken
from accounts.sign_in import entering, passwords
from accounts.sign_in.password_forms import NewPasswordForm
from core.errors import NotFound

Page = str | Response | tuple[str, int]


class FirstRunForm(NewPasswordForm):
    """Who runs the program."""

    name = StringField(
        "Your name",
        validators=[Reads(clinic_facts.person_name)],
        render_kw={"autocomplete": "name", "maxlength": "200"},
    )
    email = EmailField(
        "Email",
        description="You sign in with it.",
        render_kw={"autocomplete": "username", "spellcheck": "false", "maxlength": "254"},
    )

    def validate_email(self, field: Any) -> None:
        try:
            read_email(field.data or "")
        except BadEmail as bad:
            raise ValidationError(str(bad)) from bad


@blueprint.get("/first-run/<first_run_code>")
@public
def first_run(first_run_code: str) -> Page:
    _check(first_run_code)
    form = FirstRunForm(formdata=None)
    form.for_person()
    return _render(form)


@blueprint.post("/first-run/<first_run_code>")
@public
def first_run_post(first_run_code: str) -> Page:
    _check(first_run_code)
    form = FirstRunForm()
    form.for_person(context=[form.email.data or "", form.name.data or ""])
    if not form.validate():
        return _render(form), 422
    try:
        person_id = create_first_administrator(
            name=clinic_facts.person_name(form.name.data or ""),
            email=read_email(form.email.data or ""),
            new_password=passwords.prepare(form.new_password.data or ""),
            address=request.remote_addr or "",
            counts_demo=current_app.config["DEMO"],
        )
    except Taken as taken:
        form.email.errors = [str(taken)]
        return _render(form), 422
    entering.enter(person_id, Method.PASSWORD)
    return redirect(url_for("accounts.new_organization"))


def needs_first_run() -> bool:
    """Whether the program has no administrator yet; for the welcome page and the terminal."""
    return not has_program_administrator(counts_demo=current_app.config["DEMO"])


def _check(code: str) -> None:
    if not is_code(code, secret=current_app.secret_key):
        raise NotFound("Check the link: it stands in the terminal in which Blockwise was started.")
    if not needs_first_run():
        raise HasAdministrator


def _render(form: FirstRunForm) -> str:
    return render_template("accounts/first_run.html", form=form, has_errors=bool(form.errors))
