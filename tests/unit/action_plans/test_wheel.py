"""Where a clinic stands and the one next thing, for whoever looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from action_plans.models import PlanState
from action_plans.rounds import is_under_way, round_of, together
from action_plans.wheel import (
    AssessmentFacts,
    Facts,
    PlanFacts,
    wheel_for,
)
from assess.models import State
from assess.quarters import Quarter

ASSESSMENT = AssessmentFacts(
    id=7, quarter=Quarter(2026, 4), state=State.OPEN, due_on=None, finished=0, mine="none"
)
PLAN = PlanFacts(
    id=9, state=PlanState.ACTIVE, actions=8, done=3, late=0, next_meeting_on=date(2027, 1, 13)
)
LEAD = Facts(3, Quarter(2026, 4), ASSESSMENT, None, can_rate=True, can_lead=True)
MEMBER = replace(LEAD, can_lead=False)
COACH = replace(LEAD, can_rate=False)


def at(facts: Facts, plan: PlanFacts | None = None, **changes: object) -> Facts:
    return replace(facts, assessment=replace(ASSESSMENT, **changes), plan=plan)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "current", "label", "endpoint"),
    [
        (replace(LEAD, assessment=None), "rate", "Open an assessment", "assess.open_page"),
        (replace(MEMBER, assessment=None), "rate", "", ""),
        (MEMBER, "rate", "Start rating", "assess.rate"),
        (at(MEMBER, mine="started"), "rate", "Continue rating", "assess.rate"),
        (at(MEMBER, mine="finished"), "rate", "Check your answers", "assess.check_rating"),
        (at(LEAD, mine="finished"), "rate", "See how rating is going", "assess.progress"),
        (COACH, "rate", "See how rating is going", "assess.progress"),
        (at(LEAD, state=State.REVEALED), "agree", "Agree on levels", "assess.agree"),
        (at(MEMBER, state=State.REVEALED), "agree", "See the results", "assess.results"),
        (
            at(LEAD, state=State.REVEALED, meets=True),
            "agree",
            "Go on with the meeting",
            "assess.agree",
        ),
        (
            at(MEMBER, state=State.REVEALED, meets=True),
            "agree",
            "Follow the meeting",
            "assess.companion",
        ),
        (at(LEAD, state=State.AGREED), "plan", "Write the plan", "action_plans.choose"),
        (at(COACH, state=State.CLOSED), "plan", "Write the plan", "action_plans.choose"),
        (at(MEMBER, state=State.AGREED), "plan", "See the results", "assess.results"),
        (
            at(LEAD, replace(PLAN, state=PlanState.DRAFT), state=State.REVEALED),
            "plan",
            "Finish the plan",
            "action_plans.plan",
        ),
        (
            at(MEMBER, replace(PLAN, state=PlanState.DRAFT), state=State.AGREED),
            "plan",
            "See the plan",
            "action_plans.plan",
        ),
        (
            at(MEMBER, PLAN, state=State.CLOSED),
            "follow_up",
            "Update the actions",
            "action_plans.plan",
        ),
        (
            at(LEAD, replace(PLAN, state=PlanState.CLOSED), state=State.CLOSED),
            None,
            "See the plan",
            "action_plans.plan",
        ),
    ],
)
def test_the_next_thing(facts: Facts, current: str | None, label: str, endpoint: str) -> None:
    wheel = wheel_for(facts)
    assert (wheel.next_label, wheel.next_endpoint) == (label, endpoint)
    assert [step.label for step in wheel.steps] == ["Rate", "Agree", "Plan", "Follow up"]
    assert [step.key for step in wheel.steps if step.state == "current"] == (
        [current] if current else []
    )
    assert wheel.explanation
    states = [step.state for step in wheel.steps]
    assert states == sorted(states, key=["done", "current", "next"].index)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (PLAN, "3 of 8 actions done. The next meeting is on Jan 13, 2027."),
        (replace(PLAN, late=1, next_meeting_on=None), "3 of 8 actions done. 1 is late."),
        (replace(PLAN, late=2, next_meeting_on=None), "3 of 8 actions done. 2 are late."),
    ],
)
def test_following_up_says_how_far_the_actions_are(plan: PlanFacts, words: str) -> None:
    assert wheel_for(at(MEMBER, plan, state=State.AGREED)).explanation == words


@pytest.mark.parametrize(
    ("finished", "words"), [(0, "No people have"), (1, "1 person has"), (4, "4 people have")]
)
def test_it_counts_people(finished: int, words: str) -> None:
    assert wheel_for(at(COACH, finished=finished)).explanation.startswith(f"{words} finished")


def test_after_a_long_pause_the_next_round_is_the_present_quarter() -> None:
    closed = at(LEAD, replace(PLAN, state=PlanState.CLOSED), state=State.CLOSED)
    assert "The next one is Q1 2027." in wheel_for(closed).explanation
    later = replace(closed, quarter=Quarter(2027, 3))
    assert "The next one is Q3 2027." in wheel_for(later).explanation
    assert wheel_for(later).next_endpoint == "assess.open_page"
    assert wheel_for(replace(later, can_lead=False)).next_endpoint == "action_plans.plan"


def test_a_due_day_is_named() -> None:
    wheel = wheel_for(at(MEMBER, due_on=date(2026, 12, 1)))
    assert "until Dec 1, 2026" in wheel.explanation


def test_what_the_viewer_has_to_rate_stands_first_and_nothing_is_left_out() -> None:
    follow_up = wheel_for(at(MEMBER, PLAN, state=State.AGREED))
    rate = wheel_for(at(MEMBER, id=8))
    done = wheel_for(at(MEMBER, id=9, mine="finished"))
    assert together([follow_up, done, rate]) == replace(rate, others=(follow_up, done))
    assert together([follow_up, done]) == replace(follow_up, others=(done,))
    assert [one.assessment_id for one in (follow_up, rate)] == [7, 8]


def test_a_page_about_one_assessment_shows_its_round_alone() -> None:
    follow_up, rate = wheel_for(at(MEMBER, PLAN, state=State.AGREED)), wheel_for(at(MEMBER, id=8))
    both = together([follow_up, rate])
    assert round_of(both, 7) == follow_up
    assert round_of(both, 8) == both
    assert round_of(both, 6) == both  # an earlier one has no round any more


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (at(LEAD), True),
        (at(LEAD, state=State.REVEALED), True),
        (at(LEAD, state=State.AGREED), False),  # its levels are known; nobody has to plan on it
        (at(LEAD, PLAN, state=State.CLOSED), True),
        (at(LEAD, replace(PLAN, state=PlanState.CLOSED), state=State.CLOSED), False),
        (replace(LEAD, assessment=None), False),
    ],
)
def test_a_second_questionnaire_stands_beside_while_it_is_under_way(
    facts: Facts, expected: bool
) -> None:
    assert is_under_way(facts) is expected


def test_of_one_or_two_people_it_is_not_said_how_many_have_finished() -> None:
    told = wheel_for(at(COACH, finished=1))
    kept = wheel_for(at(COACH, finished=1, is_told=False))
    assert "1 person has finished" in told.explanation
    assert (
        kept.explanation
        == "Your team is rating Q4 2026. Reveal the results when all have finished."
    )
    assert (told.steps[0].detail, kept.steps[0].detail) == ("1 finished", "")
    assert "1 person" not in wheel_for(at(MEMBER, mine="finished", is_told=False)).explanation
