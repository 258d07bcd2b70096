"""Choosing milestones: who may, what is offered and why, and what cannot be chosen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from action_plans import service
from action_plans.plan import PlanView
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.action_plans.conftest import (
    FOURTH,
    INSTRUMENT,
    LOW,
    MET,
    SECOND,
    THIRD,
    Situation,
    plan_with_one_action,
    reveal,
)
from tests.pages import CheckingClient

Browser = Callable[[int], CheckingClient]
ReadPlan = Callable[[int], PlanView]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("lead", 200),
        ("coach", 200),
        ("administrator", 200),
        ("member", 403),
        ("member_of_other_clinic", 403),
        ("researcher", 403),
        ("stranger", 403),
    ],
)
def test_leads_and_coaches_choose(
    cast: Cast, revealed: int, signed_in: Browser, who: str, status: int
) -> None:
    answer = signed_in(cast.people[who]).get(f"/assessments/{revealed}/plan")
    assert answer.status_code == status


def test_a_lead_of_another_clinic_does_not_learn_that_it_exists(
    app: Flask, cast: Cast, signed_in: Browser
) -> None:
    with app.app_context():
        other = seeding.open_assessment(cast.other_clinic)
    assert signed_in(cast.lead).get(f"/assessments/{other}/plan").status_code == 404


def test_it_suggests_the_lowest_with_reasons_next_level_and_tips(
    cast: Cast, revealed: int, signed_in: Browser
) -> None:
    page = signed_in(cast.lead).get(f"/assessments/{revealed}/plan").text
    lowest = INSTRUMENT.milestone(LOW)
    assert page.index(f'id="m-{LOW}"') < page.index(f'id="m-{SECOND}"')
    assert "Stands at 1.0, the mean of the ratings" in page
    assert "Levels: mean of 1 rating." in page
    assert "Next: 2 Begun." in page
    assert lowest.tips[0].replace("'", "&#39;") in page
    assert f'id="m-{MET}"' in page  # under all other milestones, as met
    assert "(met)" in page


def test_ratings_that_are_still_hidden_give_no_plan(
    app: Flask, cast: Cast, signed_in: Browser
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment, cast.member, 2)
    browser = signed_in(cast.lead)
    answer = browser.get(f"/assessments/{assessment}/plan")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/results")
    for chosen in ([LOW], []):  # an empty choice must not come back with the suggestions either
        answer = browser.send(f"/assessments/{assessment}/plan", {"milestones": chosen})
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith("/results")


def test_chosen_milestones_become_goals(
    cast: Cast, revealed: int, signed_in: Browser, read_plan: ReadPlan
) -> None:
    answer = signed_in(cast.coach).send(
        f"/assessments/{revealed}/plan", {"milestones": [SECOND, LOW]}
    )
    assert answer.status_code == 303
    plan = read_plan(int(answer.headers["Location"].rsplit("/", 1)[1]))
    goals = {goal.milestone.key: goal for goal in plan.goals}
    assert set(goals) == {LOW, SECOND}
    assert (goals[LOW].from_level, goals[LOW].target_level) == (1, 2)
    assert (goals[SECOND].from_level, goals[SECOND].target_level) == (2, 3)
    assert plan.quarter.label == "Q4 2026"


@pytest.mark.parametrize(
    ("milestones", "words"),
    [
        ([], "Choose at least one milestone"),
        ([LOW, SECOND, THIRD, FOURTH], "Choose at most 3 milestones. You chose 4."),
    ],
)
def test_an_impossible_choice_says_why_and_keeps_what_was_ticked(
    cast: Cast, revealed: int, signed_in: Browser, milestones: list[str], words: str
) -> None:
    answer = signed_in(cast.lead).send(f"/assessments/{revealed}/plan", {"milestones": milestones})
    assert answer.status_code == 422
    assert words in answer.text
    assert "<title>Error: " in answer.text
    assert answer.text.count(" checked") == len(milestones)


def test_a_milestone_that_is_not_on_the_page_is_refused(
    cast: Cast, revealed: int, signed_in: Browser
) -> None:
    answer = signed_in(cast.lead).send(
        f"/assessments/{revealed}/plan", {"milestones": ["nonsense"]}
    )
    assert answer.status_code == 422


def test_a_second_plan_for_the_same_assessment_leads_to_the_first(
    cast: Cast, situation: Situation, signed_in: Browser
) -> None:
    browser = signed_in(cast.lead)
    answer = browser.get(f"/assessments/{situation.assessment}/plan")
    assert answer.headers["Location"].endswith(f"/plans/{situation.plan}")
    answer = browser.send(f"/assessments/{situation.assessment}/plan", {"milestones": [SECOND]})
    assert answer.headers["Location"].endswith(f"/plans/{situation.plan}/goals")


def test_more_goals_up_to_three(
    cast: Cast, situation: Situation, signed_in: Browser, read_plan: ReadPlan
) -> None:
    browser = signed_in(cast.lead)
    page = browser.get(f"/plans/{situation.plan}/goals").text
    assert "up to 2 more milestones" in page
    assert f'id="m-{LOW}"' not in page
    path = f"/plans/{situation.plan}/goals"
    answer = browser.send(path, {"milestones": [SECOND, THIRD, FOURTH]})
    assert answer.status_code == 422
    assert "there is room for 2 more" in answer.text
    assert browser.send(path, {"milestones": [SECOND, THIRD]}).status_code == 303
    assert read_plan(situation.plan).goals[0].milestone.key == LOW
    assert "three goals already" in browser.get(path).text


def test_unfinished_actions_of_the_last_plan_can_be_carried_over(
    app: Flask, cast: Cast, signed_in: Browser, read_plan: ReadPlan
) -> None:
    with app.app_context():
        earlier = plan_with_one_action(cast, "2026Q3")
        assessment = reveal(cast, "2026Q4")
    browser = signed_in(cast.lead)
    page = browser.get(f"/assessments/{assessment}/plan").text
    assert "Not finished in Q3 2026" in page
    answer = browser.send(
        f"/assessments/{assessment}/plan", {"milestones": [SECOND], "carried": [earlier.action]}
    )
    plan = read_plan(int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert [goal.milestone.key for goal in plan.goals] == [SECOND, LOW]
    [action] = plan.actions
    assert (action.task, action.owner, action.carried_from) == ("Make a list", "Robin", "Q3 2026")
    assert "Not finished in" not in browser.get(f"/plans/{plan.id}/goals").text


def test_work_of_another_clinic_cannot_be_carried_over(
    app: Flask, cast: Cast, signed_in: Browser
) -> None:
    with app.app_context():
        other = seeding.open_assessment(cast.other_clinic, "2026Q3")
        seeding.reveal(other)
        service.start_plan(assessment_id=other, milestones=[LOW], person_id=None)
        db.session.commit()
        assessment = reveal(cast, "2026Q4")
    answer = signed_in(cast.lead).send(
        f"/assessments/{assessment}/plan", {"milestones": [SECOND], "carried": [1]}
    )
    assert answer.status_code == 422


def test_the_number_of_statements_does_not_grow_with_raters(
    app: Flask, cast: Cast, revealed: int, signed_in: Browser, count_statements: CountStatements
) -> None:
    browser = signed_in(cast.lead)
    browser.get(f"/assessments/{revealed}/plan")
    counts = []
    for rater in (None, cast.second_member):
        if rater:
            with app.app_context():
                seeding.rate_late(revealed, rater, 2)
        with count_statements() as seen:
            browser.get(f"/assessments/{revealed}/plan")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12
