"""Loads the whole demonstration: people, ratings, scores, and here the action plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert

from accounts import demo as people
from accounts import demo_invitations
from action_plans.demo_generator import DrawnAction, DrawnPlan, draw_plan
from action_plans.models import Action, ActionPlan, ActionStatus, ActionUpdate, Goal, PlanState
from assess.demo import writing as assessments
from assess.demo.generator import SEED, WAVES, Stage, goals_met
from assess.demo.ratings import LoadedAssessment
from assess.trends.anova import RepeatedMeasures
from core import clock
from core.db import db
from questionnaires import catalog

_BETWEEN_MEETINGS = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded, for the one who asked for it."""

    counts: Mapping[str, int]
    goals_met: Mapping[bool, int]
    trend: RepeatedMeasures


def load(*, secret: str | bytes) -> Loaded | None:
    """Write the demonstration program, or return None when it is there already; flushes only.

    `secret` signs the code of the open assessment's join link.
    """
    if people.is_loaded():
        return None
    clinics = people.load_people(baseline_quarter=str(assessments.first_quarter()))
    loaded = assessments.load_assessments(clinics)
    actions = _load_plans(loaded)
    demo_invitations.load_invitations(clinics[0])
    assessments.let_staff_join(loaded, secret=secret)
    return Loaded(
        counts={
            "clinics": len(clinics),
            "people": sum(len(clinic.raters) for clinic in clinics) + 3,
            "assessments": len(loaded),
            "ratings": sum(len(one.drawn.ratings) for one in loaded),
            "plans": sum(bool(one.drawn.goals) for one in loaded),
            "actions": actions,
        },
        goals_met=goals_met([one.drawn for one in loaded]),
        trend=assessments.overall_trend(loaded),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    one: LoadedAssessment
    drawn: DrawnPlan


def _load_plans(loaded: Sequence[LoadedAssessment]) -> int:
    """Write all plans; the number of actions."""
    plans = list(_draw_plans(loaded))
    plan_ids = people.insert_rows(ActionPlan, [_plan_row(plan) for plan in plans])
    goals = [
        plan.one.clinic.owner
        | {
            "plan_id": plan_id,
            "position": position,
            "milestone": goal.milestone,
            "from_level": float(goal.from_level),
            "target_level": goal.target,
            "measure": measure,
        }
        for plan_id, plan in zip(plan_ids, plans, strict=True)
        for position, (goal, measure) in enumerate(
            zip(plan.one.drawn.goals, plan.drawn.measures, strict=True), start=1
        )
    ]
    goal_ids = iter(people.insert_rows(Goal, goals))
    return _write_actions([(plan, [next(goal_ids) for _ in plan.drawn.actions]) for plan in plans])


def _draw_plans(loaded: Sequence[LoadedAssessment]) -> Iterator[_Plan]:
    instrument = catalog.get(assessments.QUESTIONNAIRE)
    random = np.random.default_rng([SEED, WAVES, 1])
    newest = {one.clinic.clinic_id: one.drawn.stage for one in loaded}  # the last one counts
    left_over: dict[int, Mapping[str, list[DrawnAction]]] = {}
    for one in loaded:
        if not one.drawn.goals:
            continue
        clinic = one.clinic.clinic_id
        drawn = draw_plan(
            instrument,
            one.drawn.goals,
            _state(one, newest[clinic]),
            is_newest=one.drawn.stage is Stage.PLANNED,
            met_on=one.moments.planned.date(),
            left_over=left_over.get(clinic, {}),
            random=random,
        )
        left_over[clinic] = drawn.unfinished(one.drawn.goals)
        yield _Plan(one, drawn)


def _state(one: LoadedAssessment, newest: Stage) -> PlanState:
    """A plan runs until the clinic has made the next one."""
    if one.drawn.stage is Stage.DRAFTED:
        return PlanState.DRAFT
    if one.drawn.stage is Stage.PLANNED:
        return PlanState.ACTIVE
    is_last = one.drawn.wave == WAVES - 2 and newest < Stage.DRAFTED
    return PlanState.ACTIVE if is_last else PlanState.CLOSED


def _plan_row(plan: _Plan) -> dict[str, Any]:
    one, moment = plan.one, plan.one.moments.planned
    lead = one.clinic.raters[0]
    others = ", ".join(rater.job_role.lower() for rater in one.clinic.raters[1:4])
    closed = [one.moments.closed] if plan.drawn.state is PlanState.CLOSED else []
    moved = [at for goal in plan.drawn.actions for action in goal for at, _ in _steps(plan, action)]
    return one.clinic.owner | {
        "assessment_id": one.assessment_id,
        "quarter": str(one.quarter),
        "state": plan.drawn.state.value,
        "meeting_on": moment.date(),
        "participants": f"{lead.job_role}, {others}, practice coach",
        "next_meeting_on": moment.date() + _BETWEEN_MEETINGS,
        "reflection": plan.drawn.reflection,
        "created_by": lead.person_id,
        "created_at": moment,
        "updated_at": max([moment, *moved, *closed]),
    }


def _write_actions(plans: Sequence[tuple[_Plan, Sequence[int]]]) -> int:
    """Write the actions wave by wave, because one may carry on an action of the wave before."""
    ids: dict[DrawnAction, int] = {}
    updates: list[dict[str, Any]] = []
    for wave in range(WAVES):
        rows = [row for row in plans if row[0].one.drawn.wave == wave]
        drawn = [
            (plan, goal, position, action)
            for plan, goals in rows
            for goal, actions in zip(goals, plan.drawn.actions, strict=True)
            for position, action in enumerate(actions, start=1)
        ]
        keys = people.insert_rows(
            Action,
            [_action_row(plan, goal, position, one, ids) for plan, goal, position, one in drawn],
        )
        for key, (plan, _, _, action) in zip(keys, drawn, strict=True):
            ids[action] = key
            updates += _update_rows(key, plan, action)
    db.session.execute(insert(ActionUpdate), updates)
    return len(ids)


def _action_row(
    plan: _Plan, goal: int, position: int, action: DrawnAction, ids: Mapping[DrawnAction, int]
) -> dict[str, Any]:
    return plan.one.clinic.owner | {
        "goal_id": goal,
        "position": position,
        "task": action.task,
        "owner": action.owner,
        "due_on": action.due_on,
        "status": action.status.value,
        "tip": action.tip,
        "obstacle": action.obstacle,
        "carried_from_id": ids[action.carried_from] if action.carried_from else None,
    }


def _update_rows(key: int, plan: _Plan, action: DrawnAction) -> Iterator[dict[str, Any]]:
    before = ActionStatus.NOT_STARTED
    for at, status in _steps(plan, action):
        yield plan.one.clinic.owner | {
            "action_id": key,
            "person_id": plan.one.clinic.raters[0].person_id,
            "at": at,
            "old_status": before.value,
            "new_status": status.value,
        }
        before = status


def _steps(plan: _Plan, action: DrawnAction) -> Iterator[tuple[datetime, ActionStatus]]:
    """The steps that led to an action's status, between the plan and its due day or now."""
    path = {
        ActionStatus.NOT_STARTED: (),
        ActionStatus.UNDER_WAY: (ActionStatus.UNDER_WAY,),
        ActionStatus.DONE: (ActionStatus.UNDER_WAY, ActionStatus.DONE),
        ActionStatus.STOPPED: (ActionStatus.STOPPED,),
    }[action.status]
    begun = plan.one.moments.planned
    ended = min(_on_day(action.due_on, begun), clock.now())
    for number, status in enumerate(path, start=1):
        yield begun + (ended - begun) * (number / (len(path) + 1)), status


def _on_day(day: date, like: datetime) -> datetime:
    return like.replace(year=day.year, month=day.month, day=day.day)
