"""What one action plan is to the pages: frozen values with goals and actions in their order.

No statements are sent from here; the queries fill these values.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.viewer import Scope
from action_plans.gaps import level_words, standing_of, step_of, targets_of
from action_plans.models import ActionStatus, PlanState
from action_plans.rules import Step
from assess.quarters import Quarter
from questionnaires.instrument import Block, Challenge, Instrument, Milestone

MOST_GOALS = 3
USUAL_DAYS = 28  # a new action is due in four weeks unless the team says otherwise
UNFINISHED = (ActionStatus.NOT_STARTED, ActionStatus.UNDER_WAY)


@dataclass(frozen=True, slots=True)
class ActionView:
    """One action; `carried_from` is the quarter label of the plan it came from."""

    id: int
    goal_id: int
    task: str
    owner: str
    due_on: date | None
    status: ActionStatus
    tip: str
    obstacle: str
    obstacle_note: str
    carried_from: str
    revision: int

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    def is_late(self, today: date) -> bool:
        """Whether it is unfinished past its due day."""
        return self.is_unfinished and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class GoalView:
    """One milestone to move, from `from_level` (a value, None: not known) to `target_level`."""

    id: int
    block: Block
    milestone: Milestone
    from_level: float | None
    target_level: int
    measure: str
    actions: tuple[ActionView, ...]

    @property
    def now(self) -> str:
        return level_words(self.milestone, self.from_level)

    @property
    def now_text(self) -> str:
        if self.from_level is None:
            return ""
        return standing_of(self.milestone, self.from_level).description

    @property
    def target(self) -> Step:
        return step_of(self.milestone, self.target_level)

    @property
    def targets(self) -> tuple[Step, ...]:
        return targets_of(self.milestone, self.from_level)

    @property
    def seen(self) -> str:
        """Names what a form was filled from, so that a change in the meantime is noticed."""
        return fingerprint(self.target_level, self.measure)

    def challenge(self, key: str) -> Challenge | None:
        """The block's challenge of this key, if it has one."""
        return next((one for one in self.block.challenges if one.key == key), None)


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan with everything its pages show."""

    id: int
    organization_id: int
    organization_name: str
    is_demo: bool
    clinic_id: int
    clinic_name: str
    assessment_id: int
    quarter: Quarter
    state: PlanState
    meeting_on: date | None
    participants: str
    next_meeting_on: date | None
    reflection: str
    updated_at: datetime
    revision: int
    instrument: Instrument
    goals: tuple[GoalView, ...]

    @property
    def scope(self) -> Scope:
        return Scope(organization_id=self.organization_id, clinic_id=self.clinic_id)

    @property
    def is_closed(self) -> bool:
        return self.state is PlanState.CLOSED

    @property
    def actions(self) -> tuple[ActionView, ...]:
        return tuple(action for goal in self.goals for action in goal.actions)

    @property
    def seen(self) -> str:
        """Names what the meeting form was filled from."""
        return fingerprint(self.meeting_on, self.participants, self.next_meeting_on)

    @property
    def room_for_goals(self) -> int:
        """How many more goals fit."""
        return max(MOST_GOALS - len(self.goals), 0)

    def goal(self, goal_id: int) -> GoalView | None:
        return next((goal for goal in self.goals if goal.id == goal_id), None)

    def action(self, action_id: int) -> ActionView | None:
        return next((action for action in self.actions if action.id == action_id), None)


def fingerprint(*values: object) -> str:
    """A short name for a set of values: equal values, equal name."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def default_due(quarter: Quarter, today: date) -> date:
    """A first suggestion for a due day: in four weeks, and within the plan's quarter if it can."""
    day = max(today, quarter.first_day) + timedelta(days=USUAL_DAYS)
    if today <= quarter.last_day < day:
        return quarter.last_day
    return day
