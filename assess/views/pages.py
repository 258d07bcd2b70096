"""Home, the first page after coming in, clinics and help."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.guard import current_viewer, permit, public, requires, signed_in, viewer
from accounts.models import Role
from accounts.places import PROGRAM
from accounts.program.admin_queries import get_overview
from accounts.program.reach import administered
from assess.blueprint import pages
from assess.queries.clinics import (
    chart_note,
    count_program,
    get_clinic,
    list_clinics,
    list_quarters,
)
from assess.queries.starting import get_first_steps


@pages.get("/")
@public
def home() -> str:
    """What to do now, by role; for visitors what Blockwise is."""
    person = current_viewer()
    if person is None:
        return render_template("pages/welcome.html")
    is_wide = bool(person.roles & {Role.COACH, Role.ADMINISTRATOR})
    administers = Role.ADMINISTRATOR in person.roles
    return render_template(
        "pages/home.html",
        clinics=list_clinics(person) if is_wide else (),
        counts=count_program(person) if administers else None,
        overview=get_overview(administered(person)) if administers else None,
        program_scope=PROGRAM.scope,
    )


@pages.get("/start")
@signed_in
def start() -> Response:
    """Sends somebody who has just come in to the first useful page: straight to rating, mostly."""
    person = viewer()
    works_here = person.roles <= {Role.MEMBER, Role.LEAD} and len(person.clinic_ids) == 1
    if not works_here:
        return redirect(url_for("pages.home"))
    (clinic_id,) = person.clinic_ids
    steps = get_first_steps(clinic_id, person.person_id)
    if steps.to_rate is not None:
        return redirect(url_for("assess.rate", assessment_id=steps.to_rate))
    if Role.LEAD in person.roles and not steps.is_under_way:
        return redirect(url_for("assess.open_page", clinic_id=clinic_id))
    return redirect(url_for("pages.home"))


@pages.get("/clinics")
@requires("clinic.list", on_object=False)
def clinics() -> str:
    return render_template("pages/clinics.html", clinics=list_clinics(viewer()))


@pages.get("/clinics/<int:clinic_id>")
@requires("clinic.view")
def clinic(clinic_id: int) -> str:
    head = get_clinic(clinic_id)
    permit("clinic.view", head.scope)
    return render_template(
        "pages/clinic.html",
        clinic=head,
        quarters=list_quarters(clinic_id),
        chart_note=chart_note,
    )


@pages.get("/help")
@public
def help() -> str:
    return render_template("pages/help.html")
