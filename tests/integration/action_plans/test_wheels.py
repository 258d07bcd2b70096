"""The wheel of a clinic follows what its people do, in two statements for any number of clinics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask

from accounts.models import Role
from accounts.viewer import HeldGrant, Viewer
from action_plans import service
from action_plans.queries.wheels import wheels_of
from action_plans.wheel import Wheel
from assess.meeting.state import start
from core import clock
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.action_plans.conftest import plan_with_one_action
from tests.pages import CheckingClient

FIRST = catalog.get("six_building_blocks").milestones[0].key
NOVEMBER = datetime(2026, 11, 22, tzinfo=UTC)


def viewer(person_id: int, role: Role, clinic_id: int, organization_id: int) -> Viewer:
    grant = HeldGrant(role, organization_id, clinic_id)
    return Viewer(person_id, "Somebody", "somebody@example.org", (grant,))


def test_the_wheel_turns(app: Flask, cast: Cast) -> None:
    member = viewer(cast.member, Role.MEMBER, cast.clinic, cast.organization)
    lead = viewer(cast.lead, Role.LEAD, cast.clinic, cast.organization)

    def wheel(person: Viewer) -> Wheel:
        db.session.expire_all()
        return wheels_of([cast.clinic], viewer=person)[cast.clinic]

    with app.app_context(), clock.frozen_at(NOVEMBER):
        assert "No assessment" in wheel(member).explanation
        assessment = seeding.open_assessment(cast.clinic, "2026Q4")
        assert wheel(member).next_label == "Start rating"
        rating = seeding.start_rating(assessment, cast.member)
        assert wheel(member).next_label == "Continue rating"
        assert wheel(lead).next_label == "Start rating"
        seeding.rate(rating, {FIRST: 2})
        seeding.finish(rating)
        assert wheel(member).next_endpoint == "assess.check_rating"
        assert wheel(member).steps[0].detail == "1 finished"
        seeding.reveal(assessment)
        assert wheel(lead).next_endpoint == "assess.agree"
        assert wheel(member).next_endpoint == "assess.results"
        start(assessment_id=assessment, person_id=None)
        assert wheel(member).next_endpoint == "assess.companion"


def test_a_plan_is_followed_until_it_closes(app: Flask, cast: Cast) -> None:
    lead = viewer(cast.lead, Role.LEAD, cast.clinic, cast.organization)

    def wheel() -> Wheel:
        return wheels_of([cast.clinic], viewer=lead)[cast.clinic]

    with app.app_context(), clock.frozen_at(NOVEMBER):
        situation = plan_with_one_action(cast)
        assert wheel().next_label == "Finish the plan"
        service.activate_plan(plan_id=situation.plan)
        assert wheel().steps[3].detail == "0 of 1 actions done"
        assert wheel().next_values == {"plan_id": situation.plan}
        service.close_plan(plan_id=situation.plan, reflection="")
        assert {step.state for step in wheel().steps} == {"done"}
        assert "The next one is Q1 2027." in wheel().explanation


def test_an_open_rating_of_another_questionnaire_is_not_hidden(
    app: Flask, cast: Cast, signed_in: Callable[[int], CheckingClient]
) -> None:
    with app.app_context(), clock.frozen_at(NOVEMBER):
        situation = plan_with_one_action(cast, "2026Q4")
        service.activate_plan(plan_id=situation.plan)
        db.session.commit()
        rubric = seeding.open_assessment(cast.clinic, "2026Q3", "six_building_blocks_maturity")
        member = viewer(cast.member, Role.MEMBER, cast.clinic, cast.organization)
        lead = replace(member, grants=(replace(member.grants[0], role=Role.COACH),))
        rate, plan = (wheels_of([cast.clinic], viewer=one)[cast.clinic] for one in (member, lead))
    assert (rate.next_endpoint, rate.next_values) == ("assess.rate", {"assessment_id": rubric})
    assert [one.next_endpoint for one in rate.others] == ["action_plans.plan"]
    assert plan.next_endpoint == "action_plans.plan"
    assert [one.next_endpoint for one in plan.others] == ["assess.progress"]
    with clock.frozen_at(NOVEMBER):
        page = signed_in(cast.member).get(f"/clinics/{cast.clinic}").get_data(as_text=True)
        assert page.count('<ol class="wheel-steps">') == 2
        assert page.index("Start rating") < page.index("Update the actions")
        alone = signed_in(cast.coach).get(f"/assessments/{rubric}/progress").get_data(as_text=True)
        assert alone.count('<ol class="wheel-steps">') == 1
        assert "0 finished" in alone
        listed = signed_in(cast.coach).get("/clinics").get_data(as_text=True)
        assert "Update the actions" in listed
        assert "See how rating is going" in listed


def test_many_clinics_take_two_statements(
    app: Flask, cast: Cast, count_statements: CountStatements
) -> None:
    coach = viewer(cast.coach, Role.ADMINISTRATOR, cast.clinic, cast.organization)
    with app.app_context():
        plan_with_one_action(cast, "2026Q3")
        seeding.open_assessment(cast.clinic, "2026Q4")
        seeding.open_assessment(cast.sister_clinic, "2026Q4")
        with count_statements() as seen:
            wheels = wheels_of([cast.clinic, cast.sister_clinic, 999], viewer=coach)
    assert len(seen) == 2
    assert set(wheels) == {cast.clinic, cast.sister_clinic}
    assert all(wheel.steps[0].state == "current" for wheel in wheels.values())
