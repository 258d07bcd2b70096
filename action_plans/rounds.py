"""Says which rounds of a clinic stand on its wheel when it answers several questionnaires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from action_plans.models import PlanState
from action_plans.wheel import Facts, Wheel
from assess.models import State


def is_under_way(facts: Facts) -> bool:
    """Whether the round of this assessment stands beside that of another questionnaire."""
    assessment, plan = facts.assessment, facts.plan
    if assessment is None or assessment.state in {State.OPEN, State.REVEALED}:
        return assessment is not None
    return plan is not None and plan.state is not PlanState.CLOSED


def together(wheels: Sequence[Wheel]) -> Wheel:
    """The wheels of one clinic as one: first what the viewer has to rate, else the first given."""
    first = next((one for one in wheels if one.next_endpoint == "assess.rate"), wheels[0])
    return replace(first, others=tuple(one for one in wheels if one is not first))


def round_of(wheel: Wheel, assessment_id: int) -> Wheel:
    """The round of this assessment alone when it is one of the wheel's, else the whole wheel."""
    rounds = (wheel, *wheel.others)
    return next((one for one in rounds if one.assessment_id == assessment_id), wheel)
