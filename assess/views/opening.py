"""The page on which a lead or coach opens an assessment for one clinic."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from accounts.permissions import may
from assess import service
from assess.blueprint import blueprint
from assess.open_form import OpenForm
from assess.quarters import Quarter
from assess.queries.clinics import ClinicHead, get_clinic
from core import clock
from core.errors import Conflict
from questionnaires import catalog

Page = str | Response | tuple[str, int]
FIRST_CHOICE = "six_building_blocks"


@blueprint.get("/clinics/<int:clinic_id>/open")
@requires("assessment.open")
def open_page(clinic_id: int) -> Page:
    return _render(_clinic(clinic_id), _form())


@blueprint.post("/clinics/<int:clinic_id>/open")
@requires("assessment.open")
def open_assessment(clinic_id: int) -> Page:
    clinic = _clinic(clinic_id)
    form = _form()
    if not form.validate():
        return _render(clinic, form), 422
    try:
        assessment = service.open_assessment(
            clinic_id=clinic_id,
            instrument=catalog.get(form.questionnaire.data),
            quarter=Quarter.parse(form.quarter.data),
            due_on=form.due_on.data,
        )
    except Conflict as refused:
        form.quarter.errors = [str(refused)]
        return _render(clinic, form), refused.status
    if may(viewer(), "assessment.rate", clinic.scope):
        return redirect(url_for("assess.rate", assessment_id=assessment.id))
    return redirect(url_for("pages.clinic", clinic_id=clinic_id))


def _clinic(clinic_id: int) -> ClinicHead:
    clinic = get_clinic(clinic_id)
    permit("assessment.open", clinic.scope)
    return clinic


def _form() -> OpenForm:
    slugs = dict.fromkeys(slug for slug, _version, _path in catalog.published())
    instruments = [catalog.get(slug) for slug in slugs]
    instruments.sort(key=lambda one: (one.slug != FIRST_CHOICE, one.title))
    return OpenForm(request.form or None, instruments=instruments, today=clock.today())


def _render(clinic: ClinicHead, form: OpenForm) -> str:
    return render_template(
        "assess/open.html", clinic=clinic, form=form, has_errors=bool(form.errors)
    )
