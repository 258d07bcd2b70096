"""Plans of the demonstration: of a usual size, with work that is carried on."""

from __future__ import annotations

from datetime import date
from statistics import mean

import numpy as np
import pytest

from action_plans.demo_generator import DrawnPlan, draw_plan
from action_plans.models import ActionStatus, PlanState
from assess.demo.generator import DrawnGoal
from questionnaires import catalog

INSTRUMENT = catalog.get("six_building_blocks")
MEETING = date(2026, 8, 12)


def goal(key: str, *, met: bool | None = None, continued: bool = False) -> DrawnGoal:
    return DrawnGoal(key, from_level=2, target=3, continued=continued, met=met)


def plan(
    *goals: DrawnGoal,
    state: PlanState = PlanState.CLOSED,
    seed: int = 1,
    before: DrawnPlan | None = None,
) -> DrawnPlan:
    return draw_plan(
        INSTRUMENT,
        goals,
        state,
        is_newest=state is PlanState.ACTIVE,
        met_on=MEETING,
        left_over=before.unfinished(goals) if before else {},
        random=np.random.default_rng(seed),
    )


@pytest.mark.parametrize("milestone", INSTRUMENT.milestones, ids=lambda m: m.key)
def test_every_milestone_gets_actions_that_can_be_done(milestone: object) -> None:
    key = milestone.key  # type: ignore[attr-defined]
    (actions,) = plan(goal(key, met=True)).actions
    assert 3 <= len(actions) <= 5
    assert len({action.task for action in actions}) == len(actions)
    challenges = {challenge.key for challenge in INSTRUMENT.block_of(key).challenges}
    for action in actions:
        assert action.owner
        assert action.tip in ("", *INSTRUMENT.milestone(key).tips)
        assert action.obstacle in {"", *challenges}
        assert action.due_on.weekday() < 5
        assert action.due_on > MEETING


def test_a_plan_of_two_goals_has_seven_to_ten_actions() -> None:
    goals = (goal("patients-identified", met=True), goal("policy-aligned", met=False))
    sizes = [sum(map(len, plan(*goals, seed=seed).actions)) for seed in range(40)]
    assert 7 <= mean(sizes) <= 10


def test_more_is_done_where_the_goal_was_met() -> None:
    def done(*, met: bool) -> float:
        drawn = [plan(goal("policy-aligned", met=met), seed=seed) for seed in range(60)]
        actions = [action for one in drawn for group in one.actions for action in group]
        return mean(action.status is ActionStatus.DONE for action in actions)

    assert done(met=True) > 0.75
    assert done(met=False) < 0.55


def test_unfinished_actions_are_carried_on_with_their_owner() -> None:
    first = plan(goal("policy-aligned", met=False), seed=4)
    open_before = first.unfinished([goal("policy-aligned")])["policy-aligned"]
    assert open_before
    again = plan(goal("policy-aligned", continued=True), seed=5, before=first)
    carried = [action for action in again.actions[0] if action.carried_from]
    assert [action.carried_from for action in carried] == open_before[:2]
    assert [action.owner for action in carried] == [one.owner for one in open_before[:2]]
    fresh = plan(goal("policy-aligned"), seed=5, before=first)
    assert not any(action.carried_from for action in fresh.actions[0])


def test_a_draft_has_not_begun_and_only_a_closed_plan_looks_back() -> None:
    draft = plan(goal("policy-aligned"), state=PlanState.DRAFT)
    assert {action.status for action in draft.actions[0]} == {ActionStatus.NOT_STARTED}
    assert draft.reflection == ""
    assert plan(goal("policy-aligned", met=True)).reflection
