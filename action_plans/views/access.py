"""Opens a plan, goal or action for a page: it exists, the viewer may, and it can still change."""

from __future__ import annotations

from werkzeug.wrappers import Response

from accounts.guard import permit
from action_plans.errors import PlanClosed
from action_plans.plan import ActionView, GoalView, PlanView
from action_plans.queries.plans import get_plan
from core.errors import NotFound

Page = str | Response | tuple[str, int]


def open_plan(plan_id: int, permission: str) -> PlanView:
    """The plan, if the viewer has the permission on it.

    For any permission but "plan.view" the plan must also be open for changes.
    Raises NotFound, Forbidden or PlanClosed.
    """
    plan = get_plan(plan_id)
    permit(permission, plan.scope)
    if permission != "plan.view" and plan.is_closed:
        raise PlanClosed("This plan is closed and can no longer change. Start the next one.")
    return plan


def goal_of(plan: PlanView, goal_id: int) -> GoalView:
    """A goal of the plan. Raises NotFound."""
    goal = plan.goal(goal_id)
    if goal is None:
        raise NotFound("This goal is no longer part of the plan. Go back to the plan.")
    return goal


def action_of(plan: PlanView, action_id: int) -> tuple[GoalView, ActionView]:
    """An action of the plan and the goal it belongs to. Raises NotFound."""
    action = plan.action(action_id)
    goal = plan.goal(action.goal_id) if action else None
    if action is None or goal is None:
        raise NotFound("This action is no longer part of the plan. Go back to the plan.")
    return goal, action
