"""Reads the facts behind the wheel of one or many clinics: two statements, however many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.orm import aliased

from accounts.models import Clinic
from accounts.permissions import may
from accounts.viewer import Scope, Viewer
from action_plans.models import Action, ActionPlan, ActionStatus, Goal, PlanState
from action_plans.plan import UNFINISHED
from action_plans.rounds import is_under_way, together
from action_plans.wheel import (
    AssessmentFacts,
    Facts,
    PlanFacts,
    Wheel,
    wheel_for,
)
from assess.following.counting import is_told
from assess.meeting.models import Meeting
from assess.models import Assessment, Rating, State
from assess.quarters import Quarter
from assess.queries.asked import asked_each
from assess.queries.instruments import get_instrument
from core import clock
from core.db import db


def wheels_of(clinic_ids: Sequence[int], *, viewer: Viewer | None) -> dict[int, Wheel]:
    """The wheel of each clinic as this person sees it. Whether they may is for the caller to ask.

    The round of another questionnaire that is under way stands beside it. Clinics that do not exist
    are missing from the answer.
    """
    rows = _rounds(clinic_ids, viewer.person_id if viewer else None)
    plans = _plans([row.assessment_id for row in rows if row.assessment_id is not None])
    quarter = Quarter.of(clock.today())
    rounds: dict[int, list[tuple[Row[Any], Facts]]] = defaultdict(list)
    for row in rows:
        facts = _facts(row, plans, quarter, viewer)
        if not rounds[row.clinic_id] or is_under_way(facts):
            rounds[row.clinic_id].append((row, facts))
    return {clinic_id: _wheel(found) for clinic_id, found in rounds.items()}


def _wheel(rounds: Sequence[tuple[Row[Any], Facts]]) -> Wheel:
    if len(rounds) == 1:
        return wheel_for(rounds[0][1])
    return together(
        [
            replace(wheel_for(facts), title=get_instrument(row.questionnaire_version_id).title)
            for row, facts in rounds
        ]
    )


def _rounds(clinic_ids: Sequence[int], person_id: int | None) -> Sequence[Row[Any]]:
    """The newest assessment of each clinic and questionnaire, with the person's own rating of it.

    The newest quarter of a clinic stands first; of two questionnaires in one quarter the older one.
    """
    newest_first = func.row_number().over(
        partition_by=(Assessment.clinic_id, Assessment.questionnaire),
        order_by=(Assessment.quarter.desc(), Assessment.id.asc()),
    )
    ranked = (
        select(Assessment.id, newest_first.label("place"))
        .where(Assessment.clinic_id.in_(clinic_ids))
        .subquery()
    )
    finished = (
        select(func.count(Rating.submitted_at))
        .where(Rating.assessment_id == Assessment.id)
        .correlate(Assessment)
        .scalar_subquery()
    )
    by_account = (
        select(func.count(Rating.submitted_at))
        .where(Rating.assessment_id == Assessment.id, Rating.person_id.is_not(None))
        .correlate(Assessment)
        .scalar_subquery()
    )
    asked = asked_each(Assessment.id.in_(select(ranked.c.id).where(ranked.c.place == 1)))
    mine = aliased(Rating)
    newest = (
        select(
            Assessment.clinic_id,
            Assessment.id.label("assessment_id"),
            Assessment.questionnaire_version_id,
            Assessment.quarter,
            Assessment.state,
            Assessment.due_on,
            finished.label("finished"),
            by_account.label("by_account"),
            func.coalesce(asked.c.asked, 0).label("asked"),
            mine.id.label("rating_id"),
            mine.submitted_at,
            and_(Meeting.assessment_id.is_not(None), Meeting.ended_at.is_(None)).label("meets"),
        )
        .join(ranked, and_(ranked.c.id == Assessment.id, ranked.c.place == 1))
        .outerjoin(asked, asked.c.id == Assessment.id)
        .outerjoin(Meeting, Meeting.assessment_id == Assessment.id)
        .outerjoin(mine, and_(mine.assessment_id == Assessment.id, mine.person_id == person_id))
        .subquery()
    )
    return db.session.execute(
        select(
            Clinic.id.label("clinic_id"),
            Clinic.organization_id,
            *(column for column in newest.c if column.name != "clinic_id"),
        )
        .outerjoin(newest, newest.c.clinic_id == Clinic.id)
        .where(Clinic.id.in_(clinic_ids))
        .order_by(Clinic.id, newest.c.quarter.desc(), newest.c.assessment_id)
    ).all()


def _plans(assessment_ids: Sequence[int]) -> Mapping[int, PlanFacts]:
    """The plan of each assessment with its actions counted."""
    late = and_(Action.status.in_(UNFINISHED), Action.due_on < clock.today())
    rows = db.session.execute(
        select(
            ActionPlan.id,
            ActionPlan.assessment_id,
            ActionPlan.state,
            ActionPlan.next_meeting_on,
            func.count(Action.id).label("actions"),
            func.count(case((Action.status == ActionStatus.DONE, 1))).label("done"),
            func.count(case((late, 1))).label("late"),
        )
        .outerjoin(Goal, Goal.plan_id == ActionPlan.id)
        .outerjoin(Action, Action.goal_id == Goal.id)
        .where(ActionPlan.assessment_id.in_(assessment_ids))
        .group_by(
            ActionPlan.id, ActionPlan.assessment_id, ActionPlan.state, ActionPlan.next_meeting_on
        )
    )
    return {
        row.assessment_id: PlanFacts(
            id=row.id,
            state=PlanState(row.state),
            actions=row.actions,
            done=row.done,
            late=row.late,
            next_meeting_on=row.next_meeting_on,
        )
        for row in rows
    }


def _facts(
    row: Row[Any], plans: Mapping[int, PlanFacts], quarter: Quarter, viewer: Viewer | None
) -> Facts:
    scope = Scope(organization_id=row.organization_id, clinic_id=row.clinic_id)
    return Facts(
        clinic_id=row.clinic_id,
        quarter=quarter,
        assessment=None if row.assessment_id is None else _assessment(row),
        plan=plans.get(row.assessment_id),
        can_rate=may(viewer, "assessment.rate", scope),
        can_lead=may(viewer, "plan.edit", scope),
    )


def _assessment(row: Row[Any]) -> AssessmentFacts:
    return AssessmentFacts(
        id=row.assessment_id,
        quarter=Quarter.parse(row.quarter),
        state=State(row.state),
        due_on=row.due_on,
        finished=row.finished,
        mine=_mine(row),
        meets=bool(row.meets),
        is_told=is_told(row.asked, row.by_account),
    )


def _mine(row: Row[Any]) -> Literal["none", "started", "finished"]:
    if row.rating_id is None:
        return "none"
    return "started" if row.submitted_at is None else "finished"
