"""What administrators do with an account: a reset link, sign-ins, second factor, closing it.

What lets somebody else into an account, maybe the administrator's own, asks who is there first: a
browser left open must not be enough.
"""

from __future__ import annotations

from flask import current_app, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.blueprint import blueprint
from accounts.factors import second_factors
from accounts.guard import requires, viewer
from accounts.notices import Change
from accounts.people import changing as verbs
from accounts.people.queries import PersonDetail
from accounts.sign_in import resets, sign_ins
from accounts.views.confirming import ask_who_is_there, is_confirmed
from accounts.views.people import back_to, manage_account
from core.errors import Conflict
from core.qr import qr_code

Page = str | Response | tuple[str, int]


@blueprint.post("/admin/people/<int:person_id>/reset-link")
@requires("person.manage")
def make_reset_link(person_id: int) -> Page:
    found = manage_account(person_id)
    if not is_confirmed():
        return ask_who_is_there(url_for("accounts.person", person_id=person_id))
    if found.row.disabled_at is not None:
        raise Conflict("This account is closed. Open it first, then make the link.")
    token, secret = resets.make_reset_link(person_id, created_by=viewer().person_id)
    address = current_app.config["BASE_URL"] + url_for("accounts.reset", reset_secret=secret)
    return render_template(
        "accounts/admin/reset_link.html",
        person=found,
        address=address,
        qr=qr_code(address, title=f"QR code with the link for {found.row.name}"),
        expires_at=token.expires_at,
    )


@blueprint.get("/admin/people/<int:person_id>/sign-ins")
@requires("person.manage")
def end_sign_ins(person_id: int) -> str:
    return _confirm(manage_account(person_id), "sign-ins")


@blueprint.post("/admin/people/<int:person_id>/sign-ins")
@requires("person.manage")
def end_sign_ins_post(person_id: int) -> Page:
    manage_account(person_id)
    sign_ins.end_all_sign_ins(person_id)
    return back_to(person_id, "signed-out")


@blueprint.get("/admin/people/<int:person_id>/second-factor")
@requires("person.manage")
def remove_second_factor(person_id: int) -> Page:
    found = manage_account(person_id)
    if not is_confirmed():
        return ask_who_is_there(request.path)
    return _confirm(found, "second-factor")


@blueprint.post("/admin/people/<int:person_id>/second-factor")
@requires("person.manage")
def remove_second_factor_post(person_id: int) -> Page:
    manage_account(person_id)
    if not is_confirmed():
        return ask_who_is_there(request.path)
    removed = second_factors.remove_second_factor(person_id)
    notices.tell(person_id, Change.REMOVED_BY_ADMINISTRATOR)
    return back_to(person_id, "factor-and-password" if removed.must_set_password else "factor")


@blueprint.get("/admin/people/<int:person_id>/close")
@requires("person.manage")
def close_account(person_id: int) -> str:
    return _confirm(_somebody_else(person_id), "close")


@blueprint.post("/admin/people/<int:person_id>/close")
@requires("person.manage")
def close_account_post(person_id: int) -> Page:
    _somebody_else(person_id)
    verbs.disable_person(person_id=person_id)
    return back_to(person_id, "closed")


@blueprint.post("/admin/people/<int:person_id>/open")
@requires("person.manage")
def open_account(person_id: int) -> Page:
    manage_account(person_id)
    verbs.enable_person(person_id=person_id)
    return back_to(person_id, "opened")


def _somebody_else(person_id: int) -> PersonDetail:
    """The person, unless it is whoever asks: nobody locks themselves out."""
    found = manage_account(person_id)
    if person_id == viewer().person_id:
        raise Conflict("You cannot close your own account. Ask another administrator.")
    return found


def _confirm(found: PersonDetail, what: str) -> str:
    return render_template(
        "accounts/admin/confirm.html", person=found, what=what, path=request.path
    )
