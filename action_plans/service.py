"""Verbs of a plan as a whole: start it, note the meeting, let it begin, close it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from action_plans import goals, trail
from action_plans.changing import lock_plan, touch
from action_plans.errors import ChangedMeanwhile, PlanExists, PlanRefused, RatingsHidden
from action_plans.models import Action, ActionPlan, Goal, PlanState
from action_plans.plan import fingerprint
from action_plans.queries.plans import find_plan_of_assessment
from assess.models import Assessment, State
from core import clock
from core.db import db
from core.errors import NotFound


def start_plan(
    *,
    assessment_id: int,
    milestones: Sequence[str],
    carried: Sequence[int] = (),
    person_id: int | None,
) -> int:
    """Start the plan of a revealed assessment with one to three goals and return its id.

    Raises NotFound, RatingsHidden, PlanExists, or PlanRefused for an impossible choice.
    """
    assessment = db.session.get(Assessment, assessment_id)
    if assessment is None:
        raise NotFound("This assessment does not exist. Open it from your clinic's page.")
    if assessment.state == State.OPEN:
        raise RatingsHidden("The plan rests on what the team has seen. Reveal the ratings first.")
    now = clock.now()
    plan = ActionPlan(
        organization_id=assessment.organization_id,
        clinic_id=assessment.clinic_id,
        assessment_id=assessment_id,
        quarter=assessment.quarter,
        created_by=person_id,
        created_at=now,
        updated_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(plan)
    except IntegrityError as error:
        raise PlanExists(find_plan_of_assessment(assessment_id) or 0) from error
    trail.note("plan.started", plan)
    goals.choose(plan, milestones, carried)
    return plan.id


def save_meeting(
    *,
    plan_id: int,
    meeting_on: date | None,
    participants: str,
    next_meeting_on: date | None,
    seen: str,
) -> None:
    """Note when the team met, who was there and when it meets next.

    Raises NotFound, PlanClosed or ChangedMeanwhile.
    """
    plan = lock_plan(plan_id)
    if seen != fingerprint(plan.meeting_on, plan.participants, plan.next_meeting_on):
        raise ChangedMeanwhile("Somebody else changed the meeting while you were writing.")
    plan.meeting_on, plan.participants = meeting_on, participants
    plan.next_meeting_on = next_meeting_on
    touch(plan)


def activate_plan(*, plan_id: int) -> None:
    """Let the work begin; doing it again changes nothing.

    Raises NotFound, PlanClosed, or PlanRefused when a goal has no action yet.
    """
    plan = lock_plan(plan_id)
    if plan.state == PlanState.ACTIVE:
        return
    goal_ids = db.session.scalars(select(Goal.id).where(Goal.plan_id == plan_id)).all()
    if not goal_ids:
        raise PlanRefused("Add a goal before you start the plan.", field="goals")
    with_action = set(
        db.session.scalars(select(Action.goal_id).where(Action.goal_id.in_(goal_ids)).distinct())
    )
    for goal_id in sorted(goal_ids):
        if goal_id not in with_action:
            raise PlanRefused(
                "Add at least one action to this goal before you start the plan.",
                field=f"goal-{goal_id}",
            )
    plan.state = PlanState.ACTIVE
    trail.note("plan.activated", plan)
    touch(plan)


def close_plan(*, plan_id: int, reflection: str) -> None:
    """End the plan with what the team learned; it then is a record. Raises NotFound, PlanClosed."""
    plan = lock_plan(plan_id)
    plan.state, plan.reflection = PlanState.CLOSED, reflection
    trail.note("plan.closed", plan)
    touch(plan)
