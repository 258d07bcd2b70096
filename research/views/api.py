"""The read-only JSON API for a person's own programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from flask import Response, current_app, request

from accounts.guard import public, viewer
from core.errors import NotFound
from research.api import answering, asking, rows, wording
from research.api.addresses import ENDPOINTS, PAGING, SELECTION
from research.api.answering import read_only
from research.api.description import PREFIX, describe
from research.api.paging import Key, Page, page_of
from research.api.resources import (
    AnalysisAnswer,
    AssessmentPage,
    ClinicPage,
    QuestionnaireList,
    ScorePage,
    SelectionTold,
)
from research.blueprint import blueprint
from research.study import Study

Row = TypeVar("Row")


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
    asking.check(request.args, ())
    return wording.questionnaires()


@blueprint.get(f"{PREFIX}/clinics")
@read_only
def api_clinics() -> ClinicPage:
    page, told = _page(rows.clinic_rows, rows.clinic_key, rows.CLINIC_KEY)
    return ClinicPage(page.rows, page.next, told)


@blueprint.get(f"{PREFIX}/assessments")
@read_only
def api_assessments() -> AssessmentPage:
    page, told = _page(rows.assessment_rows, rows.assessment_key, rows.ASSESSMENT_KEY)
    return AssessmentPage(page.rows, page.next, told)


@blueprint.get(f"{PREFIX}/scores")
@read_only
def api_scores() -> ScorePage:
    page, told = _page(rows.score_rows, rows.score_key, rows.SCORE_KEY)
    return ScorePage(page.rows, page.next, told)


@blueprint.get(f"{PREFIX}/analysis")
@read_only
def api_analysis() -> AnalysisAnswer:
    asking.check(request.args, SELECTION)
    study = asking.ask(viewer(), request.args).study
    if study is None:
        raise NotFound("There are no scores for this selection yet.")
    return rows.analysis_of(study)


def _page(
    read: Callable[[Study, Key | None], Iterable[Row]],
    key: Callable[[Row], Key],
    shape: Sequence[type],
) -> tuple[Page[Row], SelectionTold]:
    args = request.args
    asking.check(args, (*SELECTION, *PAGING))
    limit, after = asking.limit_of(args), asking.after_of(args, shape)
    asked = asking.ask(viewer(), args)
    found = read(asked.study, after) if asked.study else ()
    page = page_of(found, key, after=after, limit=limit)
    return page, rows.selection_told(asked.selection, asked.study)
