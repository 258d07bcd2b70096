"""Verbs of ratings that come from paper or a file: bring them in, take one out again.

They belong to nobody with an account and count like every finished rating. They come only before
the team sees the ratings, and nobody can open their answers afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from sqlalchemy import delete, insert, select

from assess import trail
from assess.answers import SentAnswer
from assess.brought_in_checks import (
    FilledSheet,
    Given,
    SheetProblem,
    clean_label,
    earliest_paper_day,
    label_key,
    sheet_problems,
    suspicious,
)
from assess.following.models import AssessmentStep
from assess.models import Answer, AnswerChange, Assessment, Rating
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from assess.service import hold, refuse_unless_open
from core import audit, clock
from core.db import db
from core.errors import BlockwiseError, Conflict, NotFound
from core.identifiers import kinds

Source = Literal["paper", "import"]
# without it every change between a level and none begins a new statement
_IN_ONE_STATEMENT = {"render_nulls": True}
NO_SUCH_SHEET = "This form does not exist. It may have been removed."


class SheetsRefused(BlockwiseError):
    """At least one sheet cannot be taken; none of them was stored."""

    status = 422
    title = "Nothing was stored"

    def __init__(self, problems: Sequence[SheetProblem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class SeenBefore(Conflict):
    """The sheet was in results that were shown and hidden again: what changed would tell of it."""

    title = "This form was in the results already"


def bring_in(
    *,
    assessment_id: int,
    source: Source,
    label: str,
    job_role: str | None,
    paper_on: date | None,
    answers: Given,
    keyed_by: int | None,
    kept: Mapping[str, str] | None = None,
) -> int:
    """Store one sheet as a finished rating and return its id; see `bring_in_all`."""
    sheet = FilledSheet(label, job_role, paper_on, answers, kept or {})
    return bring_in_all(
        assessment_id=assessment_id, source=source, sheets=[sheet], keyed_by=keyed_by
    )[0]


def bring_in_all(
    *, assessment_id: int, source: Source, sheets: Sequence[FilledSheet], keyed_by: int | None
) -> list[int]:
    """Store sheets as finished ratings, all or none, and return their ids in the same order.

    Answers that are UNANSWERED count as left out. Raises NotFound, Archived, AssessmentClosed or
    RatingEnded, and SheetsRefused with everything that is wrong.
    """
    assessment = hold(assessment_id)
    refuse_unless_open(assessment.state)
    today = clock.today()
    problems = sheet_problems(
        sheets,
        instrument=get_instrument(assessment.questionnaire_version_id),
        taken=_labels(assessment_id),
        earliest=earliest_day(assessment),
        today=today,
    )
    if problems:
        raise SheetsRefused(problems)
    ratings = _store_ratings([_rating(assessment, source, one, keyed_by) for one in sheets])
    _store_answers(assessment, ratings, sheets, keyed_by)
    _log(assessment, source, sheets, today)
    return ratings


def earliest_day(assessment: Assessment) -> date:
    """The first day a form of this assessment may bear."""
    return earliest_paper_day(Quarter.parse(assessment.quarter), assessment.opened_at.date())


def hold_sheet(rating_id: int) -> tuple[Rating, Assessment]:
    """A sheet from paper or a file, held with its assessment until the end.

    Raises NotFound for every other rating: those belong to the people who gave them. Raises
    AssessmentClosed or RatingEnded once the team has seen the ratings, and SeenBefore when it saw
    this one in results that were hidden again.
    """
    assessment_id = db.session.scalar(
        select(Rating.assessment_id).where(Rating.id == rating_id, *is_brought_in())
    )
    if assessment_id is None:
        raise NotFound(NO_SUCH_SHEET)
    assessment = hold(assessment_id)
    refuse_unless_open(assessment.state)
    # asked again: somebody may have removed it before the assessment was ours
    rating = db.session.get(Rating, rating_id, populate_existing=True)
    if rating is None:
        raise NotFound(NO_SUCH_SHEET)
    if _was_shown(rating):
        raise SeenBefore("It stays as it is: its answers could be read off the next results.")
    return rating, assessment


def remove_sheet(*, rating_id: int) -> None:
    """Take a sheet that was brought in by mistake out again, answers and history included.

    Raises as `hold_sheet`.
    """
    rating, assessment = hold_sheet(rating_id)
    before = {"source": rating.source, "label": rating.label}
    db.session.execute(delete(Rating).where(Rating.id == rating_id))
    trail.note("rating.removed", assessment, before=before)


def _was_shown(rating: Rating) -> bool:
    """Whether results with this sheet were taken back since it came."""
    hidden = select(AssessmentStep.id).where(
        AssessmentStep.assessment_id == rating.assessment_id,
        AssessmentStep.step == "hidden_again",
        AssessmentStep.at >= rating.started_at,
    )
    return db.session.scalar(hidden.limit(1)) is not None


def is_brought_in() -> tuple[Any, ...]:
    """Criteria of a sheet that came from paper or a file and belongs to nobody."""
    return (
        Rating.source.in_(("paper", "import")),
        Rating.person_id.is_(None),
        Rating.device_token_sha256.is_(None),
    )


def _labels(assessment_id: int) -> set[str]:
    found = db.session.scalars(
        select(Rating.label).where(Rating.assessment_id == assessment_id, *is_brought_in())
    )
    return {label_key(label) for label in found}


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


def _log(
    assessment: Assessment, source: Source, sheets: Sequence[FilledSheet], today: date
) -> None:
    """Which sheets came, never what they say; and that a warning about a note was passed over."""
    labels = [clean_label(sheet.label) for sheet in sheets]
    trail.note("rating.brought_in", assessment, after={"source": source, "labels": labels})
    for sheet in sheets:
        for milestone, found in suspicious(sheet, today).items():
            audit.record(
                "free_text.kept",
                subject=f"note on {milestone}, assessment {assessment.id}",
                organization_id=assessment.organization_id,
                after={"looks_like": kinds(found)},
            )
