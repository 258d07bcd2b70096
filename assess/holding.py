"""Holds an assessment while it changes, and refuses answers once its state takes no more.

Whoever changes an assessment holds its row. Raters do not: many save at once. They share the name
of its ratings instead, which whoever shows the ratings must have alone. What was acknowledged is so
in the results, and nothing is acknowledged after them. SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from accounts import wall
from accounts.models import Clinic
from accounts.program.organizations import Archived
from assess.models import Assessment, Rating, State
from core import locks
from core.db import db
from core.errors import Conflict, NotFound

_RATINGS = 1
"""What PostgreSQL calls the ratings of an assessment, beside its id."""
_ALONE = locks.holding(_RATINGS, bindparam("assessment_id"))
_WITH_OTHERS = locks.sharing(_RATINGS, bindparam("assessment_id"))
_WITH_OTHERS_BY_RATING = locks.sharing(
    _RATINGS,
    select(Rating.assessment_id).where(Rating.id == bindparam("rating_id")).scalar_subquery(),
)


class AssessmentClosed(Conflict):
    """The assessment takes no more answers."""

    title = "This assessment is closed"


class RatingEnded(Conflict):
    """The team has seen its ratings, so they stay as they were given."""

    title = "Your team has already looked at the results"


def hold(assessment_id: int, *, even_archived: bool = False) -> Assessment:
    """The assessment, held against other changes of it and its ratings until the end.

    Raises NotFound, and Archived when its clinic is.
    """
    assessment = db.session.get(
        Assessment, assessment_id, with_for_update={"key_share": True}, populate_existing=True
    )
    return _found(assessment, even_archived)


def hold_from_raters(assessment_id: int) -> Assessment:
    """The assessment, held, and its ratings: whoever saves is through, nobody else begins to.

    Raises as `hold`. One statement more on PostgreSQL.
    """
    # first the row: raters do not wait for it, so two who show the ratings cannot block each other
    assessment = hold(assessment_id)
    if locks.has_many_writers():
        wall.execute(_ALONE, {"assessment_id": assessment_id})
    return assessment


def share(assessment_id: int) -> Assessment:
    """The assessment whose ratings stay hidden, or shown, until the end; others rate meanwhile.

    Its row is not held, so do not change it. Raises as `hold`. One statement more on PostgreSQL.
    """
    if locks.has_many_writers():
        wall.execute(_WITH_OTHERS, {"assessment_id": assessment_id})
    return _found(db.session.get(Assessment, assessment_id, populate_existing=True), False)


def share_by_rating(rating_id: int) -> None:
    """The same by one of the ratings, before it is read. One statement, on PostgreSQL only."""
    if locks.has_many_writers():
        wall.execute(_WITH_OTHERS_BY_RATING, {"rating_id": rating_id})


def _found(assessment: Assessment | None, even_archived: bool) -> Assessment:
    if assessment is None:
        raise NotFound("This assessment does not exist. Open it from your clinic's page.")
    clinic = db.session.get(Clinic, assessment.clinic_id)
    if clinic is not None and clinic.archived_at is not None and not even_archived:
        raise Archived(f"{clinic.name} is archived. Ask your administrator to restore it.")
    return assessment


def hold_open_to_new_raters(assessment_id: int) -> Assessment:
    """The assessment, held, when a new rater may still begin.

    Raises NotFound, AssessmentClosed, or Conflict when the ratings were revealed.
    """
    assessment = hold(assessment_id)
    refuse_new_raters(assessment)
    return assessment


def refuse_new_raters(assessment: Assessment) -> None:
    """Raises AssessmentClosed, or Conflict when the ratings were revealed."""
    if assessment.state == State.CLOSED:
        raise AssessmentClosed("This assessment is closed, so nobody can rate any more.")
    if assessment.state != State.OPEN:
        raise Conflict(
            "The ratings were revealed to the team, so nobody can begin to rate any more."
        )


def refuse_unless_open(state: str) -> None:
    """Ratings begin and change only before the team sees them.

    What one person changed later could be read off by looking twice, and the spread of opinions
    given independently is what the meeting is for. Raises AssessmentClosed or RatingEnded.
    """
    refuse_when_closed(state)
    if state != State.OPEN:
        raise RatingEnded(
            "The ratings are revealed to the team now, so answers can no longer change. "
            "Say in the meeting what you see differently."
        )


def refuse_when_closed(state: str) -> None:
    """Raises AssessmentClosed."""
    if state == State.CLOSED:
        raise AssessmentClosed(
            "This assessment is closed, so answers can no longer change. "
            "Ask your clinic's lead if it should be opened again."
        )
