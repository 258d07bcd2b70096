"""Turns the drawn ratings of the demonstration into rows of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert

from accounts.demo import DemoClinic, insert_rows
from assess.answers import AnswerValue
from assess.demo.calendar import Moments
from assess.demo.generator import DrawnAssessment, DrawnRating
from assess.demo.words import NOTES
from assess.models import Answer, Rating
from assess.quarters import Quarter
from core.db import db

ON_PAPER_FROM = 13
"""In a team as large as this, those from here on rated on paper."""


@dataclass(frozen=True, slots=True)
class LoadedAssessment:
    """A stored assessment with what it was drawn from."""

    assessment_id: int
    clinic: DemoClinic
    quarter: Quarter
    drawn: DrawnAssessment
    moments: Moments


def write_ratings(loaded: Sequence[LoadedAssessment], random: np.random.Generator) -> None:
    """Store every drawn sheet with its answers; those of a large team's last ones as paper."""
    pairs = [(one, sheet) for one in loaded for sheet in one.drawn.ratings]
    shares = random.random(len(pairs))
    started = [
        one.moments.rated[0] + (one.moments.rated[1] - one.moments.rated[0]) * share * 0.9
        for (one, _), share in zip(pairs, shares, strict=True)
    ]
    rows = [
        _rating_row(one, sheet, begun) for (one, sheet), begun in zip(pairs, started, strict=True)
    ]
    ids = insert_rows(Rating, rows)
    answers = [
        row
        for key, (one, sheet), begun in zip(ids, pairs, started, strict=True)
        for row in _answer_rows(key, one, sheet, begun, random)
    ]
    db.session.execute(insert(Answer), answers)


def _rating_row(one: LoadedAssessment, sheet: DrawnRating, begun: datetime) -> dict[str, Any]:
    rater = one.clinic.raters[sheet.rater]
    row: dict[str, Any] = one.clinic.owner | {
        "assessment_id": one.assessment_id,
        "person_id": rater.person_id,
        "job_role": rater.job_role,
        "source": "web",
        "label": "",
        "paper_on": None,
        "keyed_by": None,
        "started_at": begun,
        "submitted_at": _end_of(one, begun) if sheet.finished else None,
    }
    if sheet.finished and sheet.rater >= ON_PAPER_FROM:
        row |= {
            "person_id": None,
            "source": "paper",
            "label": f"Paper form {sheet.rater - ON_PAPER_FROM + 1}",
            "paper_on": begun.date(),
            "keyed_by": one.clinic.raters[0].person_id,
        }
    return row


def _end_of(one: LoadedAssessment, begun: datetime) -> datetime:
    return begun + min(timedelta(minutes=12), max(one.moments.rated[1] - begun, timedelta()))


def _answer_rows(
    rating_id: int,
    one: LoadedAssessment,
    sheet: DrawnRating,
    begun: datetime,
    random: np.random.Generator,
) -> Iterator[dict[str, Any]]:
    pace = (_end_of(one, begun) - begun) / max(len(sheet.answers), 1)
    for number, (key, answer) in enumerate(sheet.answers.items()):
        notes = NOTES[key]
        note = notes[int(random.integers(len(notes)))] if key in sheet.noted else ""
        yield (
            one.clinic.owner
            | value_columns(answer)
            | {
                "rating_id": rating_id,
                "milestone": key,
                "note": note,
                "revision": 1,
                "answered_at": begun + pace * number,
            }
        )


def value_columns(answer: AnswerValue) -> dict[str, Any]:
    """The columns of an answer or an agreed level."""
    return {"state": answer.state.value, "level": answer.value}
