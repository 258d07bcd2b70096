"""Tells the meetings of the demonstration: who was there, and on which milestone it voted again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from accounts.demo import insert_rows
from assess.answers import AnswerValue
from assess.demo.ratings import ON_PAPER_FROM, LoadedAssessment, value_columns
from assess.meeting.models import Meeting, Revote, RevoteAnswer
from core.db import db

_LENGTH = timedelta(minutes=75)


def write_meetings(loaded: Sequence[LoadedAssessment]) -> None:
    """A finished meeting for every assessment with agreed levels, with one second vote each."""
    held = [one for one in loaded if one.drawn.agreed]
    db.session.execute(insert(Meeting), [_meeting(one) for one in held])
    votes = [(one, key) for one in held if (key := _most_split(one))]
    ids = insert_rows(Revote, [_revote(one, key) for one, key in votes])
    answers = [
        row
        for revote, (one, key) in zip(ids, votes, strict=True)
        for row in _answers(revote, one, key)
    ]
    db.session.execute(insert(RevoteAnswer), answers)


def _started(one: LoadedAssessment) -> datetime:
    return max(one.moments.planned - _LENGTH, one.moments.revealed)


def _voting(one: LoadedAssessment) -> datetime:
    return _started(one) + (one.moments.planned - _started(one)) / 3


def _meeting(one: LoadedAssessment) -> dict[str, Any]:
    return one.clinic.owner | {
        "assessment_id": one.assessment_id,
        "version": len(one.drawn.agreed) * 2,
        "started_at": _started(one),
        "started_by": one.clinic.raters[0].person_id,
        "attendance": _attendance(one),
        "ended_at": one.moments.planned,
    }


def _attendance(one: LoadedAssessment) -> str:
    """Job roles, never names: "5 people: Nurse 2, Physician 3"."""
    here = one.clinic.raters[: max(len(one.drawn.ratings), 1)]
    jobs = Counter(rater.job_role for rater in here if rater.job_role)
    return f"{len(here)} people: " + ", ".join(f"{job} {count}" for job, count in jobs.items())


def _levels(one: LoadedAssessment, key: str) -> list[int]:
    answers = [sheet.answers.get(key) for sheet in one.drawn.ratings if sheet.finished]
    return [answer.value for answer in answers if answer and answer.value is not None]


def _most_split(one: LoadedAssessment) -> str | None:
    """The agreed milestone with the widest range of ratings, if it is two levels or more."""
    ranges = {
        key: max(levels) - min(levels)
        for key, agreed in one.drawn.agreed.items()
        if agreed.value is not None and (levels := _levels(one, key))
    }
    widest = max(ranges, key=lambda key: ranges[key], default=None)
    return widest if widest is not None and ranges[widest] >= 2 else None


def _revote(one: LoadedAssessment, key: str) -> dict[str, Any]:
    opened = _voting(one)
    return one.clinic.owner | {
        "assessment_id": one.assessment_id,
        "milestone": key,
        "number": 1,
        "state": "revealed",
        "opened_by": one.clinic.raters[0].person_id,
        "opened_at": opened,
        "revealed_at": min(opened + timedelta(minutes=2), one.moments.planned),
    }


def _answers(revote: int, one: LoadedAssessment, key: str) -> Iterator[dict[str, Any]]:
    """The talk brings people together: whoever stood far off stays one level off the agreed one."""
    agreed = one.drawn.agreed[key].value
    for sheet in one.drawn.ratings:
        own = sheet.answers.get(key)
        if agreed is None or own is None or own.value is None or sheet.rater >= ON_PAPER_FROM:
            continue
        off = own.value - agreed
        voted = agreed + (off > 0) - (off < 0) if abs(off) > 1 else agreed
        yield (
            one.clinic.owner
            | value_columns(AnswerValue.level(voted))
            | {
                "revote_id": revote,
                "person_id": one.clinic.raters[sheet.rater].person_id,
                "rating_id": None,
                "voted_at": _voting(one),
            }
        )
