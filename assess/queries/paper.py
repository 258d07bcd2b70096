"""Reads about ratings that came from paper or a file: which there are, never what they say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from accounts.models import Person
from assess.brought_in.bringing import NO_SUCH_SHEET, is_brought_in
from assess.models import Rating
from core.db import db
from core.errors import NotFound

PAPER_LABEL = "Paper form "
_NUMBER = re.compile(re.escape(PAPER_LABEL) + r"([0-9]{1,6})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A sheet that was brought in: where it came from, who did it, whether it was entered twice.

    `differences` is how many answers the two entries did not share; None until compared.
    """

    id: int
    source: str
    label: str
    job_role: str | None
    paper_on: date | None
    keyed_at: datetime
    keyed_by_id: int | None
    keyed_by: str | None
    compared_at: datetime | None
    compared_by: str | None
    differences: int | None


def list_entries(assessment_id: int) -> Sequence[Entry]:
    """All sheets brought into an assessment, the newest first (one statement)."""
    rows = db.session.execute(_entries(assessment_id).order_by(Rating.id.desc()))
    return [Entry(*row) for row in rows]


def get_entry(assessment_id: int, sheet_id: int) -> Entry:
    """One sheet brought into this assessment (one statement).

    Raises NotFound, also for ratings of people and devices.
    """
    row = db.session.execute(_entries(assessment_id).where(Rating.id == sheet_id)).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_SHEET)
    return Entry(*row)


def next_number(entries: Iterable[Entry]) -> int:
    """The number for the next paper form: one above the highest so far."""
    found = [_NUMBER.fullmatch(one.label) for one in entries]
    return max((int(one[1]) for one in found if one), default=0) + 1


def _entries(assessment_id: int) -> Select[*tuple[Any, ...]]:
    keyer, comparer = aliased(Person), aliased(Person)
    return (
        select(
            Rating.id,
            Rating.source,
            Rating.label,
            Rating.job_role,
            Rating.paper_on,
            Rating.started_at,
            Rating.keyed_by,
            keyer.name.label("keyed_by_name"),
            Rating.compared_at,
            comparer.name.label("compared_by_name"),
            Rating.differences,
        )
        .outerjoin(keyer, keyer.id == Rating.keyed_by)
        .outerjoin(comparer, comparer.id == Rating.compared_by)
        .where(Rating.assessment_id == assessment_id, *is_brought_in())
    )
