"""Pages on which administrators find people, give and take roles, and help with their accounts."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import notices
from accounts.blueprint import blueprint
from accounts.guard import permit, requires, viewer
from accounts.models import Role
from accounts.notices import Change
from accounts.people import changing as verbs
from accounts.people.changing import RoleRefused
from accounts.people.forms import PersonForm, RoleForm
from accounts.people.queries import PersonDetail, find_person_name, get_person, list_people
from accounts.people.role_queries import HeldRole, get_role
from accounts.permissions import may
from accounts.places import PROGRAM, Place, list_organization_places
from accounts.program.organizations import Taken
from accounts.program.queries import list_clinics
from accounts.program.reach import administered, within_reach
from accounts.role_words import NAMES
from accounts.viewer import Scope
from accounts.views.confirming import ask_who_is_there, is_confirmed
from core.errors import Forbidden

Page = str | Response | tuple[str, int]


@blueprint.get("/admin/people")
@requires("admin.view", on_object=False)
def people() -> str:
    search, role = request.args.get("q", ""), request.args.get("role", "")
    show = request.args.get("show", "")
    found = list_people(
        administered(viewer()),
        search=search,
        role=Role(role) if role in set(Role) else None,
        show=show,
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "accounts/admin/people.html",
        people=found,
        search=search,
        role=role,
        show=show,
        roles=NAMES,
    )


@blueprint.get("/admin/people/<int:person_id>")
@requires("person.manage")
def person(person_id: int) -> str:
    return _render(find_person(person_id))


@blueprint.post("/admin/people/<int:person_id>/roles")
@requires("person.manage")
def give_role(person_id: int) -> Page:
    found = find_person(person_id)
    form = _role_form()
    if not form.validate():
        return _render(found, form), 422
    role, place = form.chosen()
    permit(f"role.{role}", place.scope)
    try:
        verbs.give_role(person_id=person_id, role=role, place=place)
    except RoleRefused as refused:
        form[refused.field].errors = [str(refused)]
        return _render(found, form), 422
    return back_to(person_id, "role")


@blueprint.get("/admin/people/<int:person_id>/edit")
@requires("person.manage")
def edit_person(person_id: int) -> Page:
    found = manage_account(person_id)
    if not is_confirmed():
        return ask_who_is_there(request.path)  # whoever gets mail at the email can sign in
    values = {"name": found.row.name, "email": found.row.email}
    return _render_edit(found, PersonForm(formdata=None, data=values))


@blueprint.post("/admin/people/<int:person_id>/edit")
@requires("person.manage")
def change_person(person_id: int) -> Page:
    found = manage_account(person_id)
    form = PersonForm()
    if not form.validate():
        return _render_edit(found, form), 422
    name, email = form.typed()
    if email != found.row.email:
        if not is_confirmed():
            return ask_who_is_there(request.path)
        notices.tell(person_id, Change.EMAIL_CHANGED)  # to the email there was until now
    try:
        verbs.change_person(person_id=person_id, name=name, email=email)
    except Taken as taken:
        form.email.errors = [str(taken)]
        return _render_edit(found, form), 422
    return back_to(person_id, "changed")


@blueprint.get("/roles/<int:grant_id>/take")
@requires("role.member")
def take_role(grant_id: int) -> str:
    role = _role(grant_id)
    return render_template(
        "accounts/admin/take_role.html",
        held=role,
        person_name=find_person_name(role.person_id),
        is_own=role.person_id == viewer().person_id,
        origin=_origin(role),
        back=_after(role, None),
    )


@blueprint.post("/roles/<int:grant_id>/take")
@requires("role.member")
def take_role_post(grant_id: int) -> Page:
    role = _role(grant_id)
    verbs.take_role(grant_id=grant_id, place=role.place)
    if role.person_id == viewer().person_id:
        return redirect(url_for("pages.home"))  # they may have lost the page they came from
    return redirect(_after(role, "taken"))


def find_person(person_id: int) -> PersonDetail:
    """The person, if the administrator who asks may see them at all. Raises NotFound."""
    reach = administered(viewer())
    found = get_person(person_id, reach)
    shared = PROGRAM.scope
    if reach is not None and (owners := sorted(one for one in found.owners & reach if one)):
        shared = Scope(organization_id=owners[0], clinic_id=None)
    permit("person.manage", shared)
    return found


def manage_account(person_id: int) -> PersonDetail:
    """The person, if the administrator who asks may change the account. Raises Forbidden."""
    found = find_person(person_id)
    if not may(viewer(), "person.manage", found.account_scope):
        raise Forbidden(
            "This person has roles in other organizations too. "
            "A program administrator can change the account."
        )
    return found


def back_to(person_id: int, saved: str) -> Response:
    """To the person's page, which says what was done."""
    return redirect(url_for("accounts.person", person_id=person_id, saved=saved))


def _role(grant_id: int) -> HeldRole:
    role = get_role(grant_id)
    permit(f"role.{role.role}", role.place.scope)
    return role


def _origin(role: HeldRole) -> str:
    """Which page the viewer came from, and goes back to."""
    wanted = request.values.get("from", "")
    return "person" if wanted == "person" or role.place.clinic_id is None else "clinic"


def _after(role: HeldRole, saved: str | None) -> str:
    if _origin(role) == "clinic":
        return url_for("accounts.clinic_people", clinic_id=role.place.clinic_id, saved=saved)
    if within_reach(role.place.organization_id, administered(viewer())):
        return url_for("accounts.person", person_id=role.person_id, saved=saved)
    return url_for("accounts.people")


def _role_form(*, is_new: bool = False) -> RoleForm:
    reach = administered(viewer())
    clinics = [
        Place(one.organization_id, one.id, one.organization, one.name)
        for one in list_clinics(reach)
    ]
    owners = [one for one in list_organization_places() if within_reach(one.organization_id, reach)]
    places = [*([PROGRAM] if reach is None else []), *owners, *clinics]
    if is_new:
        return RoleForm(formdata=None, roles=tuple(Role), places=places)
    return RoleForm(roles=tuple(Role), places=places)


def _render(found: PersonDetail, form: RoleForm | None = None) -> str:
    return render_template(
        "accounts/admin/person.html",
        person=found,
        form=form or _role_form(is_new=True),
        can_manage=may(viewer(), "person.manage", found.account_scope),
        is_self=found.row.id == viewer().person_id,
        saved=request.args.get("saved", ""),
        has_errors=bool(form and form.errors),
    )


def _render_edit(found: PersonDetail, form: PersonForm) -> str:
    return render_template(
        "accounts/admin/person_form.html", person=found, form=form, has_errors=bool(form.errors)
    )
