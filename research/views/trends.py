"""The researcher's workspace: change over quarters in many clinics, with its figures."""

from __future__ import annotations

from flask import render_template, request

from accounts.guard import requires, viewer
from research.blueprint import blueprint
from research.views.asking import asked
from research.views.figures import gallery_of
from research.workspace.page import get_trend_page


@blueprint.get("/trends")
@requires("trends.view", on_object=False)
def trends() -> str:
    page = get_trend_page(viewer(), asked(viewer()))
    link = request.host_url.rstrip("/") + request.path + "?" + page.links.here
    gallery = gallery_of(page.study, page.links.here) if page.study else None
    return render_template("research/trends.html", page=page, link=link, gallery=gallery)
