"""Pages on which administrators add and change organizations."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.blueprint import blueprint
from accounts.guard import permit, requires, viewer
from accounts.places import PROGRAM
from accounts.program import organizations as verbs
from accounts.program.forms import OrganizationForm
from accounts.program.organizations import Taken
from accounts.program.queries import (
    OrganizationRow,
    get_organization,
    list_clinics,
    list_organizations,
)
from accounts.program.reach import administered

Page = str | Response | tuple[str, int]


@blueprint.get("/admin/organizations")
@requires("admin.view", on_object=False)
def organizations() -> str:
    search = request.args.get("q", "")
    return render_template(
        "accounts/admin/organizations.html",
        organizations=list_organizations(administered(viewer()), search),
        search=search,
        program_scope=PROGRAM.scope,
    )


@blueprint.get("/admin/organizations/new")
@requires("organization.add")
def new_organization() -> Page:
    permit("organization.add", PROGRAM.scope)
    return _render_form(OrganizationForm(formdata=None), None)


@blueprint.post("/admin/organizations/new")
@requires("organization.add")
def add_organization() -> Page:
    permit("organization.add", PROGRAM.scope)
    form = OrganizationForm()
    if not form.validate():
        return _render_form(form, None), 422
    try:
        organization_id = verbs.add_organization(name=form.typed_name())
    except Taken as taken:
        form.name.errors = [str(taken)]
        return _render_form(form, None), 422
    return redirect(
        url_for("accounts.organization", organization_id=organization_id, saved="added")
    )


@blueprint.get("/admin/organizations/<int:organization_id>")
@requires("organization.manage")
def organization(organization_id: int) -> str:
    found = _get(organization_id)
    return render_template(
        "accounts/admin/organization.html",
        organization=found,
        clinics=list_clinics(None, organization_id=organization_id),
        archived=list_clinics(None, organization_id=organization_id, archived=True),
        saved=request.args.get("saved", ""),
    )


@blueprint.get("/admin/organizations/<int:organization_id>/edit")
@requires("organization.manage")
def edit_organization(organization_id: int) -> Page:
    found = _get(organization_id)
    return _render_form(OrganizationForm(formdata=None, data={"name": found.name}), found)


@blueprint.post("/admin/organizations/<int:organization_id>/edit")
@requires("organization.manage")
def change_organization(organization_id: int) -> Page:
    found = _get(organization_id)
    form = OrganizationForm()
    if not form.validate():
        return _render_form(form, found), 422
    try:
        verbs.rename_organization(organization_id=organization_id, name=form.typed_name())
    except Taken as taken:
        form.name.errors = [str(taken)]
        return _render_form(form, found), 422
    return redirect(
        url_for("accounts.organization", organization_id=organization_id, saved="changed")
    )


def _get(organization_id: int) -> OrganizationRow:
    found = get_organization(organization_id)
    permit("organization.manage", found.scope)
    return found


def _render_form(form: OrganizationForm, organization: OrganizationRow | None) -> str:
    return render_template(
        "accounts/admin/organization_form.html",
        form=form,
        organization=organization,
        is_first=organization is None and not list_organizations(None),
        has_errors=bool(form.errors),
    )
