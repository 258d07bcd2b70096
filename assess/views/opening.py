"""The pages on which assessments are opened: for one clinic, and for many at once."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.guard import permit, requires, viewer
from accounts.permissions import may
from accounts.viewer import Scope
from assess.blueprint import blueprint
from assess.following import cycle, opening, reasons
from assess.following.forms import OpenForm, OpenManyForm, TermsForm
from assess.following.opening import Terms
from assess.quarters import Quarter
from assess.queries.clinics import ClinicHead, get_clinic
from assess.queries.following import list_askable, list_taken
from assess.queries.openable import Openable, list_openable
from core import clock, mail
from core.errors import Conflict
from questionnaires import catalog
from questionnaires.instrument import Instrument

Page = str | Response | tuple[str, int]
FIRST_CHOICE = "six_building_blocks"


@blueprint.get("/clinics/<int:clinic_id>/open")
@requires("assessment.open")
def open_page(clinic_id: int) -> Page:
    clinic = _clinic(clinic_id)
    return _render(clinic, _form(clinic))


@blueprint.post("/clinics/<int:clinic_id>/open")
@requires("assessment.open")
def open_assessment(clinic_id: int) -> Page:
    clinic = _clinic(clinic_id)
    form = _form(clinic)
    if not form.validate():
        return _render(clinic, form), 422
    try:
        assessment = opening.open_one(
            clinic_id=clinic_id,
            terms=Terms(
                instrument=catalog.get(form.questionnaire.data),
                quarter=Quarter.parse(form.quarter.data),
                due_on=form.due_on.data,
                message=form.words,
                remind_days=_reminds(form),
            ),
            asked=form.asked,
            invite=form.invites,
            secret=_secret(),
        )
    except Conflict as refused:
        form.quarter.errors = [str(refused)]
        return _render(clinic, form), refused.status
    # a lead who has just come in learns rating first, by rating; after that, how others get on
    rates = form.is_first and may(viewer(), "assessment.rate", clinic.scope)
    onward = "assess.rate" if rates else "assess.progress"
    return redirect(url_for(onward, assessment_id=assessment.id))


@blueprint.get("/assessments/open")
@requires("assessment.open", on_object=False)
def open_many_page() -> Page:
    instrument, quarter = _asked_for()
    clinics = _openable(quarter)
    form = _many_form(formdata=None)
    form.clinics.data = _free(clinics, instrument) if request.args.get("all") else []
    return _render_many(form, instrument, quarter, clinics)


@blueprint.post("/assessments/open")
@requires("assessment.open", on_object=False)
def open_many() -> Page:
    """What was opened and what was left alone; sent again, all of it is left alone."""
    instrument, quarter = _asked_for()
    form = _many_form()
    if not form.validate():
        return _render_many(form, instrument, quarter, _openable(quarter)), 422
    chosen = list_openable(viewer(), quarter, clinic_ids=form.clinics.data)
    done = opening.open_many(
        clinics=[one for one in chosen if _may_open(one)],
        terms=Terms(instrument, quarter, form.due_on.data, form.words, _reminds(form)),
        secret=_secret(),
        invite=form.invites,
    )
    return render_template(
        "assess/opened_many.html",
        done=done,
        instrument=instrument,
        quarter=quarter,
        due_on=form.due_on.data,
        invited=form.invites,
    )


def _clinic(clinic_id: int) -> ClinicHead:
    clinic = get_clinic(clinic_id)
    permit("assessment.open", clinic.scope)
    return clinic


def instruments() -> list[Instrument]:
    """Every questionnaire that can be rated, the usual one first."""
    slugs = dict.fromkeys(slug for slug, _version, _path in catalog.published())
    found = [catalog.get(slug) for slug in slugs]
    return sorted(found, key=lambda one: (one.slug != FIRST_CHOICE, one.title))


def _form(clinic: ClinicHead) -> OpenForm:
    """The form, with the quarter to offer for the questionnaire in the address, else the usual."""
    wanted = request.args.get("questionnaire")
    return OpenForm(
        request.form or None,
        instruments=sorted(instruments(), key=lambda one: one.slug != wanted),
        taken=list_taken(clinic.id),
        people=list_askable(clinic.id),
        today=clock.today(),
        mails=mail.is_configured(),
    )


def _render(clinic: ClinicHead, form: OpenForm) -> str:
    return render_template(
        "assess/open.html",
        clinic=clinic,
        form=form,
        rule=cycle.RULE,
        rules=cycle.RULES,
        has_errors=bool(form.errors),
    )


def _asked_for() -> tuple[Instrument, Quarter]:
    """Questionnaire and quarter out of the address; the usual ones for what cannot be read."""
    known = {one.slug: one for one in instruments()}
    instrument = known.get(request.args.get("questionnaire", "")) or known[FIRST_CHOICE]
    now = Quarter.of(clock.today())
    choices = {str(one): one for one in (now - 1, now, now + 1)}
    return instrument, choices.get(request.args.get("quarter", ""), now)


def _many_form(**settings: object) -> OpenManyForm:
    return OpenManyForm(today=clock.today(), mails=mail.is_configured(), **settings)


def _openable(quarter: Quarter) -> list[Openable]:
    return [one for one in list_openable(viewer(), quarter) if _may_open(one)]


def _may_open(clinic: Openable) -> bool:
    return may(viewer(), "assessment.open", Scope(clinic.organization_id, clinic.id))


def _free(clinics: list[Openable], instrument: Instrument) -> list[int]:
    return [one.id for one in clinics if one.held(instrument.slug) is None]


def _render_many(
    form: OpenManyForm, instrument: Instrument, quarter: Quarter, clinics: list[Openable]
) -> str:
    now = Quarter.of(clock.today())
    return render_template(
        "assess/open_many.html",
        form=form,
        instrument=instrument,
        instruments=instruments(),
        quarter=quarter,
        quarters=(now - 1, now, now + 1),
        clinics=clinics,
        free=_free(clinics, instrument),
        rule=cycle.RULE,
        rules=cycle.RULES,
        has_errors=bool(form.errors),
    )


def _reminds(form: TermsForm) -> tuple[int, ...]:
    """The usual days where mail cannot be sent: it may be set up later."""
    return reasons.USUAL if form.reminds is None else form.reminds


def _secret() -> str | bytes:
    return current_app.secret_key or ""
