"""Keeps the exact text of each questionnaire version that people answered, once and for ever."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from assess.models import QuestionnaireVersion
from core import clock
from core.db import db
from core.errors import Conflict
from questionnaires.instrument import Instrument


def keep_questionnaire(instrument: Instrument) -> int:
    """The id of the stored text of this version; the text is stored at its first use.

    Raises Conflict when the file was changed after people answered it.
    """
    version = QuestionnaireVersion
    found = db.session.execute(
        select(version.id, version.sha256).where(
            version.slug == instrument.slug, version.version == instrument.version
        )
    ).one_or_none()
    if found is None:
        return _store_questionnaire(instrument)
    version_id, sha256 = found
    if sha256 != instrument.sha256:
        raise Conflict(
            f"{instrument.slug} {instrument.version} differs from the text people answered. "
            "Publish the change as a new version."
        )
    return version_id


def _store_questionnaire(instrument: Instrument) -> int:
    version = QuestionnaireVersion(
        slug=instrument.slug,
        version=instrument.version,
        sha256=instrument.sha256,
        document=instrument.document,
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError:  # somebody else used it for the first time at this very moment
        return keep_questionnaire(instrument)
    return version.id
