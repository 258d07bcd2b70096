"""Home, clinics and help."""

from __future__ import annotations

from flask import render_template

from accounts.guard import current_viewer, permit, public, requires, viewer
from accounts.models import Role
from assess.blueprint import pages
from assess.queries.clinics import count_program, get_clinic, list_clinics, list_quarters


@pages.get("/")
@public
def home() -> str:
    """What to do now, by role; for visitors what Blockwise is."""
    person = current_viewer()
    if person is None:
        return render_template("pages/welcome.html")
    is_wide = bool(person.roles & {Role.COACH, Role.ADMINISTRATOR})
    return render_template(
        "pages/home.html",
        clinics=list_clinics(person) if is_wide else (),
        counts=count_program() if Role.ADMINISTRATOR in person.roles else None,
    )


@pages.get("/clinics")
@requires("clinic.list", on_object=False)
def clinics() -> str:
    return render_template("pages/clinics.html", clinics=list_clinics(viewer()))


@pages.get("/clinics/<int:clinic_id>")
@requires("clinic.view")
def clinic(clinic_id: int) -> str:
    head = get_clinic(clinic_id)
    permit("clinic.view", head.scope)
    return render_template("pages/clinic.html", clinic=head, quarters=list_quarters(clinic_id))


@pages.get("/help")
@public
def help() -> str:
    return render_template("pages/help.html")
