"""A clinic whose ratings are revealed, and a plan it has started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from action_plans import service, tasks
from action_plans.models import ActionStatus
from action_plans.plan import PlanView
from action_plans.queries.plans import get_plan
from action_plans.tasks import ActionContent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast

INSTRUMENT = catalog.get("six_building_blocks")
MILESTONES = INSTRUMENT.milestones
LOW, SECOND, THIRD, FOURTH = (milestone.key for milestone in MILESTONES[5:9])
MET = MILESTONES[0].key
LEVELS = {milestone.key: 3 for milestone in MILESTONES} | {LOW: 1, SECOND: 2, MET: 4}


@dataclass(frozen=True, slots=True)
class Situation:
    """Ids of what the tests start from."""

    assessment: int
    plan: int
    goal: int
    action: int


def content(task: str = "Make a list", **changes: object) -> ActionContent:
    values: dict[str, object] = {
        "owner": "Robin",
        "due_on": None,
        "status": ActionStatus.NOT_STARTED,
        "tip": "",
        "obstacle": "",
        "obstacle_note": "",
        **changes,
    }
    return ActionContent(task=task, **values)  # type: ignore[arg-type]


def reveal(cast: Cast, quarter: str = "2026Q4", levels: dict[str, int] | None = None) -> int:
    assessment = seeding.open_assessment(cast.clinic, quarter)
    seeding.rate_all(assessment, cast.member, levels or LEVELS)
    seeding.reveal(assessment)
    return assessment


def plan_with_one_action(cast: Cast, quarter: str = "2026Q4") -> Situation:
    assessment = reveal(cast, quarter)
    plan_id = service.start_plan(assessment_id=assessment, milestones=[LOW], person_id=cast.lead)
    goal_id = get_plan(plan_id).goals[0].id
    action_id = tasks.add_action(
        plan_id=plan_id, goal_id=goal_id, content=content(), person_id=cast.lead
    )
    db.session.commit()
    return Situation(assessment, plan_id, goal_id, action_id)


@pytest.fixture
def revealed(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return reveal(cast)


@pytest.fixture
def situation(app: Flask, cast: Cast) -> Situation:
    with app.app_context():
        return plan_with_one_action(cast)


@pytest.fixture
def read_plan(app: Flask) -> Callable[[int], PlanView]:
    """read_plan(id) gives the plan as it is stored now."""

    def read(plan_id: int) -> PlanView:
        with app.app_context():
            return get_plan(plan_id)

    return read
