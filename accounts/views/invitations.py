"""Pages on which people invite others, one at a time, and see who has not come yet."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.blueprint import blueprint
from accounts.guard import permit, requires, viewer
from accounts.invitations import inviting as invitations
from accounts.invitations import links
from accounts.invitations.forms import InviteForm
from accounts.invitations.inviting import Invitee
from accounts.invitations.queries import (
    Invitation,
    get_invitation,
    get_token,
    list_open_invitations,
)
from accounts.models import Role
from accounts.permissions import may
from accounts.places import PROGRAM, Place, get_clinic_place, list_organization_places
from accounts.role_words import NEVER_OF_A_CLINIC, roles_to_give
from core.errors import Conflict, Forbidden, NotFound
from core.numbers import whole_number

Page = str | Response | tuple[str, int]
# roles that hold in more than one clinic, given on the page for administrators
WIDE_ROLES = (Role.COACH, *(role for role in Role if role in NEVER_OF_A_CLINIC))


@blueprint.get("/clinics/<int:clinic_id>/invite")
@requires("people.view")
def invite(clinic_id: int) -> Page:
    place = _clinic(clinic_id)
    form = InviteForm(formdata=None, roles=roles_to_give(viewer(), place))
    form.choose(request.args.get("role", ""))
    return _render_invite(form, place)


@blueprint.post("/clinics/<int:clinic_id>/invite")
@requires("people.view")
def invite_post(clinic_id: int) -> Page:
    place = _clinic(clinic_id)
    form = InviteForm(roles=roles_to_give(viewer(), place))
    if not form.validate():
        return _render_invite(form, place), 422
    return _invite(form, place, place)


@blueprint.get("/invite")
@requires("admin.view", on_object=False)
def invite_wide() -> Page:
    form = InviteForm(formdata=None, roles=WIDE_ROLES, places=_wide_places())
    return _render_invite(form, None)


@blueprint.post("/invite")
@requires("admin.view", on_object=False)
def invite_wide_post() -> Page:
    form = InviteForm(roles=WIDE_ROLES, places=_wide_places())
    if not form.validate():
        return _render_invite(form, None), 422
    return _invite(form, form.place, None)


@blueprint.get("/invitations", endpoint="invitations")
@requires("invitation.list", on_object=False)
def open_invitations() -> Page:
    clinic = _clinic_of_list(whole_number(request.args.get("clinic", "")))
    search, expired = request.args.get("q", ""), request.args.get("show") == "expired"
    found = list_open_invitations(
        viewer(),
        clinic_id=clinic.clinic_id if clinic else None,
        search=search,
        expired_only=expired,
    )
    return render_template(
        "accounts/invitations/list.html",
        invitations=found,
        search=search,
        expired=expired,
        clinic=clinic,
        invite_href=_where_to_invite(clinic),
        revoked=_just_revoked(whole_number(request.args.get("revoked", ""))),
    )


@blueprint.post("/invitations/<int:invitation_id>/link")
@requires("people.view")
def renew_invitation(invitation_id: int) -> Page:
    found = _invitation(invitation_id)
    if found.used_at is not None:
        raise Conflict(f"{found.who} has accepted already.")
    made = invitations.invite(
        Invitee(found.email, found.name, found.role, found.place), by=viewer()
    )
    return _render_link(links.hand_on(made, invited_by=viewer().name))


@blueprint.get("/invitations/<int:invitation_id>/revoke")
@requires("people.view")
def revoke_invitation(invitation_id: int) -> Page:
    found = _invitation(invitation_id)
    return render_template("accounts/invitations/revoke.html", invitation=found)


@blueprint.post("/invitations/<int:invitation_id>/revoke")
@requires("people.view")
def revoke_invitation_post(invitation_id: int) -> Page:
    _invitation(invitation_id)
    invitations.revoke(get_token(invitation_id))
    return redirect(url_for("accounts.invitations", revoked=invitation_id))


def _invite(form: InviteForm, place: Place, clinic: Place | None) -> Page:
    invitee = Invitee(form.email.data or "", form.name.data or "", Role(form.role.data), place)
    try:
        made = invitations.invite(invitee, by=viewer())
    except invitations.AlreadyHere as here:
        form.email.errors = [str(here)]
        return _render_invite(form, clinic), here.status
    except Forbidden as refused:
        form.role.errors = [str(refused)]
        return _render_invite(form, clinic), refused.status
    return _render_link(links.hand_on(made, invited_by=viewer().name))


def _clinic(clinic_id: int) -> Place:
    place = get_clinic_place(clinic_id)
    permit("people.view", place.scope)
    return place


def _clinic_of_list(clinic_id: int | None) -> Place | None:
    """The clinic that a list is about, if any."""
    place = None if clinic_id is None else get_clinic_place(clinic_id)
    if place and not may(viewer(), "people.view", place.scope):
        raise NotFound("Check the address, or go back to your clinic's page.")
    return place


def _where_to_invite(clinic: Place | None) -> str:
    """Where "Invite somebody" leads: the clinic at hand, the only one, or the choice of one."""
    led = [
        grant.clinic_id
        for grant in viewer().grants
        if grant.clinic_id and grant.role in {Role.LEAD, Role.COACH}
    ]
    if clinic is not None or len(set(led)) == 1:
        return url_for("accounts.invite", clinic_id=clinic.clinic_id if clinic else led[0])
    if may(viewer(), "admin.view"):
        return url_for("accounts.invite_wide")
    return url_for("pages.clinics")


def _invitation(invitation_id: int) -> Invitation:
    found = get_invitation(invitation_id)
    permit("people.view", found.scope)
    invitations.check_may_give(viewer(), found.role, found.place)
    return found


def _just_revoked(invitation_id: int | None) -> Invitation | None:
    """The invitation that the notice is about; a made-up number gets no notice."""
    if invitation_id is None:
        return None
    try:
        found = get_invitation(invitation_id)
    except NotFound:
        return None
    return found if found.revoked_at and may(viewer(), "people.view", found.scope) else None


def _wide_places() -> list[Place]:
    """The program and the organizations that this person may give wide roles in."""
    return [
        place for place in (PROGRAM, *list_organization_places()) if roles_to_give(viewer(), place)
    ]


def _render_invite(form: InviteForm, clinic: Place | None) -> str:
    return render_template(
        "accounts/invitations/invite.html",
        form=form,
        clinic=clinic,
        has_errors=bool(form.errors),
    )


def _render_link(link: links.Link) -> str:
    return render_template(
        "accounts/invitations/link.html",
        link=link,
        message=links.message(link, invited_by=viewer().name),
    )
