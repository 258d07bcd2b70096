"""The table of addresses of the API: what there is, and what may be asked. PURE."""

from __future__ import annotations

from research.api.description import Endpoint
from research.api.resources import QuestionnaireList

ENDPOINTS = (Endpoint("/questionnaires", "Questionnaires with their wording", QuestionnaireList),)
