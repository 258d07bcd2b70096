"""Hands out the questionnaire an assessment was answered with: the stored text, not the file."""

from __future__ import annotations

from functools import lru_cache
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from assess.models import QuestionnaireVersion
from core.db import db
from core.errors import NotFound
from questionnaires import catalog
from questionnaires.instrument import Instrument

# One process may serve several databases (the tests do), and each counts its versions from 1.
_known: WeakKeyDictionary[Engine, dict[int, Instrument]] = WeakKeyDictionary()


def get_instrument(questionnaire_version_id: int) -> Instrument:
    """The questionnaire of this version, read once per process (versions never change).

    One statement the first time, none after that. Raises NotFound.
    """
    known = _known.setdefault(db.engine, {})
    if questionnaire_version_id not in known:
        document = db.session.scalar(
            select(QuestionnaireVersion.document).filter_by(id=questionnaire_version_id)
        )
        if document is None:
            raise NotFound("The questionnaire of this assessment is missing.")
        known[questionnaire_version_id] = _parse(document)
    return known[questionnaire_version_id]


@lru_cache(maxsize=32)
def _parse(document: str) -> Instrument:
    return catalog.parse(document, source="stored questionnaire")
