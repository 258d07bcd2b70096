"""The trend of one clinic: a run chart, its signals in words, what was done, the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, render_template, request

from accounts.guard import permit, requires
from assess.figures.drawing import Kind
from assess.program import OVERALL
from core.errors import NotFound
from research.blueprint import blueprint
from research.following import Followed, follow_clinic
from research.queries.clinic import get_clinic, scope_of
from research.study import StudiedClinic
from research.views.figures import picture as drawn

if TYPE_CHECKING:
    from research.workspace.clinic_report import ClinicReport


@blueprint.get("/clinics/<int:clinic_id>/trend")
@requires("results.view")
def clinic_trend(clinic_id: int) -> str:
    clinic, found = _followed(clinic_id)
    return render_template(
        "research/clinic_trend.html",
        clinic=clinic,
        scope=scope_of(clinic),
        found=found,
        report=_report(found),
    )


@blueprint.get("/clinics/<int:clinic_id>/trend/figures/<picture>.<any(svg, pdf, png):kind>")
@requires("results.view")
def clinic_figure(clinic_id: int, picture: str, kind: Kind) -> Response:
    from research.figures.clinic import figures_of

    _, found = _followed(clinic_id)
    figures = figures_of(found.trend) if found.trend else ()
    figure = next((one for one in figures if one.name == picture), None)
    if figure is None:
        raise NotFound("There is no such figure of this clinic. Go back to its trend.")
    return drawn(figure, kind)


def _followed(clinic_id: int) -> tuple[StudiedClinic, Followed]:
    clinic = get_clinic(clinic_id)
    permit("results.view", scope_of(clinic))
    args = request.args
    return clinic, follow_clinic(
        clinic, args.get("questionnaire") or None, args.get("score") or OVERALL
    )


def _report(found: Followed) -> ClinicReport | None:
    if found.trend is None:
        return None
    from research.workspace.clinic_report import report_on  # with numpy, as the trend before it

    return report_on(found.trend)
