"""Reads of second votes: how many have voted, and what, but that only once it is revealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, select

from assess.answers import AnswerState, AnswerValue
from assess.meeting.models import Revote, RevoteAnswer
from assess.meeting.revotes import RevoteState
from assess.meeting.spread import Given, Spread, spread_of
from assess.raters import Rater
from core.db import db
from questionnaires.instrument import Instrument, Milestone


@dataclass(frozen=True, slots=True)
class Round:
    """One vote on a milestone; `spread` is None until it is revealed, and never says whose."""

    number: int
    state: RevoteState
    votes: int
    spread: Spread | None
    revealed_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state is RevoteState.OPEN


@dataclass(frozen=True, slots=True)
class Revotes:
    """The rounds of one milestone, oldest first, without those that were called off."""

    rounds: tuple[Round, ...] = ()

    @property
    def open(self) -> Round | None:
        """The round in which the team votes right now."""
        return next((one for one in self.rounds if one.is_open), None)

    @property
    def revealed(self) -> tuple[Round, ...]:
        return tuple(one for one in self.rounds if not one.is_open)

    @property
    def latest(self) -> Spread | None:
        """How the team voted the last time that it saw."""
        return self.revealed[-1].spread if self.revealed else None


NO_REVOTES = Revotes()


def get_revotes(assessment_id: int, milestone: Milestone) -> Revotes:
    """The rounds of one milestone (one statement)."""
    votes = _rounds(assessment_id)
    found = _read(votes, {milestone.key: milestone}, votes.c.milestone == milestone.key)
    return found.get(milestone.key, NO_REVOTES)


def get_all_revotes(assessment_id: int, instrument: Instrument) -> Mapping[str, Revotes]:
    """The rounds of all milestones that were voted on again, by key (one statement)."""
    return _read(_rounds(assessment_id), {one.key: one for one in instrument.milestones})


def get_own_vote(assessment_id: int, milestone: str, rater: Rater) -> AnswerValue | None:
    """What this very person or device chose in the open round (one statement)."""
    row = db.session.execute(
        select(RevoteAnswer.state, RevoteAnswer.level)
        .join(Revote, Revote.id == RevoteAnswer.revote_id)
        .where(
            Revote.assessment_id == assessment_id,
            Revote.milestone == milestone,
            Revote.state == RevoteState.OPEN.value,
            RevoteAnswer.person_id == rater.person_id
            if rater.person_id is not None
            else RevoteAnswer.rating_id == rater.rating_id,
        )
    ).one_or_none()
    return None if row is None else AnswerValue(AnswerState(row.state), row.level)


def _rounds(assessment_id: int) -> Subquery:
    """Votes of the rounds; of an open one only that they are there, not what they say."""
    is_shown = Revote.state == RevoteState.REVEALED.value
    return (
        select(
            Revote.milestone,
            Revote.number,
            Revote.state,
            Revote.revealed_at,
            RevoteAnswer.id.label("vote"),
            case((is_shown, RevoteAnswer.state)).label("answer"),
            case((is_shown, RevoteAnswer.level)).label("level"),
        )
        .outerjoin(RevoteAnswer, RevoteAnswer.revote_id == Revote.id)
        .where(
            Revote.assessment_id == assessment_id,
            Revote.state != RevoteState.CANCELLED.value,
        )
        .subquery()
    )


def _read(
    votes: Subquery, milestones: Mapping[str, Milestone], *wanted: ColumnElement[bool]
) -> dict[str, Revotes]:
    kinds = [votes.c[name] for name in ("milestone", "number", "state", "revealed_at")]
    answers = (votes.c.answer, votes.c.level)
    rows = db.session.execute(
        select(*kinds, *answers, func.count(votes.c.vote).label("votes"))
        .where(*wanted)
        .group_by(*kinds, *answers)
        .order_by(votes.c.milestone, votes.c.number)
    )
    return _rounds_by_milestone(rows.all(), milestones)


def _rounds_by_milestone(
    rows: Sequence[Any], milestones: Mapping[str, Milestone]
) -> dict[str, Revotes]:
    given: dict[tuple[str, int], dict[tuple[str, int | None], int]] = defaultdict(dict)
    heads: dict[tuple[str, int], tuple[RevoteState, datetime | None]] = {}
    for row in rows:
        key = (row.milestone, row.number)
        heads[key] = (RevoteState(row.state), row.revealed_at)
        given[key][row.answer, row.level] = row.votes
    found: dict[str, tuple[Round, ...]] = {}
    for (milestone, number), (state, revealed_at) in heads.items():
        answers = given[milestone, number]
        one = Round(
            number=number,
            state=state,
            votes=sum(answers.values()),
            spread=_spread(milestones[milestone], state, answers),
            revealed_at=revealed_at,
        )
        found[milestone] = (*found.get(milestone, ()), one)
    return {milestone: Revotes(rounds) for milestone, rounds in found.items()}


def _spread(milestone: Milestone, state: RevoteState, answers: Given) -> Spread | None:
    return spread_of(milestone, answers) if state is RevoteState.REVEALED else None
