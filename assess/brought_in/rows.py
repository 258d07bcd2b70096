"""Writes sheets that were brought in, with answers and history, in three statements in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import insert

from assess.answers import SentAnswer
from assess.brought_in.checks import FilledSheet, clean_label
from assess.models import Answer, AnswerChange, Assessment, Rating
from core import clock
from core.db import db

Source = Literal["paper", "import"]
# without it every change between a level and none begins a new statement
_IN_ONE_STATEMENT = {"render_nulls": True}


def store_sheets(
    assessment: Assessment, source: Source, sheets: Sequence[FilledSheet], keyed_by: int | None
) -> list[int]:
    """Store sheets without mistakes as finished ratings; their ids in the same order."""
    ratings = _store_ratings([_rating(assessment, source, one, keyed_by) for one in sheets])
    _store_answers(assessment, ratings, sheets, keyed_by)
    return ratings


def _rating(
    assessment: Assessment, source: Source, sheet: FilledSheet, keyed_by: int | None
) -> dict[str, Any]:
    now = clock.now()
    return {
        "organization_id": assessment.organization_id,
        "clinic_id": assessment.clinic_id,
        "assessment_id": assessment.id,
        "job_role": sheet.job_role,
        "source": source,
        "label": clean_label(sheet.label),
        "paper_on": sheet.paper_on,
        "keyed_by": keyed_by,
        "started_at": now,
        "submitted_at": now,
    }


def _store_ratings(rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of new ratings, one statement however many; their labels tell them apart."""
    with_ids = insert(Rating).returning(Rating.label, Rating.id)
    stored = db.session.execute(with_ids, rows, execution_options=_IN_ONE_STATEMENT)
    ids = {row.label: row.id for row in stored}
    return [ids[row["label"]] for row in rows]


def _store_answers(
    assessment: Assessment,
    ratings: Sequence[int],
    sheets: Sequence[FilledSheet],
    keyed_by: int | None,
) -> None:
    """Answers and their history, two statements however many sheets there are."""
    now = clock.now()
    answers, changes = [], []
    for rating_id, sheet in zip(ratings, sheets, strict=True):
        owner = {
            "rating_id": rating_id,
            "organization_id": assessment.organization_id,
            "clinic_id": assessment.clinic_id,
            "revision": 1,
        }
        by = {"person_id": keyed_by, "changed_at": now, "request_key": sheet.origin or None}
        for one in sheet.sent:
            answers.append(owner | _answer_row(one) | {"answered_at": now})
            changes.append(owner | _change_row(one) | by)
    for table, rows in ((Answer, answers), (AnswerChange, changes)):
        db.session.execute(insert(table), rows, execution_options=_IN_ONE_STATEMENT)


def _answer_row(one: SentAnswer) -> dict[str, Any]:
    return {
        "milestone": one.milestone,
        "state": one.value.state.value,
        "level": one.value.value,
        "note": one.note or "",
    }


def _change_row(one: SentAnswer) -> dict[str, Any]:
    return {
        "milestone": one.milestone,
        "new_state": one.value.state.value,
        "new_level": one.value.value,
        "new_note": one.note or "",
    }
