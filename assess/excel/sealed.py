"""Keeps what a preview showed in the page itself, sealed: nothing is stored before "Bring in".

Whoever has the page can neither read nor change it, and it works for one person, one assessment
and half a day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from assess.excel.files import RaterColumn
from assess.excel.layout import Subject
from assess.paper.reading import key_of, read_key
from core.errors import Conflict
from core.sealing import CannotOpen, seal, unseal

PURPOSE = "ratings from Excel"
LASTS = timedelta(hours=12)


class PreviewGone(Conflict):
    """What was previewed cannot be brought in any more."""

    title = "Choose the file once more"


def seal_columns(
    columns: Sequence[RaterColumn], *, subject: Subject, person_id: int, secret: str, now: datetime
) -> str:
    """The columns as a text for a hidden field."""
    rows = [
        {
            "file": one.file,
            "copy": one.copy,
            "column": one.column,
            "job": one.job_role,
            "day": one.day.isoformat() if one.day else None,
            "answers": {key: key_of(value) for key, value in one.answers.items()},
        }
        for one in columns
    ]
    until = (now + LASTS).isoformat()
    whole = {"for": _owner(subject, person_id), "until": until, "columns": rows}
    return seal(json.dumps(whole), secret=secret, purpose=PURPOSE)


def open_columns(
    sealed: str, *, subject: Subject, person_id: int, secret: str, now: datetime
) -> list[RaterColumn]:
    """The columns again. Raises PreviewGone."""
    try:
        whole = json.loads(unseal(sealed, secret=secret, purpose=PURPOSE))
    except CannotOpen as error:
        raise PreviewGone("This page is out of date. Nothing was brought in.") from error
    is_theirs = whole["for"] == _owner(subject, person_id)
    if not is_theirs or datetime.fromisoformat(whole["until"]) < now:
        raise PreviewGone("This page is out of date. Nothing was brought in.")
    milestone = subject.instrument.milestone
    return [
        RaterColumn(
            file=row["file"],
            copy=row["copy"],
            column=row["column"],
            job_role=row["job"],
            day=date.fromisoformat(row["day"]) if row["day"] else None,
            answers={key: read_key(said, milestone(key)) for key, said in row["answers"].items()},
        )
        for row in whole["columns"]
    ]


def _owner(subject: Subject, person_id: int) -> list[object]:
    return [subject.assessment_id, person_id, subject.instrument.sha256]
