"""Verbs of goals: choose milestones, carry earlier actions over, set the aim, remove."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from action_plans import trail
from action_plans.changing import forget_origin, get_goal, lock_plan, touch
from action_plans.errors import ChangedMeanwhile, PlanRefused
from action_plans.gaps import target_of, targets_of
from action_plans.models import Action, ActionPlan, ActionStatus, Goal
from action_plans.plan import MOST_GOALS, UNFINISHED, fingerprint
from action_plans.queries.choices import get_gaps
from assess.queries.heads import get_assessment_head
from core.db import db


def add_goals(*, plan_id: int, milestones: Sequence[str], carried: Sequence[int] = ()) -> None:
    """Add goals and earlier actions to a plan that is not closed.

    Raises NotFound, PlanClosed or PlanRefused.
    """
    choose(lock_plan(plan_id), milestones, carried)


def change_goal(*, plan_id: int, goal_id: int, target_level: int, measure: str, seen: str) -> None:
    """Set where a goal aims and how the team will know. `seen` is the goal's fingerprint.

    Raises NotFound, PlanClosed, PlanRefused or ChangedMeanwhile.
    """
    plan = lock_plan(plan_id)
    goal = get_goal(plan, goal_id)
    if seen != fingerprint(goal.target_level, goal.measure):
        raise ChangedMeanwhile("Somebody else changed this goal while you were writing.")
    milestone = get_assessment_head(plan.assessment_id).instrument.milestone(goal.milestone)
    if target_level not in {step.level for step in targets_of(milestone, goal.from_level)}:
        raise PlanRefused("Choose a level above the one you have now.", field="target_level")
    if goal.target_level != target_level:
        before, after = {"target_level": goal.target_level}, {"target_level": target_level}
        trail.note("goal.changed", plan, part=_part(goal), before=before, after=after)
    goal.target_level, goal.measure = target_level, measure
    touch(plan)


def remove_goal(*, plan_id: int, goal_id: int) -> None:
    """Take a goal and its actions out of the plan. Raises NotFound or PlanClosed."""
    plan = lock_plan(plan_id)
    goal = get_goal(plan, goal_id)
    ids = db.session.scalars(select(Action.id).where(Action.goal_id == goal_id)).all()
    forget_origin(ids)
    gone = {"milestone": goal.milestone, "actions": len(ids)}
    trail.note("goal.removed", plan, part=_part(goal), before=gone)
    db.session.delete(goal)
    touch(plan)


def choose(plan: ActionPlan, milestones: Sequence[str], carried: Sequence[int]) -> None:
    """Make goals of milestones, and copy earlier actions under theirs. Raises PlanRefused."""
    goals = {
        goal.milestone: goal
        for goal in db.session.scalars(select(Goal).where(Goal.plan_id == plan.id))
    }
    earlier = _earlier_actions(plan, carried)
    wanted = dict.fromkeys([*milestones, *(goal.milestone for _, goal in earlier)])
    new = [key for key in wanted if key not in goals]
    if not new and not earlier:
        raise PlanRefused("Choose at least one milestone to work on.", field="milestones")
    if len(goals) + len(new) > MOST_GOALS:
        raise PlanRefused(_too_many(len(goals), len(new), len(milestones)), field="milestones")
    gaps = {gap.key: gap for gap in get_gaps(get_assessment_head(plan.assessment_id))}
    for key in new:
        if key not in gaps:
            raise PlanRefused("Choose milestones from this page.", field="milestones")
        goals[key] = Goal(
            organization_id=plan.organization_id,
            clinic_id=plan.clinic_id,
            plan_id=plan.id,
            position=len(goals) + 1,
            milestone=key,
            from_level=gaps[key].value,
            target_level=target_of(gaps[key]),
        )
        db.session.add(goals[key])
    db.session.flush()
    trail.note("goals.added", plan, after={"milestones": new, "carried_actions": len(earlier)})
    for position, (action, goal) in enumerate(earlier, start=1):
        db.session.add(_carry(action, goals[goal.milestone], position))
    touch(plan)


def _part(goal: Goal) -> str:
    return f"goal {goal.id} of "


def _too_many(present: int, new: int, chosen: int) -> str:
    if present:
        return (
            f"A plan has at most {MOST_GOALS} goals. This one has {present}, "
            f"so there is room for {MOST_GOALS - present} more."
        )
    if new > chosen:
        return (
            f"Choose at most {MOST_GOALS} milestones. With the actions you carry over "
            f"there would be {new}."
        )
    return f"Choose at most {MOST_GOALS} milestones. You chose {new}."


def _earlier_actions(plan: ActionPlan, carried: Sequence[int]) -> list[tuple[Action, Goal]]:
    """Unfinished actions of earlier plans of the same clinic that are not in this plan yet."""
    taken = select(Action.carried_from_id).join(Goal, Goal.id == Action.goal_id).where(
        Goal.plan_id == plan.id, Action.carried_from_id.is_not(None)
    )  # fmt: skip
    rows = db.session.execute(
        select(Action, Goal)
        .join(Goal, Goal.id == Action.goal_id)
        .join(ActionPlan, ActionPlan.id == Goal.plan_id)
        .where(
            Action.id.in_(carried),
            Action.status.in_(UNFINISHED),
            Action.id.not_in(taken),
            ActionPlan.clinic_id == plan.clinic_id,
            ActionPlan.quarter < plan.quarter,
        )
        .order_by(Goal.position, Action.position, Action.id)
    ).all()
    if len(rows) != len(set(carried)):
        raise PlanRefused(
            "Some of the actions to carry over are finished or here already. Choose again.",
            field="carried",
        )
    return [(row.Action, row.Goal) for row in rows]


def _carry(action: Action, goal: Goal, position: int) -> Action:
    return Action(
        organization_id=goal.organization_id,
        clinic_id=goal.clinic_id,
        goal_id=goal.id,
        position=1000 + position,  # after the actions that are there
        task=action.task,
        owner=action.owner,
        due_on=None,
        status=ActionStatus(action.status),
        tip=action.tip,
        obstacle=action.obstacle,
        obstacle_note=action.obstacle_note,
        carried_from_id=action.id,
    )
