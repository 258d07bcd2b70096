"""The plan page and its forms: what comes back, who may, and that nobody overwrites anybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from action_plans import tasks
from action_plans.models import ActionStatus, ActionUpdate, PlanState
from action_plans.plan import PlanView
from core.db import db
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.action_plans.conftest import INSTRUMENT, LOW, Situation, content
from tests.pages import CheckingClient

Browser = Callable[[int], CheckingClient]
ReadPlan = Callable[[int], PlanView]


@pytest.fixture
def lead(cast: Cast, signed_in: Browser) -> CheckingClient:
    return signed_in(cast.lead)


@pytest.mark.parametrize(
    ("who", "sees", "edits", "moves"),
    [
        ("lead", 200, 200, 303),
        ("coach", 200, 200, 303),
        ("administrator", 200, 200, 303),
        ("member", 200, 403, 303),
        ("member_of_other_clinic", 404, 403, 404),
        ("researcher", 403, 403, 403),
        ("stranger", 403, 403, 403),
    ],
)
def test_who_may(
    cast: Cast,
    situation: Situation,
    signed_in: Browser,
    who: str,
    sees: int,
    edits: int,
    moves: int,
) -> None:
    browser = signed_in(cast.people[who])
    path = f"/plans/{situation.plan}"
    for page in (path, f"{path}/print", f"{path}/plan.pdf"):
        assert browser.get(page).status_code == sees, page
    for page in (
        f"{path}/meeting",
        f"{path}/goals",
        f"{path}/goals/{situation.goal}",
        f"{path}/goals/{situation.goal}/remove",
        f"{path}/goals/{situation.goal}/actions/new",
        f"{path}/actions/{situation.action}",
        f"{path}/actions/{situation.action}/remove",
        f"{path}/close",
    ):
        assert browser.get(page).status_code == edits, page
        if edits != 200 and not page.endswith("/close"):
            assert browser.send(page, {}).status_code == edits, page
    answer = browser.send(
        f"{path}/actions/{situation.action}/status", {"status": "done", "seen": "not_started"}
    )
    assert answer.status_code == moves


def test_a_member_sees_no_buttons_that_would_be_refused(
    cast: Cast, situation: Situation, signed_in: Browser
) -> None:
    page = signed_in(cast.member).get(f"/plans/{situation.plan}").text
    assert "Add an action" not in page
    assert "Remove" not in page
    assert "Update<" in page


def test_the_plan_page_shows_the_goal_and_takes_few_statements(
    lead: CheckingClient, situation: Situation, count_statements: CountStatements
) -> None:
    lead.get(f"/plans/{situation.plan}")
    with count_statements() as seen:
        page = lead.get(f"/plans/{situation.plan}").text
    assert len(seen) <= 7
    milestone = INSTRUMENT.milestone(LOW)
    assert milestone.levels[2].replace("'", "&#39;") in page
    assert "Make a list" in page
    assert "Robin" in page


def test_a_plan_that_does_not_exist(lead: CheckingClient) -> None:
    assert lead.get("/plans/999").status_code == 404


def test_a_goal_of_another_plan_is_not_found(lead: CheckingClient, situation: Situation) -> None:
    assert lead.get(f"/plans/{situation.plan}/goals/999").status_code == 404
    assert lead.get(f"/plans/{situation.plan}/actions/999").status_code == 404
    assert lead.send(f"/plans/{situation.plan}/actions/999/remove").status_code == 404


def meeting(browser: CheckingClient, plan: PlanView, **fields: str) -> tuple[int, str]:
    answer = browser.send(f"/plans/{plan.id}/meeting", {"seen": plan.seen, **fields})
    return answer.status_code, answer.text


def test_the_meeting_is_kept(
    lead: CheckingClient, situation: Situation, read_plan: ReadPlan
) -> None:
    status, _ = meeting(
        lead,
        read_plan(situation.plan),
        meeting_on="2026-10-14",
        participants="  A. Lindqvist\r\nM. Okafor\x00 ",
        next_meeting_on="1/13/2027",
    )
    plan = read_plan(situation.plan)
    assert status == 303
    assert plan.meeting_on == date(2026, 10, 14)
    assert plan.participants == "A. Lindqvist\nM. Okafor"
    assert plan.next_meeting_on == date(2027, 1, 13)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"meeting_on": "soon"}, "Day you met: enter it as month/day/year, like 12/31/2026."),
        ({"meeting_on": "0001-01-01"}, "Check the year"),
        (
            {"meeting_on": "2026-10-14", "next_meeting_on": "2026-10-01"},
            "Choose a next meeting that is after the day you met.",
        ),
        ({"participants": "x" * 1001}, "Who met is 1 character too long."),
    ],
)
def test_a_wrong_meeting_names_the_field_and_keeps_what_was_typed(
    lead: CheckingClient,
    situation: Situation,
    read_plan: ReadPlan,
    fields: dict[str, str],
    words: str,
) -> None:
    status, page = meeting(lead, read_plan(situation.plan), **fields)
    assert status == 422
    assert page.count(words) == 2  # in the summary and at the field
    assert all(value in page for value in fields.values())
    assert read_plan(situation.plan).revision == 3


def test_two_people_with_the_same_meeting_form(
    lead: CheckingClient,
    cast: Cast,
    situation: Situation,
    signed_in: Browser,
    read_plan: ReadPlan,
) -> None:
    before = read_plan(situation.plan)
    assert meeting(signed_in(cast.coach), before, participants="The coach's list")[0] == 303
    status, page = meeting(lead, before, participants="The lead's list")
    assert status == 409
    assert "The coach&#39;s list" in page
    assert "The lead&#39;s list" in page
    assert read_plan(situation.plan).participants == "The coach's list"
    # the page that came back knows what stands now, so that saving again is meant
    assert f'value="{read_plan(situation.plan).seen}"' in page
    assert meeting(lead, read_plan(situation.plan), participants="The lead's list")[0] == 303


def test_a_goal_gets_its_level_and_measure(
    lead: CheckingClient, situation: Situation, read_plan: ReadPlan
) -> None:
    goal = read_plan(situation.plan).goals[0]
    path = f"/plans/{situation.plan}/goals/{goal.id}"
    fields = {"target_level": "3", "measure": "A dated list", "seen": goal.seen}
    assert lead.send(path, fields).status_code == 303
    changed = read_plan(situation.plan).goals[0]
    assert (changed.target_level, changed.measure) == (3, "A dated list")
    answer = lead.send(path, {**fields, "measure": "Mine"})
    assert answer.status_code == 409
    assert "A dated list" in answer.text
    assert "Mine" in answer.text


def test_a_goal_aims_above_where_it_stands(lead: CheckingClient, situation: Situation) -> None:
    page = lead.get(f"/plans/{situation.plan}/goals/{situation.goal}").text
    assert 'id="target-1"' not in page
    answer = lead.send(
        f"/plans/{situation.plan}/goals/{situation.goal}", {"target_level": "1", "measure": "kept"}
    )
    assert answer.status_code == 422
    assert "kept" in answer.text


ACTION = {
    "task": "Ask for a report",
    "owner": "M. Okafor",
    "due_on": "2026-12-11",
    "status": "under_way",
    "tip": "",
    "obstacle": "",
    "obstacle_note": "",
    "revision": "0",
}


def add(browser: CheckingClient, situation: Situation, **fields: str) -> tuple[int, str]:
    answer = browser.send(
        f"/plans/{situation.plan}/goals/{situation.goal}/actions/new", {**ACTION, **fields}
    )
    return answer.status_code, answer.text


def test_an_action_is_added_with_its_obstacle_and_first_move(
    app: Flask, lead: CheckingClient, cast: Cast, situation: Situation, read_plan: ReadPlan
) -> None:
    challenge = read_plan(situation.plan).goals[0].block.challenges[0]
    assert add(lead, situation, obstacle=challenge.key, obstacle_note="Two charts a day")[0] == 303
    action = read_plan(situation.plan).actions[-1]
    assert (action.task, action.owner, action.due_on) == (
        "Ask for a report",
        "M. Okafor",
        date(2026, 12, 11),
    )
    assert (action.status, action.obstacle) == (ActionStatus.UNDER_WAY, challenge.key)
    with app.app_context():
        [update] = db.session.scalars(select(ActionUpdate))
        assert (update.old_status, update.new_status) == ("not_started", "under_way")
        assert update.person_id == cast.lead
    page = lead.get(f"/plans/{situation.plan}").text
    assert challenge.title.replace("'", "&#39;") in page


def test_a_new_action_is_due_within_the_quarter(lead: CheckingClient, situation: Situation) -> None:
    page = lead.get(f"/plans/{situation.plan}/goals/{situation.goal}/actions/new").text
    assert 'name="due_on" type="date" value="2026-' in page.replace("'", '"')


def test_a_tip_alone_is_task_enough(
    lead: CheckingClient, situation: Situation, read_plan: ReadPlan
) -> None:
    tip = INSTRUMENT.milestone(LOW).tips[1]
    assert add(lead, situation, task=" ", tip="2")[0] == 303
    action = read_plan(situation.plan).actions[-1]
    assert (action.task, action.tip) == (tip, tip)


def test_a_link_from_a_tip_fills_the_form(lead: CheckingClient, situation: Situation) -> None:
    path = f"/plans/{situation.plan}/goals/{situation.goal}/actions/new"
    assert (
        INSTRUMENT.milestone(LOW).tips[0].replace("'", "&#39;")
        in (lead.get(f"{path}?tip=1").text.split("</textarea>")[0])
    )
    for nonsense in ("0", "99", "-1", "x", "²"):
        assert lead.get(path, query_string={"tip": nonsense}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"task": ""}, "Enter the task, or choose a tip to use as the task."),
        ({"task": "t" * 501}, "Task is 1 character too long. Shorten it to 500 characters."),
        ({"owner": "o" * 103}, "Owner is 3 characters too long."),
        ({"due_on": "13/45/2026"}, "Due date: enter it as month/day/year"),
    ],
)
def test_a_wrong_action_names_the_field_and_keeps_what_was_typed(
    lead: CheckingClient,
    situation: Situation,
    read_plan: ReadPlan,
    fields: dict[str, str],
    words: str,
) -> None:
    status, page = add(lead, situation, obstacle_note="kept words", **fields)
    assert status == 422
    assert page.count(words) == 2
    assert "kept words" in page
    assert all(value in page for value in fields.values())
    assert len(read_plan(situation.plan).actions) == 1


@pytest.mark.parametrize("fields", [{"status": "x"}, {"tip": "99"}, {"obstacle": "x"}])
def test_a_forged_choice_is_refused(
    lead: CheckingClient, situation: Situation, fields: dict[str, str]
) -> None:
    assert add(lead, situation, **fields)[0] == 422


def test_save_and_add_another_comes_back_to_an_empty_form(
    lead: CheckingClient, situation: Situation
) -> None:
    answer = lead.send(
        f"/plans/{situation.plan}/goals/{situation.goal}/actions/new",
        {**ACTION, "then": "another"},
    )
    assert answer.headers["Location"].endswith("/actions/new")


def test_a_goal_holds_twenty_actions(
    app: Flask, lead: CheckingClient, cast: Cast, situation: Situation
) -> None:
    with app.app_context():
        for number in range(19):
            tasks.add_action(
                plan_id=situation.plan,
                goal_id=situation.goal,
                content=content(f"Task {number}"),
                person_id=cast.lead,
            )
        db.session.commit()
    status, page = add(lead, situation)
    assert status == 422
    assert "A goal has at most 20 actions. Remove one first." in page


def test_two_people_with_the_same_action_form(
    lead: CheckingClient,
    cast: Cast,
    situation: Situation,
    signed_in: Browser,
    read_plan: ReadPlan,
) -> None:
    path = f"/plans/{situation.plan}/actions/{situation.action}"
    mine = {**ACTION, "task": "Mine", "revision": "1"}
    assert signed_in(cast.coach).send(path, {**mine, "task": "Theirs"}).status_code == 303
    answer = lead.send(path, mine)
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text
    assert read_plan(situation.plan).actions[0].task == "Theirs"
    assert 'name="revision" type="hidden" value="2"' in answer.text
    assert lead.send(path, {**mine, "revision": "2"}).status_code == 303
    assert read_plan(situation.plan).actions[0].task == "Mine"


def test_a_member_moves_an_action_and_history_is_kept(
    app: Flask, cast: Cast, situation: Situation, signed_in: Browser, read_plan: ReadPlan
) -> None:
    browser = signed_in(cast.member)
    path = f"/plans/{situation.plan}/actions/{situation.action}/status"
    answer = browser.send(path, {"status": "done", "seen": "not_started", "note": "All six"})
    assert answer.status_code == 303
    assert "Saved" in browser.get(answer.headers["Location"]).text
    assert read_plan(situation.plan).actions[0].status is ActionStatus.DONE
    with app.app_context():
        [update] = db.session.scalars(select(ActionUpdate))
        assert (update.person_id, update.note) == (cast.member, "All six")


def test_a_move_from_an_old_page_is_not_taken(
    cast: Cast, situation: Situation, signed_in: Browser, read_plan: ReadPlan
) -> None:
    path = f"/plans/{situation.plan}/actions/{situation.action}/status"
    signed_in(cast.lead).send(path, {"status": "stopped", "seen": "not_started"})
    answer = signed_in(cast.member).send(path, {"status": "done", "seen": "not_started"})
    assert answer.status_code == 409
    assert "It is now “Stopped”" in answer.text
    assert read_plan(situation.plan).actions[0].status is ActionStatus.STOPPED
    assert signed_in(cast.member).send(path, {"status": "x", "seen": "done"}).status_code == 422


def test_removing_asks_once_and_names_the_thing(
    lead: CheckingClient, situation: Situation, read_plan: ReadPlan
) -> None:
    path = f"/plans/{situation.plan}/actions/{situation.action}/remove"
    assert "“Make a list”" in lead.get(path).text
    assert read_plan(situation.plan).actions
    assert lead.send(path).status_code == 303
    assert not read_plan(situation.plan).actions
    path = f"/plans/{situation.plan}/goals/{situation.goal}/remove"
    assert "The goal goes for good" in lead.get(path).text
    assert lead.send(path).status_code == 303
    page = lead.get(f"/plans/{situation.plan}").text
    assert "No goals yet" in page
    assert "Start this plan" not in page


def test_removing_a_goal_with_history_and_carried_work(
    app: Flask, lead: CheckingClient, cast: Cast, situation: Situation, read_plan: ReadPlan
) -> None:
    from tests.integration.action_plans.conftest import reveal

    lead.send(
        f"/plans/{situation.plan}/actions/{situation.action}/status",
        {"status": "under_way", "seen": "not_started"},
    )
    with app.app_context():
        later = reveal(cast, "2027Q1")
    answer = lead.send(f"/assessments/{later}/plan", {"carried": [situation.action]})
    assert answer.status_code == 303
    assert lead.send(f"/plans/{situation.plan}/goals/{situation.goal}/remove").status_code == 303
    later_plan = read_plan(int(answer.headers["Location"].rsplit("/", 1)[1]))
    assert later_plan.actions[0].task == "Make a list"
    assert later_plan.actions[0].carried_from == ""


def test_a_plan_starts_when_every_goal_has_an_action(
    lead: CheckingClient, situation: Situation, read_plan: ReadPlan
) -> None:
    path = f"/plans/{situation.plan}"
    lead.send(f"{path}/actions/{situation.action}/remove")
    answer = lead.send(f"{path}/start")
    assert answer.status_code == 422
    assert "Add at least one action to this goal" in answer.text
    assert f'href="#goal-{situation.goal}"' in answer.text
    add(lead, situation)
    answer = lead.send(f"{path}/start")
    assert "The plan has started" in lead.get(answer.headers["Location"]).text
    assert read_plan(situation.plan).state is PlanState.ACTIVE


def test_a_closed_plan_is_a_record(
    lead: CheckingClient, situation: Situation, read_plan: ReadPlan
) -> None:
    path = f"/plans/{situation.plan}"
    lead.send(f"{path}/start")
    assert "1 of 1 actions is not finished" in lead.get(f"{path}/close").text.replace(
        "<strong>", ""
    )
    answer = lead.send(f"{path}/close", {"reflection": "x" * 4001})
    assert answer.status_code == 422
    assert "x" * 4001 in answer.text
    assert lead.send(f"{path}/close", {"reflection": "Stories helped."}).status_code == 303
    page = lead.get(path).text
    assert "Stories helped." in page
    assert "Update<" not in page
    assert "Add an action" not in page
    for address in (f"{path}/meeting", f"{path}/goals", f"{path}/close"):
        assert lead.get(address).status_code == 409
    answer = lead.send(
        f"{path}/actions/{situation.action}/status", {"status": "done", "seen": "not_started"}
    )
    assert answer.status_code == 409
    assert read_plan(situation.plan).actions[0].status is ActionStatus.NOT_STARTED


def test_what_people_write_is_text(lead: CheckingClient, situation: Situation) -> None:
    add(lead, situation, task="<script>alert(1)</script>", owner='"><img src=x>')
    page = lead.get(f"/plans/{situation.plan}").text
    assert "<script>alert" not in page
    assert "<img" not in page
