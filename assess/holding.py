"""Holds an assessment while it changes, and refuses answers once its state takes no more."""

from __future__ import annotations

from accounts.models import Clinic
from accounts.program.organizations import Archived
from assess.models import Assessment, State
from core.db import db
from core.errors import Conflict, NotFound


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
    if assessment.state == State.CLOSED:
        raise AssessmentClosed("This assessment is closed, so nobody can rate any more.")
    if assessment.state != State.OPEN:
        raise Conflict(
            "The ratings were revealed to the team, so nobody can begin to rate any more."
        )
    return assessment


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
