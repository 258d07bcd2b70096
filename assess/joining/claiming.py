"""Keeps one person to one vote: who rated on a device without an account may sign in there later.

What the device holds then becomes the person's own rating, or, when there is one already, is taken
back. The device's token shows that it was begun here; whose it was only the person can say.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update

from accounts.models import Person
from assess import trail
from assess.following.models import AssessmentStep
from assess.holding import hold_from_raters, refuse_unless_open
from assess.joining.devices import end_hold
from assess.models import Answer, Rating
from assess.queries.joining import find_unclaimed
from core.db import db
from core.errors import Conflict


class AlreadyRated(Conflict):
    """The person has answers of their own; two ratings cannot become one."""

    title = "You have a rating of your own"


def claim(*, assessment_id: int, person_id: int, token: str) -> None:
    """Make the rating that this device holds, if any, the person's own.

    Its answers, history and state stay. Raises AlreadyRated, AssessmentClosed or RatingEnded.
    """
    # nobody saves meanwhile: an own sheet that is empty now stays so until it is gone
    assessment = hold_from_raters(assessment_id)
    refuse_unless_open(assessment.state)
    found = find_unclaimed(token, assessment_id)
    if found is None:
        return
    own = (Rating.assessment_id == assessment_id, Rating.person_id == person_id)
    if db.session.scalar(select(exists().where(Answer.rating_id == Rating.id, *own))):
        raise AlreadyRated("Two ratings cannot become one. Take back the one without an account.")
    db.session.execute(delete(Rating).where(*own))
    claimed = update(Rating).where(Rating.id == found.rating_id)
    claimed = claimed.values(person_id=person_id, device_token_sha256=None)
    if job_role := _job_role(person_id, assessment_id):
        claimed = claimed.values(job_role=job_role)
    db.session.execute(claimed)
    end_hold(found.rating_id)
    trail.note("rating.claimed", assessment)


def _job_role(person_id: int, assessment_id: int) -> str | None:
    """The person's job, unless results were shown and hidden again since.

    A rating that went from one group to another in between could be read off both results.
    """
    hidden = exists().where(
        AssessmentStep.assessment_id == assessment_id, AssessmentStep.step == "hidden_again"
    )
    return db.session.scalar(select(Person.job_role).where(Person.id == person_id, ~hidden))


def take_back(*, assessment_id: int, token: str) -> None:
    """Let the rating that this device holds, if any, count no more.

    Its answers stay stored. Raises AssessmentClosed or RatingEnded.
    """
    assessment = hold_from_raters(assessment_id)
    refuse_unless_open(assessment.state)
    found = find_unclaimed(token, assessment_id)
    if found is None:
        return
    db.session.execute(update(Rating).where(Rating.id == found.rating_id).values(submitted_at=None))
    end_hold(found.rating_id)
    trail.note("rating.taken_back", assessment)
