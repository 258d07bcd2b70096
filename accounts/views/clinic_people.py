"""The people of one clinic, for its leads, its coaches and administrators."""

from __future__ import annotations

from flask import render_template, request

from accounts.blueprint import blueprint
from accounts.guard import permit, requires, viewer
from accounts.people.queries import list_clinic_people
from accounts.permissions import may
from accounts.places import get_clinic_place


@blueprint.get("/clinics/<int:clinic_id>/people")
@requires("people.view")
def clinic_people(clinic_id: int) -> str:
    place = get_clinic_place(clinic_id)
    permit("people.view", place.scope)
    return render_template(
        "accounts/clinic_people.html",
        clinic=place,
        people=[
            (person, held, may(viewer(), f"role.{held.role}", place.scope))
            for person, held in list_clinic_people(clinic_id)
        ],
        saved=request.args.get("saved", ""),
    )
