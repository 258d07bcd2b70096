"""The program page: change over quarters in many clinics, and its figure to download."""

from __future__ import annotations

from typing import Literal

from flask import Response, render_template, request
from werkzeug.datastructures import MultiDict

from accounts.guard import requires, viewer
from assess.figures.mean_by_quarter import draw_trend
from assess.quarters import Quarter
from core.errors import NotFound
from research.blueprint import blueprint
from research.workspace.page import TrendFilters, get_trend_page
from research.workspace.words import describe

# The figure is a picture with its own styles; opened by itself it still may load nothing.
FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
MIMETYPES = {"svg": "image/svg+xml", "png": "image/png"}


@blueprint.get("/trends")
@requires("trends.view", on_object=False)
def trends() -> str:
    page = get_trend_page(viewer(), read_filters(request.args))
    query = request.args.to_dict(flat=False)
    return render_template("research/trends.html", page=page, words=describe(page), query=query)


@blueprint.get("/trends/figure.<any(svg, png):kind>")
@requires("trends.view", on_object=False)
def trends_figure(kind: Literal["svg", "png"]) -> Response:
    page = get_trend_page(viewer(), read_filters(request.args))
    if page.figure is None:
        raise NotFound("There are no scores for this figure yet. Go back to the trends page.")
    drawn = draw_trend(page.figure, kind, narrow=request.args.get("width") == "narrow")
    response = Response(drawn, mimetype=MIMETYPES[kind])
    response.headers["Content-Security-Policy"] = FIGURE_POLICY
    response.headers["Content-Disposition"] = f'inline; filename="blockwise-trend.{kind}"'
    return response


def read_filters(args: MultiDict[str, str]) -> TrendFilters:
    """Filters from the address; what cannot be understood is named and left out."""
    problems: list[str] = []
    return TrendFilters(
        questionnaire=args.get("questionnaire") or None,
        score=args.get("score") or None,
        first=_quarter(args, "from", problems),
        last=_quarter(args, "to", problems),
        organizations=frozenset(
            int(key)
            for key in args.getlist("organization")
            if key.isascii() and key.isdecimal() and len(key) <= 10
        ),
        demo=args.get("demo") == "1",
        problems=tuple(problems),
    )


def _quarter(args: MultiDict[str, str], name: str, problems: list[str]) -> Quarter | None:
    text = args.get(name)
    if not text:
        return None
    try:
        return Quarter.parse(text)
    except ValueError as error:
        problems.append(str(error))
        return None
