"""What every change of a plan begins and ends with: hold the plan, then count the change."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from accounts.models import Clinic
from accounts.program.organizations import Archived
from action_plans.errors import PlanClosed
from action_plans.models import Action, ActionPlan, Goal, PlanState
from core import clock
from core.db import db
from core.errors import NotFound


def lock_plan(plan_id: int) -> ActionPlan:
    """The plan, held against other changes until the end.

    Raises NotFound, PlanClosed, or Archived when its clinic is.
    """
    plan = db.session.get(ActionPlan, plan_id, with_for_update=True, populate_existing=True)
    if plan is None:
        raise NotFound("This plan does not exist. Open it from your clinic's page.")
    if plan.state == PlanState.CLOSED:
        raise PlanClosed("This plan is closed and can no longer change. Start the next one.")
    clinic = db.session.get(Clinic, plan.clinic_id)
    if clinic is not None and clinic.archived_at is not None:
        raise Archived(f"{clinic.name} is archived. Ask your administrator to restore it.")
    return plan


def get_goal(plan: ActionPlan, goal_id: int) -> Goal:
    """A goal of this very plan. Raises NotFound."""
    goal = db.session.get(Goal, goal_id, populate_existing=True)
    if goal is None or goal.plan_id != plan.id:
        raise NotFound("This goal is no longer part of the plan. Go back to the plan.")
    return goal


def touch(plan: ActionPlan) -> None:
    """Count the change and note its time; the paper version carries both."""
    plan.revision += 1
    plan.updated_at = clock.now()
    db.session.flush()


def forget_origin(action_ids: Collection[int]) -> None:
    """Let later plans keep the work they took over from actions that are about to go."""
    db.session.execute(
        update(Action)
        .where(Action.carried_from_id.in_(action_ids))
        .values(carried_from_id=None)
        .execution_options(synchronize_session=False)
    )
