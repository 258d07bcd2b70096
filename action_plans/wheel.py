"""Says where a clinic stands on the wheel (Rate, Agree, Plan, Follow up) and the one next thing.

A rule without a database: facts in, :class:`Wheel` out. The next thing depends on who is looking:
a member rates and follows up, a lead or coach also reveals and plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from action_plans.models import PlanState
from assess.models import State
from assess.quarters import Quarter
from core.days import day

StepState = Literal["done", "current", "next"]
STEPS = (("rate", "Rate"), ("agree", "Agree"), ("plan", "Plan"), ("follow_up", "Follow up"))


@dataclass(frozen=True, slots=True)
class AssessmentFacts:
    """The newest assessment, whether its meeting has begun, and the viewer's own rating.

    `is_told` is whether pages may say how many have finished: not of one or two people.
    """

    id: int
    quarter: Quarter
    state: State
    due_on: date | None
    finished: int
    mine: Literal["none", "started", "finished"]
    meets: bool = False
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The plan of that assessment, with how many of its actions are done and late."""

    id: int
    state: PlanState
    actions: int
    done: int
    late: int
    next_meeting_on: date | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the wheel depends on."""

    clinic_id: int
    quarter: Quarter  # the calendar quarter of today
    assessment: AssessmentFacts | None
    plan: PlanFacts | None
    can_rate: bool
    can_lead: bool


@dataclass(frozen=True, slots=True)
class WheelStep:
    """One of the four steps."""

    key: str
    label: str
    state: StepState
    detail: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """The four steps in order and the next thing to do; without an endpoint there is no button.

    `others` are the rounds of the clinic's other questionnaires that are under way; then each has
    the `title` of its questionnaire. `is_told`: pages may say how many have finished.
    """

    steps: tuple[WheelStep, ...]
    explanation: str
    next_label: str = ""
    next_endpoint: str = ""
    next_values: Mapping[str, int] = field(default_factory=dict)
    assessment_id: int | None = None
    is_told: bool = True
    title: str = ""
    others: tuple[Wheel, ...] = ()


def wheel_for(facts: Facts) -> Wheel:
    """The wheel of one clinic and questionnaire."""
    wheel = _turned(facts)
    if facts.assessment is None:
        return wheel
    return replace(wheel, assessment_id=facts.assessment.id, is_told=facts.assessment.is_told)


def _turned(facts: Facts) -> Wheel:
    assessment, plan = facts.assessment, facts.plan
    if assessment is None:
        return _nothing_yet(facts)
    if assessment.state is State.OPEN:
        return _rating(facts, assessment)
    if assessment.state is State.REVEALED and plan is None:
        return _agreeing(facts, assessment)
    if plan is None or plan.state is PlanState.DRAFT:
        return _planning(facts, assessment, plan)
    if plan.state is PlanState.ACTIVE:
        return _following_up(assessment, plan)
    return _round_done(facts, assessment, plan)


def _nothing_yet(facts: Facts) -> Wheel:
    if facts.can_lead:
        words = "Open the first assessment, and everybody in the clinic can rate."
        return Wheel(_steps(0), words, *_opening(facts))
    words = "No assessment has been opened for this clinic yet. Your lead or coach opens it."
    return Wheel(_steps(0), words)


def _rating(facts: Facts, assessment: AssessmentFacts) -> Wheel:
    finished = f"{_people(assessment.finished)} finished" if assessment.is_told else "Your team is"
    steps = _steps(0, rate=f"{assessment.finished} finished" if assessment.is_told else "")
    label = assessment.quarter.label
    until = f" until {day(assessment.due_on)}" if assessment.due_on else ""
    if facts.can_rate and assessment.mine != "finished":
        begin = "Start" if assessment.mine == "none" else "Continue"
        words = f"Your team is rating {label}{until}. It takes about ten minutes."
        return Wheel(steps, words, f"{begin} rating", "assess.rate", _assessment(assessment))
    if facts.can_lead:
        words = f"{finished} rating {label}. Reveal the results when all have finished."
        return Wheel(
            steps, words, "See how rating is going", "assess.progress", _assessment(assessment)
        )
    words = f"You have finished. {finished} rating {label}; your lead reveals the ratings."
    return Wheel(steps, words, "Check your answers", "assess.check_rating", _assessment(assessment))


def _agreeing(facts: Facts, assessment: AssessmentFacts) -> Wheel:
    label = assessment.quarter.label
    steps = _steps(1, rate=label, agree="Meeting" if assessment.meets else "Ratings revealed")
    if assessment.meets and facts.can_lead:
        words = f"The team’s meeting about {label} has begun."
        return Wheel(
            steps, words, "Go on with the meeting", "assess.agree", _assessment(assessment)
        )
    if assessment.meets:
        words = f"The team’s meeting about {label} has begun."
        return Wheel(
            steps, words, "Follow the meeting", "assess.companion", _assessment(assessment)
        )
    if facts.can_lead:
        words = f"The ratings of {label} are revealed. Talk them over and agree on levels."
        return Wheel(steps, words, "Agree on levels", "assess.agree", _assessment(assessment))
    words = f"The ratings of {label} are revealed. Your team agrees on levels together."
    return Wheel(steps, words, "See the results", "assess.results", _assessment(assessment))


def _planning(facts: Facts, assessment: AssessmentFacts, plan: PlanFacts | None) -> Wheel:
    label = assessment.quarter.label
    agreed = {State.AGREED: "Levels agreed", State.CLOSED: "Closed"}.get(
        assessment.state, "Ratings revealed"
    )
    steps = _steps(2, rate=label, agree=agreed, plan="Draft" if plan else "")
    if plan is not None:
        words = f"The plan of {label} is a draft. It starts when every goal has an action."
        verb = "Finish the plan" if facts.can_lead else "See the plan"
        return Wheel(steps, words, verb, "action_plans.plan", {"plan_id": plan.id})
    if facts.can_lead:
        words = f"The levels of {label} are known. Choose what to work on."
        return Wheel(steps, words, "Write the plan", "action_plans.choose", _assessment(assessment))
    words = f"The results of {label} are here. Your lead writes the plan with the team."
    return Wheel(steps, words, "See the results", "assess.results", _assessment(assessment))


def _following_up(assessment: AssessmentFacts, plan: PlanFacts) -> Wheel:
    done = f"{plan.done} of {plan.actions} actions done"
    late = ""
    if plan.late:
        late = f" {plan.late} {'is' if plan.late == 1 else 'are'} late."
    meeting = (
        f" The next meeting is on {day(plan.next_meeting_on)}." if plan.next_meeting_on else ""
    )
    return Wheel(
        _steps(3, rate=assessment.quarter.label, follow_up=done),
        f"{done}.{late}{meeting}",
        "Update the actions",
        "action_plans.plan",
        {"plan_id": plan.id},
    )


def _round_done(facts: Facts, assessment: AssessmentFacts, plan: PlanFacts) -> Wheel:
    label = assessment.quarter.label
    follow_up = f"{plan.done} of {plan.actions} actions done"
    steps = _steps(4, rate=label, plan="Closed", follow_up=follow_up)
    coming = max(assessment.quarter + 1, facts.quarter)
    words = f"The round of {label} is complete. The next one is {coming.label}."
    if facts.can_lead and coming == facts.quarter:
        return Wheel(steps, words, *_opening(facts))
    return Wheel(steps, words, "See the plan", "action_plans.plan", {"plan_id": plan.id})


def _opening(facts: Facts) -> tuple[str, str, Mapping[str, int]]:
    return "Open an assessment", "assess.open_page", {"clinic_id": facts.clinic_id}


def _steps(current: int, **details: str) -> tuple[WheelStep, ...]:
    return tuple(
        WheelStep(key, label, _state(place, current), details.get(key, ""))
        for place, (key, label) in enumerate(STEPS)
    )


def _state(place: int, current: int) -> StepState:
    if place < current:
        return "done"
    return "current" if place == current else "next"


def _people(count: int) -> str:
    return "1 person has" if count == 1 else f"{count or 'No'} people have"


def _assessment(assessment: AssessmentFacts) -> Mapping[str, int]:
    return {"assessment_id": assessment.id}
