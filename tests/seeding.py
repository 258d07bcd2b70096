"""Short verbs with which tests put a clinic into a situation; each needs an application context."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from accounts import service as accounts
from accounts.models import Clinic, Person, Role
from assess import service
from assess.answers import AnswerValue, SentAnswer
from assess.brought_in import bringing
from assess.joining import links
from assess.joining.codes import make_code
from assess.meeting import revotes
from assess.models import Assessment, State
from assess.quarters import Quarter
from assess.queries.heads import get_assessment_head
from assess.raters import Rater
from assess.rating import giving
from assess.rating.holding import hold_rating
from core.db import db
from questionnaires import catalog


def open_assessment(
    clinic_id: int, quarter: str = "2026Q3", questionnaire: str = "six_building_blocks"
) -> int:
    """Open an assessment and return its id."""
    assessment = service.open_assessment(
        clinic_id=clinic_id,
        instrument=catalog.get(questionnaire),
        quarter=Quarter.parse(quarter),
    )
    db.session.commit()
    return assessment.id


def add_members(clinic_id: int, count: int = 1, *, job_role: str | None = None) -> list[int]:
    """Let so many more people work in the clinic, all in one job; their ids."""
    clinic = db.session.get_one(Clinic, clinic_id)
    present = db.session.scalar(select(func.count(Person.id))) or 0
    people = []
    for number in range(present, present + count):
        one = accounts.create_person(email=f"rater{number}@example.org", name=f"Rater {number}")
        one.job_role = job_role
        accounts.grant_role(person=one, role=Role.MEMBER, clinic=clinic)
        people.append(one.id)
    db.session.commit()
    return people


def start_rating(assessment_id: int, person_id: int) -> int:
    """Give the person an empty sheet and return the rating's id."""
    rating_id = giving.start_rating(assessment_id=assessment_id, person_id=person_id)
    db.session.commit()
    return rating_id


def rate(
    rating_id: int, levels: Mapping[str, int | AnswerValue], notes: Mapping[str, str] | None = None
) -> None:
    """Save answers by milestone key, over whatever stands there."""
    target = hold_rating(rating_id)
    giving.save_answers(
        rating=target,
        sent=[
            SentAnswer(
                milestone=key,
                value=AnswerValue.level(level) if isinstance(level, int) else level,
                note=(notes or {}).get(key),
                revision=0,
            )
            for key, level in levels.items()
        ],
        person_id=target.person_id,
    )
    db.session.commit()


def finish(rating_id: int) -> None:
    """Let the rating count."""
    giving.finish_rating(rating=hold_rating(rating_id))
    db.session.commit()


def rate_all(
    assessment_id: int, person_id: int, level: int | Mapping[str, int | AnswerValue] = 2
) -> int:
    """Start, answer every milestone (one level for all, or by key) and finish; the rating's id."""
    rating_id = start_rating(assessment_id, person_id)
    milestones = hold_rating(rating_id).instrument.milestones
    levels = {one.key: level for one in milestones} if isinstance(level, int) else level
    rate(rating_id, levels)
    finish(rating_id)
    return rating_id


def key_in(assessment_id: int, label: str = "Paper form 1", level: int = 2) -> int:
    """Bring in a paper form with one level for every milestone and return the rating's id."""
    milestones = get_assessment_head(assessment_id).instrument.milestones
    rating_id = bringing.bring_in(
        assessment_id=assessment_id,
        source="paper",
        label=label,
        job_role=None,
        paper_on=None,
        answers={one.key: (AnswerValue.level(level), "") for one in milestones},
        keyed_by=None,
    )
    db.session.commit()
    return rating_id


def reveal(assessment_id: int) -> None:
    """Show the team its ratings."""
    service.reveal_assessment(assessment_id=assessment_id)
    db.session.commit()


def vote(
    assessment_id: int, milestone: str, votes: Mapping[int, int | AnswerValue], number: int = 1
) -> None:
    """Let people vote again about a milestone: {person: level or another answer}."""
    for person_id, value in votes.items():
        revotes.vote(
            assessment_id=assessment_id,
            milestone=milestone,
            number=number,
            rater=Rater(person_id=person_id),
            value=AnswerValue.level(value) if isinstance(value, int) else value,
        )
    db.session.commit()


def rate_late(
    assessment_id: int, person_id: int, level: int | Mapping[str, int | AnswerValue] = 2
) -> int:
    """Add a rating to a revealed assessment as if it had been there at the reveal; its id."""
    assessment = db.session.get_one(Assessment, assessment_id)
    state, assessment.state = assessment.state, State.OPEN
    db.session.commit()
    rating_id = rate_all(assessment_id, person_id, level)
    db.session.get_one(Assessment, assessment_id).state = state
    service.record_scores(assessment_id)
    db.session.commit()
    return rating_id


def close(assessment_id: int) -> None:
    """Take no more answers."""
    service.close_assessment(assessment_id=assessment_id)
    db.session.commit()


def make_join_link(assessment_id: int, *, secret: str) -> str:
    """Let staff rate by link, and return its code."""
    link = links.make_link(assessment_id=assessment_id, secret=secret, person_id=None)
    db.session.commit()
    return make_code(secret=secret, assessment_id=assessment_id, number=link.number)
