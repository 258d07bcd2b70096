"""Pages on which administrators add, change, archive and restore clinics."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.blueprint import blueprint
from accounts.guard import permit, requires, viewer
from accounts.program import organizations as verbs
from accounts.program.forms import ClinicForm, clinic_form_of
from accounts.program.organizations import Archived, Taken
from accounts.program.queries import (
    ClinicDetail,
    OrganizationRow,
    get_clinic_detail,
    get_organization,
    list_clinics,
)
from accounts.program.reach import administered

Page = str | Response | tuple[str, int]


@blueprint.get("/admin/clinics")
@requires("admin.view", on_object=False)
def admin_clinics() -> str:
    search, show = request.args.get("q", ""), request.args.get("show", "")
    return render_template(
        "accounts/admin/clinics.html",
        clinics=list_clinics(
            administered(viewer()),
            search=search,
            archived=show == "archived",
            without_lead=show == "without-lead",
        ),
        search=search,
        show=show,
    )


@blueprint.get("/admin/organizations/<int:organization_id>/clinics/new")
@requires("organization.manage")
def new_clinic(organization_id: int) -> Page:
    owner = _owner(organization_id)
    return _render(ClinicForm(formdata=None), owner.id, owner.name)


@blueprint.post("/admin/organizations/<int:organization_id>/clinics/new")
@requires("organization.manage")
def add_clinic(organization_id: int) -> Page:
    owner = _owner(organization_id)
    form = ClinicForm()
    if not form.validate():
        return _render(form, owner.id, owner.name), 422
    try:
        clinic_id = verbs.add_clinic(organization_id=organization_id, facts=form.facts())
    except Taken as taken:
        form[taken.field].errors = [str(taken)]
        return _render(form, owner.id, owner.name), 422
    return redirect(url_for("accounts.admin_clinic", clinic_id=clinic_id, saved="added"))


@blueprint.get("/admin/clinics/<int:clinic_id>")
@requires("clinic.manage")
def admin_clinic(clinic_id: int) -> str:
    return render_template(
        "accounts/admin/clinic.html", clinic=_get(clinic_id), saved=request.args.get("saved", "")
    )


@blueprint.get("/admin/clinics/<int:clinic_id>/edit")
@requires("clinic.manage")
def edit_clinic(clinic_id: int) -> Page:
    clinic = _get(clinic_id)
    if clinic.archived_at is not None:
        return redirect(url_for("accounts.admin_clinic", clinic_id=clinic_id))
    return _render_edit(clinic_form_of(clinic.facts), clinic)


@blueprint.post("/admin/clinics/<int:clinic_id>/edit")
@requires("clinic.manage")
def change_clinic(clinic_id: int) -> Page:
    clinic = _get(clinic_id)
    form = ClinicForm()
    if not form.validate():
        return _render_edit(form, clinic), 422
    try:
        verbs.change_clinic(clinic_id=clinic_id, facts=form.facts())
    except Taken as taken:
        form[taken.field].errors = [str(taken)]
        return _render_edit(form, clinic), 422
    except Archived as archived:
        form.form_errors.append(str(archived))
        return _render_edit(form, clinic), archived.status
    return redirect(url_for("accounts.admin_clinic", clinic_id=clinic_id, saved="changed"))


@blueprint.get("/admin/clinics/<int:clinic_id>/archive")
@requires("clinic.manage")
def archive_clinic(clinic_id: int) -> Page:
    clinic = _get(clinic_id)
    if clinic.archived_at is not None:
        return redirect(url_for("accounts.admin_clinic", clinic_id=clinic_id))
    return render_template("accounts/admin/archive_clinic.html", clinic=clinic)


@blueprint.post("/admin/clinics/<int:clinic_id>/archive")
@requires("clinic.manage")
def archive_clinic_post(clinic_id: int) -> Page:
    verbs.archive_clinic(clinic_id=_get(clinic_id).id)
    return redirect(url_for("accounts.admin_clinic", clinic_id=clinic_id, saved="archived"))


@blueprint.post("/admin/clinics/<int:clinic_id>/restore")
@requires("clinic.manage")
def restore_clinic(clinic_id: int) -> Page:
    verbs.restore_clinic(clinic_id=_get(clinic_id).id)
    return redirect(url_for("accounts.admin_clinic", clinic_id=clinic_id, saved="restored"))


def _get(clinic_id: int) -> ClinicDetail:
    clinic = get_clinic_detail(clinic_id)
    permit("clinic.manage", clinic.scope)
    return clinic


def _owner(organization_id: int) -> OrganizationRow:
    owner = get_organization(organization_id)
    permit("organization.manage", owner.scope)
    return owner


def _render_edit(form: ClinicForm, clinic: ClinicDetail) -> str:
    return _render(form, clinic.organization_id, clinic.organization, clinic)


def _render(
    form: ClinicForm, organization_id: int, organization: str, clinic: ClinicDetail | None = None
) -> str:
    return render_template(
        "accounts/admin/clinic_form.html",
        form=form,
        organization_id=organization_id,
        organization=organization,
        clinic=clinic,
        has_errors=bool(form.errors),
    )
