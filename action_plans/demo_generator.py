"""Draws believable action plans for the demonstration, without a database or a clock.

About four actions a goal, seven to ten a plan. Where a goal was met most of its actions were done;
what was not finished is carried into the next plan when the team tries the same goal again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from action_plans.models import ActionStatus, PlanState
from assess.demo.generator import DrawnGoal
from assess.quarters import Quarter
from questionnaires.instrument import Block, Instrument, Milestone

LONGEST_TASK = 16  # words; longer tips explain more than they ask for
OWNERS = (
    "Clinical champion", "Medical assistant lead", "Care coordinator", "Clinic manager",
    "Nurse lead", "Front desk lead", "Alex (fictional)", "Kai (fictional)", "Harper (fictional)",
)  # fmt: skip
TASKS = (
    "Check ten charts and write down what is missing.",
    "Show the team the change at the staff meeting.",
    "Ask two colleagues to try it for two weeks and say what got in the way.",
    "Write the new step on one page and post it where the work happens.",
    "Report to the improvement team what worked and what did not.",
)
MEASURES = (
    "Ten charts checked at the end of the quarter; eight or more are complete.",
    "Two people from different roles can show it without help.",
    "The team agrees on this level at the next assessment.",
    "A count at the end of each month, shared at the staff meeting.",
)
REFLECTIONS = (
    "Small tests with one care team worked better than telling everyone at once.",
    "We lost three weeks to vacations. Next time we plan around them.",
    "Giving each step to a role instead of a person kept it going.",
    "The record system took longer than we thought; the paper list helped meanwhile.",
)
_NOT_TASKS = ("Or", "Step", "Another", "A", "If", "Do", "Expect", "Then", "People", "This", "That")
_DONE, _UNDER_WAY = ActionStatus.DONE, ActionStatus.UNDER_WAY
_NOT_STARTED, _STOPPED = ActionStatus.NOT_STARTED, ActionStatus.STOPPED
_STATUSES = (_DONE, _UNDER_WAY, _NOT_STARTED, _STOPPED)
# chances of done, under way, not started, stopped
_MET, _UNMET = (0.85, 0.06, 0.04, 0.05), (0.42, 0.28, 0.2, 0.1)
_RUNNING, _FRESH = (0.5, 0.32, 0.18, 0.0), (0.06, 0.3, 0.64, 0.0)


@dataclass(slots=True, eq=False)
class DrawnAction:
    """One action; `carried_from` is the very action of the plan before that it goes on with."""

    task: str
    tip: str
    owner: str
    due_on: date
    status: ActionStatus
    obstacle: str
    carried_from: DrawnAction | None = None


@dataclass(frozen=True, slots=True)
class DrawnPlan:
    """One plan: for each goal, in order, its measure and its actions."""

    state: PlanState
    reflection: str
    measures: tuple[str, ...]
    actions: tuple[tuple[DrawnAction, ...], ...] = field(repr=False)

    def unfinished(self, goals: Sequence[DrawnGoal]) -> Mapping[str, list[DrawnAction]]:
        """What was not finished, by milestone."""
        return {
            goal.milestone: [one for one in actions if one.status in (_UNDER_WAY, _NOT_STARTED)]
            for goal, actions in zip(goals, self.actions, strict=True)
        }


def draw_plan(
    instrument: Instrument,
    goals: Sequence[DrawnGoal],
    state: PlanState,
    *,
    is_newest: bool,
    met_on: date,
    left_over: Mapping[str, list[DrawnAction]],
    random: np.random.Generator,
) -> DrawnPlan:
    """A plan made on `met_on` for these goals; `left_over` are unfinished actions by milestone."""
    return DrawnPlan(
        state=state,
        reflection=_pick(REFLECTIONS, random) if state is PlanState.CLOSED else "",
        measures=tuple(_pick(MEASURES, random) for _ in goals),
        actions=tuple(
            _actions(
                instrument.block_of(goal.milestone),
                instrument.milestone(goal.milestone),
                _chances(goal, state, is_newest),
                met_on,
                left_over.get(goal.milestone, [])[:2] if goal.continued else [],
                random,
            )
            for goal in goals
        ),
    )


def _chances(goal: DrawnGoal, state: PlanState, is_newest: bool) -> tuple[float, ...]:
    if state is PlanState.DRAFT:
        return (0.0, 0.0, 1.0, 0.0)
    if state is PlanState.ACTIVE:
        return _FRESH if is_newest else _RUNNING
    return _MET if goal.met else _UNMET


def _actions(
    block: Block,
    milestone: Milestone,
    chances: tuple[float, ...],
    met_on: date,
    left_over: Sequence[DrawnAction],
    random: np.random.Generator,
) -> tuple[DrawnAction, ...]:
    count = int(random.integers(3, 6))
    known = {action.task for action in left_over}
    tips = [tip for tip in milestone.tips if _is_task(tip) and tip not in known]
    own = [task for task in TASKS if task not in known]
    new = count - len(left_over)
    fresh = _some(tips, min(new, len(tips), 3), random)
    tasks = [(tip, tip) for tip in fresh]
    tasks += [(task, "") for task in _some(own, new - len(fresh), random)]
    drawn = [
        DrawnAction(task, tip, "", met_on, _NOT_STARTED, _obstacle(block, random))
        for task, tip in tasks
    ]
    again = [
        DrawnAction(one.task, one.tip, "", met_on, _NOT_STARTED, one.obstacle, carried_from=one)
        for one in left_over
    ]
    last_day = max(Quarter.of(met_on).last_day, met_on + timedelta(days=14))
    days = sorted(int(day) for day in random.integers(14, 85, count))
    for action, day in zip((*again, *drawn), days, strict=True):
        action.due_on = _workday(min(met_on + timedelta(days=day), last_day))
        action.status = _STATUSES[int(random.choice(len(_STATUSES), p=chances))]
        action.owner = action.carried_from.owner if action.carried_from else _pick(OWNERS, random)
    return (*again, *drawn)


def _is_task(tip: str) -> bool:
    words = tip.split()
    return len(words) <= LONGEST_TASK and words[0].rstrip(":,") not in _NOT_TASKS


def _obstacle(block: Block, random: np.random.Generator) -> str:
    if not block.challenges or random.random() >= 0.25:
        return ""
    return block.challenges[int(random.integers(len(block.challenges)))].key


def _workday(day: date) -> date:
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _pick(texts: Sequence[str], random: np.random.Generator) -> str:
    return texts[int(random.integers(len(texts)))]


def _some(texts: Sequence[str], count: int, random: np.random.Generator) -> list[str]:
    if count <= 0:
        return []
    return [texts[int(at)] for at in random.choice(len(texts), count, replace=False)]
