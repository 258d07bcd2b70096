"""An auditor finds each step in the log, by whom and from where, and no word of what was said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from action_plans import goals, service, tasks
from action_plans.queries.plans import get_plan
from assess.answers import AnswerValue
from assess.meeting import agreeing
from core import audit_chain
from core.audit import AuditEvent
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.integration.action_plans.conftest import content
from tests.pages import CheckingClient

INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND = (milestone.key for milestone in INSTRUMENT.milestones[:2])
PAST = Path(__file__).parents[1] / "cases" / "s06_slide_like_20x6" / "data.csv"
SECRET = "what the team wrote"


def lines() -> list[tuple[str, str]]:
    found = db.session.execute(
        select(AuditEvent.action, AuditEvent.subject)
        .where(AuditEvent.action.not_like("person.%"), AuditEvent.action.not_like("clinic.%"))
        .where(AuditEvent.action.not_like("organization.%"), AuditEvent.action != "role.given")
        .order_by(AuditEvent.id)
    )
    return [(row.action, row.subject) for row in found]


def test_every_step_of_the_wheel_is_kept_and_no_word_of_it(app: Flask, cast: Cast) -> None:
    with app.app_context():
        key = seeding.open_assessment(cast.clinic, "2026Q3")
        seeding.rate_all(key, cast.member)
        seeding.reveal(key)
        for milestone in INSTRUMENT.milestones:
            value = AnswerValue.level(2)
            agreeing.agree_level(
                assessment_id=key,
                decision=agreeing.Decision(milestone.key, value, SECRET, SECRET),
            )
        agreeing.finish_agreement(assessment_id=key)
        plan = service.start_plan(assessment_id=key, milestones=[FIRST], person_id=cast.lead)
        goals.add_goals(plan_id=plan, milestones=[SECOND])
        first, second = (goal.id for goal in get_plan(plan).goals)
        action = tasks.add_action(
            plan_id=plan, goal_id=first, content=content(task=SECRET), person_id=cast.lead
        )
        gone = tasks.add_action(
            plan_id=plan, goal_id=first, content=content(task=SECRET), person_id=cast.lead
        )
        tasks.remove_action(plan_id=plan, action_id=gone)
        goals.remove_goal(plan_id=plan, goal_id=second)
        service.activate_plan(plan_id=plan)
        service.activate_plan(plan_id=plan)
        service.close_plan(plan_id=plan, reflection=SECRET)
        db.session.commit()
        seeding.close(key)
        wheel = f"assessment {key}, Q3 2026, of clinic {cast.clinic}"
        paper = f"plan {plan}, Q3 2026, of clinic {cast.clinic}"
        assert lines() == [
            ("assessment.opened", wheel),
            ("assessment.revealed", wheel),
            ("meeting.started", wheel),
            ("assessment.agreed", wheel),
            ("meeting.ended", wheel),
            ("plan.started", paper),
            ("goals.added", paper),
            ("goals.added", paper),
            ("action.removed", f"action {gone} of {paper}"),
            ("goal.removed", f"goal {second} of {paper}"),
            ("plan.activated", paper),
            ("plan.closed", paper),
            ("assessment.closed", wheel),
        ]
        assert action
        events = db.session.scalars(select(AuditEvent)).all()
        assert not any(SECRET in f"{event.before}{event.after}" for event in events)
        closed = next(event for event in events if event.action == "assessment.closed")
        assert closed.chain == f"organization {cast.organization}"
        assert json.loads(closed.before or "") == {"state": "agreed"}
        assert json.loads(closed.after or "") == {"state": "closed"}
        assert audit_chain.verify().findings == ()


def test_a_step_on_a_page_tells_who_took_it_and_from_where(
    app: Flask, cast: Cast, signed_in: Callable[[int], CheckingClient]
) -> None:
    with app.app_context():
        key = seeding.open_assessment(cast.clinic)
        seeding.rate_all(key, cast.member)
    browser = signed_in(cast.lead)
    answer = browser.send(f"/assessments/{key}/reveal", environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert answer.status_code == 303
    again = browser.send(f"/assessments/{key}/reveal")
    assert again.status_code == 409
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action == "assessment.revealed")
        event = db.session.scalars(query).one()
        assert event.person_id == cast.lead
        assert event.who == "Lead <lead@example.org>"
        assert event.address == "192.0.2.9"


def test_reading_and_answering_add_nothing(
    app: Flask, cast: Cast, signed_in: Callable[[int], CheckingClient]
) -> None:
    with app.app_context():
        key = seeding.open_assessment(cast.clinic)
        before = lines()
        seeding.rate_all(key, cast.member)
        assert lines() == before


def test_an_import_is_kept_per_organization_and_tells_of_the_terminal(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["assess", "import", str(PAST)])
    assert result.exit_code == 0, result.output
    with app.app_context():
        query = select(AuditEvent).where(AuditEvent.action == "scores.imported")
        events = db.session.scalars(query).all()
        assert len({event.chain for event in events}) == len(events) > 1
        assert all(event.chain.startswith("organization ") for event in events)
        assert {event.address for event in events} == {"terminal"}
        assert events[0].who.endswith(" at the terminal")
        assert sum(json.loads(event.after or "")["clinics"] for event in events) == 20
