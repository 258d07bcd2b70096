"""The researcher's workspace: change over quarters in many clinics, and its figure to download."""

from __future__ import annotations

from typing import Literal

from flask import Response, render_template, request

from accounts.guard import requires, viewer
from accounts.models import Role
from accounts.viewer import Viewer
from core.errors import NotFound
from research.blueprint import blueprint
from research.selection import Selection, read_selection
from research.studying import get_study
from research.workspace.page import get_trend_page

# The figure is a picture with its own styles; opened by itself it still may load nothing.
FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
MIMETYPES = {"svg": "image/svg+xml", "png": "image/png"}


@blueprint.get("/trends")
@requires("trends.view", on_object=False)
def trends() -> str:
    person = viewer()
    page = get_trend_page(person, asked(person))
    link = request.host_url.rstrip("/") + request.path + "?" + page.links.here
    return render_template("research/trends.html", page=page, link=link)


@blueprint.get("/trends/figure.<any(svg, png):kind>")
@requires("trends.view", on_object=False)
def trends_figure(kind: Literal["svg", "png"]) -> Response:
    from assess.figures.mean_by_quarter import draw_trend
    from research.workspace.mean_figure import mean_figure

    study = get_study(viewer(), asked(viewer()))
    if study is None:
        raise NotFound("There are no scores for this figure yet. Go back to the trends page.")
    narrow = request.args.get("width") == "narrow"
    drawn = draw_trend(mean_figure(study), kind, narrow=narrow)
    response = Response(drawn, mimetype=MIMETYPES[kind])
    response.headers["Content-Security-Policy"] = FIGURE_POLICY
    response.headers["Content-Disposition"] = f'inline; filename="blockwise-trend.{kind}"'
    return response


def asked(person: Viewer) -> Selection:
    """The selection in the address; who only coaches gets the simple view unless it says so."""
    coaches = Role.COACH in person.roles
    studies = bool(person.roles & {Role.RESEARCHER, Role.ADMINISTRATOR})
    return read_selection(request.args, simple=coaches and not studies)
