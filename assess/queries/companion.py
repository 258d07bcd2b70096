"""Reads for the page on which the team follows its meeting: all about the one milestone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from assess.answers import AnswerState, AnswerValue
from assess.meeting.spread import Spread, spread_of
from assess.models import AgreedLevel, Answer, Assessment, Rating
from assess.quarters import Quarter
from assess.queries.agreements import Agreement, get_agreements
from assess.queries.heads import AssessmentHead
from assess.queries.meetings import MeetingState
from assess.queries.revotes import NO_REVOTES, Revotes, get_own_vote, get_revotes
from assess.raters import Rater
from core.db import db
from questionnaires.instrument import Milestone


@dataclass(frozen=True, slots=True)
class LastLevel:
    """What the team agreed on in an earlier quarter."""

    value: AnswerValue
    quarter: Quarter


@dataclass(frozen=True, slots=True)
class Settled:
    """A milestone with what the team agreed on."""

    milestone: Milestone
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Talk:
    """The milestone that the team talks about, and what the viewer alone may see: their own."""

    milestone: Milestone
    spread: Spread
    own: AnswerValue | None
    last: LastLevel | None
    agreed: Settled | None
    revotes: Revotes = NO_REVOTES
    own_vote: AnswerValue | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """What the page shows of a meeting that runs: how far it is, and the milestone it is at.

    `settled`: the milestone that was agreed last; the meeting has mostly gone on from it.
    """

    meeting: MeetingState
    agreed: int
    total: int
    parked: tuple[str, ...]
    settled: Settled | None
    talk: Talk | None


def get_following(head: AssessmentHead, meeting: MeetingState, rater: Rater) -> Following:
    """Where a running meeting stands, for whoever looks (seven statements at most)."""
    agreements = get_agreements(head.id)
    milestones = {one.key: one for one in head.instrument.milestones}
    present = milestones.get(meeting.milestone or "")
    return Following(
        meeting=meeting,
        agreed=len(agreements),
        total=len(milestones),
        settled=_settled(agreements, milestones),
        parked=tuple(milestones[key].title for key in meeting.parked if key in milestones),
        talk=_talk(head, present, agreements.get(present.key), rater) if present else None,
    )


def _settled(
    agreements: Mapping[str, Agreement], milestones: Mapping[str, Milestone]
) -> Settled | None:
    found = [(one.mark, key) for key, one in agreements.items() if key in milestones]
    if not found:
        return None
    _, key = max(found)  # the mark is the moment
    return Settled(milestones[key], agreements[key])


def _talk(
    head: AssessmentHead, milestone: Milestone, agreed: Agreement | None, rater: Rater
) -> Talk:
    revotes = get_revotes(head.id, milestone)
    return Talk(
        milestone=milestone,
        spread=_spread(head.id, milestone),
        own=_own_answer(head.id, milestone.key, rater),
        last=_last_level(head, milestone),
        agreed=Settled(milestone, agreed) if agreed else None,
        revotes=revotes,
        own_vote=get_own_vote(head.id, milestone.key, rater) if revotes.open else None,
    )


def _spread(assessment_id: int, milestone: Milestone) -> Spread:
    """How the finished ratings spread."""
    rows = db.session.execute(
        select(Answer.state, Answer.level, func.count())
        .join(Rating, Rating.id == Answer.rating_id)
        .where(
            Rating.assessment_id == assessment_id,
            Rating.submitted_at.is_not(None),
            Answer.milestone == milestone.key,
        )
        .group_by(Answer.state, Answer.level)
    )
    return spread_of(milestone, {(state, level): count for state, level, count in rows})


def _own_answer(assessment_id: int, milestone: str, rater: Rater) -> AnswerValue | None:
    """What the viewer rated, when their rating counts."""
    row = db.session.execute(
        select(Answer.state, Answer.level)
        .join(Rating, Rating.id == Answer.rating_id)
        .where(
            Rating.assessment_id == assessment_id,
            Rating.submitted_at.is_not(None),
            Answer.milestone == milestone,
            _is_own(rater),
        )
    ).one_or_none()
    return None if row is None else AnswerValue(AnswerState(row.state), row.level)


def _is_own(rater: Rater) -> ColumnElement[bool]:
    if rater.person_id is not None:
        return Rating.person_id == rater.person_id
    return Rating.id == rater.rating_id


def _last_level(head: AssessmentHead, milestone: Milestone) -> LastLevel | None:
    """The level that the team agreed on the last time before this quarter."""
    row: Any = db.session.execute(
        select(AgreedLevel.state, AgreedLevel.level, Assessment.quarter)
        .join(Assessment, Assessment.id == AgreedLevel.assessment_id)
        .where(
            Assessment.clinic_id == head.clinic_id,
            Assessment.questionnaire == head.instrument.slug,
            Assessment.quarter < str(head.quarter),
            Assessment.agreed_at.is_not(None),
            AgreedLevel.milestone == milestone.key,
        )
        .order_by(Assessment.quarter.desc())
        .limit(1)
    ).one_or_none()
    # an earlier version of the questionnaire may have had another scale
    if row is None or (row.level is not None and row.level not in milestone.scale):
        return None
    return LastLevel(AnswerValue(AnswerState(row.state), row.level), Quarter.parse(row.quarter))
