"""Reads one plan with its goals and actions, and finds plans by clinic and assessment."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.models import Clinic, Organization
from action_plans.models import Action, ActionPlan, ActionStatus, Goal, PlanState
from action_plans.plan import ActionView, GoalView, PlanView
from assess.models import Assessment
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from core.db import db
from core.errors import NotFound
from questionnaires.instrument import Instrument


def get_plan(plan_id: int) -> PlanView:
    """The whole plan (three statements, one more at the first use of a questionnaire).

    Raises NotFound; whether the viewer may see it is for the caller to ask, with its scope.
    """
    row = db.session.execute(
        select(
            ActionPlan,
            Clinic.name.label("clinic_name"),
            Organization.name.label("organization_name"),
            Organization.is_demo,
            Assessment.questionnaire_version_id,
        )
        .join(Clinic, Clinic.id == ActionPlan.clinic_id)
        .join(Organization, Organization.id == ActionPlan.organization_id)
        .join(Assessment, Assessment.id == ActionPlan.assessment_id)
        .where(ActionPlan.id == plan_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound("This plan does not exist. Open it from your clinic's page.")
    plan: ActionPlan = row.ActionPlan
    instrument = get_instrument(row.questionnaire_version_id)
    return PlanView(
        id=plan.id,
        organization_id=plan.organization_id,
        organization_name=row.organization_name,
        is_demo=row.is_demo,
        clinic_id=plan.clinic_id,
        clinic_name=row.clinic_name,
        assessment_id=plan.assessment_id,
        quarter=Quarter.parse(plan.quarter),
        state=PlanState(plan.state),
        meeting_on=plan.meeting_on,
        participants=plan.participants,
        next_meeting_on=plan.next_meeting_on,
        reflection=plan.reflection,
        updated_at=plan.updated_at,
        revision=plan.revision,
        instrument=instrument,
        goals=_goals(plan_id, instrument),
    )


def find_plan_of_assessment(assessment_id: int) -> int | None:
    """The id of the plan that belongs to the assessment, if there is one."""
    return db.session.scalar(select(ActionPlan.id).where(ActionPlan.assessment_id == assessment_id))


def find_latest_plan() -> int | None:
    """The id of the plan that was changed last, over all clinics."""
    return db.session.scalar(
        select(ActionPlan.id).order_by(ActionPlan.updated_at.desc(), ActionPlan.id.desc()).limit(1)
    )


def find_previous_plan(clinic_id: int, quarter: Quarter) -> int | None:
    """The id of the clinic's latest plan of an earlier quarter."""
    return db.session.scalar(
        select(ActionPlan.id)
        .where(ActionPlan.clinic_id == clinic_id, ActionPlan.quarter < str(quarter))
        .order_by(ActionPlan.quarter.desc(), ActionPlan.id.desc())
        .limit(1)
    )


def find_carried(plan_id: int) -> frozenset[int]:
    """The ids of earlier actions that have been carried over into this plan."""
    return frozenset(
        db.session.scalars(
            select(Action.carried_from_id)
            .join(Goal, Goal.id == Action.goal_id)
            .where(Goal.plan_id == plan_id, Action.carried_from_id.is_not(None))
        )
    )


def _goals(plan_id: int, instrument: Instrument) -> tuple[GoalView, ...]:
    blocks = {one.key: block for block in instrument.blocks for one in block.milestones}
    actions = _actions(plan_id)
    goals = db.session.scalars(
        select(Goal)
        .where(Goal.plan_id == plan_id)
        .order_by(Goal.position, Goal.id)
        .execution_options(populate_existing=True)
    )
    return tuple(
        GoalView(
            id=goal.id,
            block=blocks[goal.milestone],
            milestone=instrument.milestone(goal.milestone),
            from_level=goal.from_level,
            target_level=goal.target_level,
            measure=goal.measure,
            actions=tuple(actions[goal.id]),
        )
        for goal in goals
        if goal.milestone in blocks
    )


def _actions(plan_id: int) -> dict[int, list[ActionView]]:
    """Actions by goal, each with the quarter of the plan it was carried over from."""
    origin, origin_goal, origin_plan = aliased(Action), aliased(Goal), aliased(ActionPlan)
    rows = db.session.execute(
        select(Action, origin_plan.quarter.label("carried_from"))
        .join(Goal, Goal.id == Action.goal_id)
        .outerjoin(origin, origin.id == Action.carried_from_id)
        .outerjoin(origin_goal, origin_goal.id == origin.goal_id)
        .outerjoin(origin_plan, origin_plan.id == origin_goal.plan_id)
        .where(Goal.plan_id == plan_id)
        .order_by(Action.position, Action.id)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[ActionView]] = defaultdict(list)
    for row in rows:
        found[row.Action.goal_id].append(_action(row))
    return found


def _action(row: Any) -> ActionView:
    action: Action = row.Action
    return ActionView(
        id=action.id,
        goal_id=action.goal_id,
        task=action.task,
        owner=action.owner,
        due_on=action.due_on,
        status=ActionStatus(action.status),
        tip=action.tip,
        obstacle=action.obstacle,
        obstacle_note=action.obstacle_note,
        carried_from=Quarter.parse(row.carried_from).label if row.carried_from else "",
        revision=action.revision,
    )
