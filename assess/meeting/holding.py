"""What a verb of the meeting works on, held against everybody else until its transaction ends."""

from __future__ import annotations

from assess import trail
from assess.holding import AssessmentClosed, hold
from assess.meeting.models import Meeting
from assess.models import Assessment, State
from assess.queries.instruments import get_instrument
from core import clock
from core.db import db
from core.errors import Conflict, NotFound
from questionnaires.instrument import Milestone


class NotRevealed(Conflict):
    """The team cannot agree on what it has not seen."""

    title = "The results are not shown yet"


def hold_discussed(assessment_id: int) -> Assessment:
    """The assessment whose results the team is talking about, held.

    Raises NotFound, Archived, NotRevealed, AssessmentClosed.
    """
    assessment = hold(assessment_id)
    if assessment.state == State.OPEN:
        raise NotRevealed("Reveal the results to the team first, then agree on the levels.")
    if assessment.state == State.CLOSED:
        raise AssessmentClosed("This assessment is closed, so agreed levels can no longer change.")
    return assessment


def find_meeting(assessment_id: int) -> Meeting | None:
    """The meeting as it is now that its assessment is held."""
    return db.session.get(Meeting, assessment_id, populate_existing=True)


def meeting_of(assessment: Assessment, person_id: int | None) -> Meeting:
    """The meeting of a held assessment, begun when nobody has begun it yet."""
    meeting = find_meeting(assessment.id)
    if meeting is None:
        trail.note("meeting.started", assessment)
        meeting = Meeting(
            assessment_id=assessment.id,
            organization_id=assessment.organization_id,
            clinic_id=assessment.clinic_id,
            started_at=clock.now(),
            started_by=person_id,
        )
        db.session.add(meeting)
        db.session.flush()
    return meeting


def milestone_of(assessment: Assessment, key: str) -> Milestone:
    """The milestone of this key in the assessment's questionnaire. Raises NotFound."""
    try:
        return get_instrument(assessment.questionnaire_version_id).milestone(key)
    except KeyError as error:
        raise NotFound(
            "This questionnaire has no such milestone. Choose one from the agenda."
        ) from error
