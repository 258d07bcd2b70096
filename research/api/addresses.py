"""The table of addresses of the API: what there is, and what may be asked. PURE."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from research.api.description import Endpoint, Parameter
from research.api.paging import LONGEST_CURSOR, MOST, USUAL
from research.api.resources import (
    AnalysisAnswer,
    AssessmentPage,
    ClinicPage,
    QuestionnaireList,
    ScorePage,
)
from research.selection import ATTRIBUTES, Clock, Grain, Method, Source

_TEXT: dict[str, Any] = {"type": "string", "maxLength": 120}
_TIME: dict[str, Any] = {"type": "string", "pattern": "^([1-9][0-9]{3}Q[1-4]|[0-9]{1,3})$"}


def _one_of(words: type[StrEnum]) -> dict[str, Any]:
    return {"type": "string", "enum": [one.value for one in words]}


SELECTION = (
    Parameter("questionnaire", "Id of a questionnaire; without it the one used most.", _TEXT),
    Parameter("score", "Headline measure: overall, a block's id, a milestone's key.", _TEXT),
    Parameter("grain", "What is followed beside it.", _one_of(Grain)),
    Parameter("clock", "Calendar quarters, or quarters since the baseline.", _one_of(Clock)),
    Parameter("from", "First quarter (2026Q1) or wave (0).", _TIME),
    Parameter("to", "Last quarter or wave.", _TIME),
    Parameter("source", "Agreed levels where there are any, only those, or ratings.",
              _one_of(Source)),
    Parameter("method", "Complete clinics, or all assessments by a mixed model.", _one_of(Method)),
    Parameter("group", "Attribute by which groups are compared.",
              {"type": "string", "enum": list(ATTRIBUTES)}),
    Parameter("organization", "Only these organizations, as their numbers stand in the address "
              "of the Trends page.", {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
              many=True),
    Parameter("state", "Only clinics in these states.", _TEXT, many=True),
    Parameter("setting", "Only clinics of these settings.", _TEXT, many=True),
    Parameter("ehr", "Only clinics with these health record systems.", _TEXT, many=True),
    Parameter("as", "“published” for the analysis as published results made it.",
              {"type": "string", "enum": ["published"]}),
    Parameter("demo", "1 to count the fictional clinics with the others.",
              {"type": "string", "enum": ["0", "1"]}),
    Parameter("view", "Of the page only; changes nothing here.",
              {"type": "string", "enum": ["simple", "full"]}),
)  # fmt: skip
PAGING = (
    Parameter("limit", f"How many at most; {USUAL} when you do not say.",
              {"type": "integer", "minimum": 1, "maximum": MOST}),
    Parameter("cursor", "`next` of the answer before; send the rest of the query again, too.",
              {"type": "string", "maxLength": LONGEST_CURSOR}),
)  # fmt: skip

ENDPOINTS = (
    Endpoint("/questionnaires", "Questionnaires with their wording", QuestionnaireList),
    Endpoint("/clinics", "Clinics, coded", ClinicPage, (*SELECTION, *PAGING)),
    Endpoint("/assessments", "Assessments", AssessmentPage, (*SELECTION, *PAGING)),
    Endpoint("/scores", "Scores, one per row", ScorePage, (*SELECTION, *PAGING)),
    Endpoint("/analysis", "Statistics of every score", AnalysisAnswer, SELECTION, True),
)
