"""Verbs of a rater: begin a sheet, save answers, finish; they flush, the edge commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts.models import Person
from assess.answers import SentAnswer
from assess.holding import refuse_unless_open, share
from assess.models import Rating, State
from assess.queries.ratings import get_stored
from assess.rating import saving
from assess.rating.holding import RatingTarget
from assess.rating.merging import (
    Merge,
    Problem,
    find_problems,
    identifier_problems,
    merge,
    suspicious_notes,
)
from core import audit, clock
from core.db import db
from core.errors import BlockwiseError, Conflict
from core.identifiers import Identifier, kinds


class NothingAnswered(Conflict):
    """A rating without a single answer says nothing."""

    title = "Nothing is answered yet"


class AnswersRefused(BlockwiseError):
    """At least one sent answer is not possible; nothing of the batch was stored."""

    status = 422
    title = "Some answers could not be saved"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


def start_rating(*, assessment_id: int, person_id: int) -> int:
    """Give a person a sheet to rate on and return its id; the one they have, if they have one.

    It keeps the job the person has now. Raises NotFound, AssessmentClosed or RatingEnded.
    """
    assessment = share(assessment_id)
    refuse_unless_open(assessment.state)
    sheet = select(Rating.id).filter_by(assessment_id=assessment_id, person_id=person_id)
    found = db.session.scalar(sheet)
    if found is not None:
        return found
    rating = Rating(
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
        assessment_id=assessment_id,
        person_id=person_id,
        job_role=db.session.scalar(select(Person.job_role).where(Person.id == person_id)),
        started_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(rating)
    except IntegrityError:  # the button was chosen twice, and the other request was quicker
        return db.session.scalars(sheet).one()
    return rating.id


def save_answers(
    *,
    rating: RatingTarget,
    sent: Sequence[SentAnswer],
    person_id: int | None,
    request_key: str | None = None,
) -> Merge:
    """Store a batch of answers with their history.

    Answers that clash with a newer revision are reported, the others are stored. A batch with an
    impossible answer is refused as a whole. Once the ratings are shown only what stands already is
    confirmed: its first reply may have been lost. Raises AssessmentClosed, RatingEnded,
    AnswersRefused.
    """
    if rating.state is not State.OPEN:
        return _confirm(rating, sent, request_key)
    if problems := find_problems(rating.instrument, sent):
        raise AnswersRefused(problems)
    stored, replayed = get_stored(rating.rating_id, [one.milestone for one in sent], request_key)
    suspicious = suspicious_notes(sent, stored, clock.today())
    if problems := identifier_problems(sent, suspicious):
        raise AnswersRefused(problems)
    merged = merge(sent, stored, replayed)
    if merged.changes:
        saving.store_changes(rating, merged.changes, person_id, request_key)
        if rating.is_finished and not any(one.new.value.answered for one in merged.changes):
            saving.unfinish_if_empty(rating.rating_id)
        _log_kept_notes(rating, suspicious)
    return merged


def _confirm(rating: RatingTarget, sent: Sequence[SentAnswer], request_key: str | None) -> Merge:
    """What a batch was told that came before the reveal, or the refusal of one that did not."""
    milestones = [one.milestone for one in sent]
    merged = merge(sent, *get_stored(rating.rating_id, milestones, request_key))
    is_stored = merged.revisions and not merged.changes and not merged.clashes
    if not is_stored or find_problems(rating.instrument, sent):
        refuse_unless_open(rating.state)
    return merged


def _log_kept_notes(rating: RatingTarget, suspicious: Mapping[str, tuple[Identifier, ...]]) -> None:
    for milestone, found in suspicious.items():
        audit.record(
            "free_text.kept",
            subject=f"note on {milestone}, assessment {rating.assessment_id}",
            organization_id=rating.organization_id,
            after={"looks_like": kinds(found)},
        )


def finish_rating(*, rating: RatingTarget) -> None:
    """Let the rating count; its answers may still change until the team looks at the results.

    Finishing again changes nothing. Scores are computed at the reveal: before it there is none
    that could be seen. Raises AssessmentClosed, RatingEnded, NothingAnswered.
    """
    if rating.is_finished:
        return
    refuse_unless_open(rating.state)
    if not saving.finish(rating.rating_id):
        raise NothingAnswered("Answer at least one milestone, or “Don’t know”, then finish.")
