"""Reads what a clinic did and when, to stand beside its scores: the titles of actions, no more."""

from __future__ import annotations

from sqlalchemy import select

from action_plans.marks import ActionMark
from action_plans.models import Action, ActionPlan, ActionStatus, Goal, PlanState
from assess.quarters import Quarter
from core.db import db


def list_action_marks(clinic_id: int) -> tuple[ActionMark, ...]:
    """Actions of the clinic's plans that began, oldest first. One statement.

    An action that was carried over counts where it is now, not once more where it came from.
    """
    carried = select(Action.carried_from_id).where(Action.carried_from_id.is_not(None))
    rows = db.session.execute(
        select(ActionPlan.quarter, Goal.milestone, Action.task, Action.status)
        .join(Goal, Goal.id == Action.goal_id)
        .join(ActionPlan, ActionPlan.id == Goal.plan_id)
        .where(
            ActionPlan.clinic_id == clinic_id,
            ActionPlan.state != PlanState.DRAFT,
            Action.status.in_((ActionStatus.DONE, ActionStatus.UNDER_WAY)),
            Action.id.not_in(carried),
        )
        .order_by(ActionPlan.quarter, Goal.position, Action.position, Action.id)
    )
    return tuple(
        ActionMark(Quarter.parse(quarter), milestone, task, status == ActionStatus.DONE)
        for quarter, milestone, task, status in rows
    )
