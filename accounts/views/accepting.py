"""The pages behind an invitation's link: what it is for, and the way in."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.blueprint import blueprint
from accounts.guard import current_viewer, public
from accounts.invitations import accepting
from accounts.invitations.forms import AcceptForm
from accounts.invitations.queries import Offer, get_offer
from accounts.models import Method
from accounts.sign_in import entering, passwords
from accounts.sign_in.signing_in import network_of
from accounts.tokens import DeadLink
from core import transactions
from core.throttling import Limit

Page = str | Response | tuple[str, int]
# nobody guesses 256 bits, but nobody shall try for free either; a whole clinic shares an address
WRONG_LINKS = Limit("wrong invitation", allowed=30, window=timedelta(minutes=15))


@blueprint.get("/invitation/<invitation_secret>")
@public
def invitation(invitation_secret: str) -> Page:
    offer = _offer(invitation_secret)
    if offer.has_account or current_viewer() is not None:
        return _render_for_known(offer, invitation_secret)
    form = _form(offer, AcceptForm(formdata=None, data={"name": offer.name}))
    return _render_form(offer, invitation_secret, form)


@blueprint.post("/invitation/<invitation_secret>")
@public
def accept_invitation(invitation_secret: str) -> Page:
    offer = _offer(invitation_secret)
    person = current_viewer()
    if offer.has_account or person is not None:
        if person is None or person.email != offer.email:
            return _render_for_known(offer, invitation_secret), 409
        accepting.accept(invitation_secret, person_id=person.person_id)
        return redirect(url_for("pages.start"))
    form = _form(offer, AcceptForm())
    if not form.validate():
        return _render_form(offer, invitation_secret, form), 422
    entering.enter(_create_person(invitation_secret, form), Method.INVITATION)
    return redirect(url_for("pages.start"))


def _create_person(secret: str, form: AcceptForm) -> int:
    # hashed between two transactions: nobody waits for it
    password = passwords.prepare(form.new_password.data or "")
    return accepting.accept_as_new_person(
        secret,
        name=form.name.data or "",
        job_role=form.job_role.data or None,
        password=password,
        address=request.remote_addr or "",
    )


def _offer(secret: str) -> Offer:
    """What the link is for. Raises DeadLink, or TooManyTries after too many dead ones."""
    network = network_of(request.remote_addr or "")
    WRONG_LINKS.check(network)
    try:
        return get_offer(secret)
    except DeadLink:
        with transactions.apart():
            WRONG_LINKS.take(network)
        raise


def _form(offer: Offer, form: AcceptForm) -> AcceptForm:
    place = offer.place
    words = [offer.email, offer.name, form.name.data or "", place.organization, place.clinic]
    form.for_person(context=[word for word in words if word])
    return form


def _render_form(offer: Offer, secret: str, form: AcceptForm) -> str:
    return render_template(
        "accounts/invitations/accept.html",
        offer=offer,
        secret=secret,
        form=form,
        has_errors=bool(form.errors),
    )


def _render_for_known(offer: Offer, secret: str) -> str:
    """For people with an account: accept at one touch, sign in first, or sign out first."""
    return render_template("accounts/invitations/accept_known.html", offer=offer, secret=secret)
