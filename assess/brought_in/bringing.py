"""Verbs of ratings that come from paper or a file: bring them in, take one out again.

They belong to nobody with an account and count like every finished rating. They come only before
the team sees the ratings, and nobody can open their answers afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from assess import trail
from assess.brought_in.checks import (
    FilledSheet,
    Given,
    SheetProblem,
    clean_label,
    earliest_paper_day,
    label_key,
    sheet_problems,
    suspicious,
)
from assess.brought_in.rows import Source, store_sheets
from assess.following.models import AssessmentStep
from assess.holding import hold, refuse_unless_open
from assess.models import AnswerChange, Assessment, Rating
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from core import audit, clock
from core.db import db
from core.errors import BlockwiseError, Conflict, NotFound
from core.identifiers import kinds

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
    origin: str = "",
) -> int:
    """Store one sheet as a finished rating and return its id; see `bring_in_all`.

    A sheet with an origin that is there already, under its label, is stored once: whoever heard no
    answer and sends it again gets the id it has.
    """
    sheet = FilledSheet(label, job_role, paper_on, answers, kept or {}, origin)
    try:
        return bring_in_all(
            assessment_id=assessment_id, source=source, sheets=[sheet], keyed_by=keyed_by
        )[0]
    except SheetsRefused:
        if (there := _find(assessment_id, sheet)) is None:
            raise
        return there


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
    ratings = store_sheets(assessment, source, sheets, keyed_by)
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


def _find(assessment_id: int, sheet: FilledSheet) -> int | None:
    """The stored sheet that came from the same place with the same content and label."""
    if not sheet.origin:
        return None
    return db.session.scalar(
        select(Rating.id)
        .join(AnswerChange, AnswerChange.rating_id == Rating.id)
        .where(
            Rating.assessment_id == assessment_id,
            Rating.label == clean_label(sheet.label),
            AnswerChange.request_key == sheet.origin,
            *is_brought_in(),
        )
        .limit(1)
    )


def _labels(assessment_id: int) -> set[str]:
    found = db.session.scalars(
        select(Rating.label).where(Rating.assessment_id == assessment_id, *is_brought_in())
    )
    return {label_key(label) for label in found}


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
