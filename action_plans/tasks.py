"""Verbs of single actions: add, change, move on, remove; each keeps its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from action_plans import trail
from action_plans.changing import forget_origin, get_goal, lock_plan, touch
from action_plans.errors import ChangedMeanwhile, PlanRefused
from action_plans.models import Action, ActionPlan, ActionStatus, ActionUpdate, Goal
from core import clock
from core.db import db
from core.errors import NotFound

MOST_ACTIONS = 20


@dataclass(frozen=True, slots=True)
class ActionContent:
    """What a person writes about an action."""

    task: str
    owner: str
    due_on: date | None
    status: ActionStatus
    tip: str
    obstacle: str
    obstacle_note: str


def add_action(*, plan_id: int, goal_id: int, content: ActionContent, person_id: int | None) -> int:
    """Add an action at the end of a goal; its id. Raises NotFound, PlanClosed, PlanRefused."""
    plan = lock_plan(plan_id)
    goal = get_goal(plan, goal_id)
    count, last = db.session.execute(
        select(func.count(Action.id), func.max(Action.position)).where(Action.goal_id == goal_id)
    ).one()
    if count >= MOST_ACTIONS:
        raise PlanRefused(f"A goal has at most {MOST_ACTIONS} actions. Remove one first.")
    action = Action(
        organization_id=plan.organization_id,
        clinic_id=plan.clinic_id,
        goal_id=goal.id,
        position=(last or 0) + 1,
        task=content.task,
        owner=content.owner,
        due_on=content.due_on,
        status=content.status,
        tip=content.tip,
        obstacle=content.obstacle,
        obstacle_note=content.obstacle_note,
    )
    db.session.add(action)
    db.session.flush()
    if content.status is not ActionStatus.NOT_STARTED:
        _record(action, ActionStatus.NOT_STARTED, "", person_id)
    touch(plan)
    return action.id


def change_action(
    *, plan_id: int, action_id: int, content: ActionContent, revision: int, person_id: int | None
) -> None:
    """Replace what is written about an action, if nobody did so since `revision` was read.

    Raises NotFound, PlanClosed or ChangedMeanwhile.
    """
    plan = lock_plan(plan_id)
    action = _get_action(plan, action_id)
    if action.revision != revision:
        raise ChangedMeanwhile("Somebody else changed this action while you were writing.")
    old = ActionStatus(action.status)
    action.task, action.owner, action.due_on = content.task, content.owner, content.due_on
    action.tip, action.status = content.tip, content.status
    action.obstacle, action.obstacle_note = content.obstacle, content.obstacle_note
    if content.status is not old:
        _record(action, old, "", person_id)
    action.revision += 1
    touch(plan)


def move_action(
    *,
    plan_id: int,
    action_id: int,
    status: ActionStatus,
    seen: ActionStatus,
    note: str = "",
    person_id: int | None,
) -> None:
    """Say where an action stands now; `seen` is the status that the page showed.

    The same status with nothing to remark changes nothing.
    Raises NotFound, PlanClosed or ChangedMeanwhile.
    """
    plan = lock_plan(plan_id)
    action = _get_action(plan, action_id)
    old = ActionStatus(action.status)
    if status is old and not note:
        return
    if old is not seen and status is not old:
        raise ChangedMeanwhile("Somebody else moved this action on while you were looking.")
    action.status = status
    action.revision += 1
    _record(action, old, note, person_id)
    touch(plan)


def remove_action(*, plan_id: int, action_id: int) -> None:
    """Take an action out of the plan. Raises NotFound or PlanClosed."""
    plan = lock_plan(plan_id)
    action = _get_action(plan, action_id)
    forget_origin([action_id])
    gone = {"goal": action.goal_id, "status": action.status}
    trail.note("action.removed", plan, part=f"action {action_id} of ", before=gone)
    db.session.delete(action)
    touch(plan)


def _get_action(plan: ActionPlan, action_id: int) -> Action:
    action = db.session.scalars(
        select(Action)
        .join(Goal, Goal.id == Action.goal_id)
        .where(Action.id == action_id, Goal.plan_id == plan.id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if action is None:
        raise NotFound("This action is no longer part of the plan. Go back to the plan.")
    return action


def _record(action: Action, old: ActionStatus, note: str, person_id: int | None) -> None:
    db.session.add(
        ActionUpdate(
            organization_id=action.organization_id,
            clinic_id=action.clinic_id,
            action_id=action.id,
            person_id=person_id,
            at=clock.now(),
            old_status=old,
            new_status=action.status,
            note=note,
        )
    )
