"""Pictures of a study: each figure of the trends page as SVG, PDF or PNG in the size asked for."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Response, request

from accounts.guard import requires, viewer
from assess.figures.drawing import Kind
from core.errors import BlockwiseError, NotFound
from research.blueprint import blueprint
from research.figures.offering import NAMES, Offered, figure_of, figures_of
from research.figures.sizes import BadSize, read_size
from research.queries.levels import get_levels
from research.study import Study
from research.studying import get_study
from research.views.asking import asked

# The picture has its own styles; opened by itself it still may load nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
MIMETYPES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class Gallery:
    """The figures of a page, and the query of its analysis: as one text and as pairs for forms."""

    figures: tuple[Offered, ...]
    query: str
    pairs: tuple[tuple[str, str], ...]


def gallery_of(study: Study, query: str) -> Gallery:
    """What research/figures.html shows below an analysis. One statement, none in simple view."""
    levels = None if study.selection.simple else get_levels(study)
    return Gallery(figures_of(study, levels), query, tuple(parse_qsl(query)))


class SizeRefused(BlockwiseError):
    """The address asks for a width or a resolution that we do not draw."""

    title = "We cannot draw that size"


@blueprint.get("/trends/figures/<figure>.<any(svg, pdf, png):kind>")
@requires("trends.view", on_object=False)
def trends_figure(figure: str, kind: Kind) -> Response:
    study = get_study(viewer(), asked(viewer())) if figure in NAMES else None
    levels = get_levels(study) if study and figure == "levels" else None
    found = figure_of(study, figure, levels) if study else None
    if found is None:
        raise NotFound("There is no such figure for this choice. Go back to the trends page.")
    return picture(found, kind)


def picture(found: Offered, kind: Kind) -> Response:
    """The answer with the picture, in the size that the address asks for (see read_size).

    `title=0` leaves the title out, `download=1` makes it a file. A browser that has this very
    picture is told so, and nothing is drawn.
    """
    try:
        size = read_size(request.args)
    except BadSize as error:
        raise SizeRefused(str(error)) from error
    if request.args.get("title") == "0":
        found = found.untitled()
    response = Response(mimetype=MIMETYPES[kind])
    response.set_etag(found.etag(kind, size.width, size.dpi))
    # kept by this browser only, and asked for again each time: who may see it can change
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = POLICY
    manner = "attachment" if request.args.get("download") == "1" else "inline"
    response.headers["Content-Disposition"] = f'{manner}; filename="blockwise-{found.name}.{kind}"'
    response.make_conditional(request)
    if response.status_code != 304:
        response.data = found.draw(kind, size.width, size.dpi)
    return response
