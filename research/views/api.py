"""The read-only JSON API for a person's own programs."""

from __future__ import annotations

from flask import Response, current_app

from accounts.guard import public
from research.api import answering, reading
from research.api.addresses import ENDPOINTS
from research.api.answering import read_only
from research.api.description import PREFIX, describe
from research.api.resources import QuestionnaireList
from research.blueprint import blueprint


@blueprint.get(f"{PREFIX}/openapi.json")
@public
def api_description() -> Response:
    """How to ask; tells nothing about anybody, so no token is needed."""
    version = str(current_app.jinja_env.globals["app_version"])
    response = answering.send(
        describe(ENDPOINTS, version=version, server=current_app.config["BASE_URL"])
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get(f"{PREFIX}/questionnaires")
@read_only
def api_questionnaires() -> QuestionnaireList:
    return reading.questionnaires()
