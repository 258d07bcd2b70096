"""A person's own API tokens: make one, see it once, revoke it."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.guard import requires, viewer
from accounts.notices import Change
from accounts.views.confirming import ask_who_is_there, is_confirmed
from core.errors import NotFound
from research.blueprint import blueprint
from research.tokens import keeping, queries
from research.tokens.forms import MakeTokenForm


@blueprint.get("/trends/tokens")
@requires("api.read", on_object=False)
def tokens() -> str:
    return _render(MakeTokenForm(formdata=None))


@blueprint.post("/trends/tokens")
@requires("api.read", on_object=False)
def make_token() -> str | Response | tuple[str, int]:
    if not is_confirmed():
        return ask_who_is_there(url_for("research.tokens"))
    form = MakeTokenForm()
    if not form.validate():
        return _render(form), 422
    person_id = viewer().person_id
    try:
        made, secret = keeping.make_token(
            person_id=person_id, name=form.name.data or "", days=form.days.data or 0
        )
    except keeping.TooManyTokens as error:
        form.form_errors.append(str(error))
        return _render(form), error.status
    notices.tell(person_id, Change.TOKEN_MADE)
    # not by a redirect: the secret would have to travel through the cookie
    return _render(MakeTokenForm(formdata=None), made=made.name, secret=secret)


@blueprint.get("/trends/tokens/<int:token_id>/revoke")
@requires("api.read", on_object=False)
def revoke_token_page(token_id: int) -> str:
    token = queries.get_token(viewer().person_id, token_id)
    if token is None:
        raise NotFound("You have no such token.")
    return render_template("research/token_revoke.html", token=token)


@blueprint.post("/trends/tokens/<int:token_id>/revoke")
@requires("api.read", on_object=False)
def revoke_token(token_id: int) -> Response:
    keeping.revoke_token(person_id=viewer().person_id, token_id=token_id)
    return redirect(url_for("research.tokens", revoked=1, _anchor="list"), 303)


def _render(form: MakeTokenForm, *, made: str = "", secret: str = "") -> str:
    return render_template(
        "research/tokens.html",
        form=form,
        tokens=queries.list_tokens(viewer().person_id),
        most=keeping.MOST,
        made=made,
        secret=secret,
        is_confirmed=is_confirmed(),
        was_revoked=request.args.get("revoked") == "1",
        address=current_app.config["BASE_URL"] + url_for("research.api_questionnaires"),
        has_errors=bool(form.errors),
    )
