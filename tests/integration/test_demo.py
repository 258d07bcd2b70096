"""`flask demo load` writes a whole program once, on both databases, through the scoring service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import aliased

from accounts.models import Clinic, Grant, Organization, Person, Role, Token
from accounts.queries import get_demo_person
from action_plans.models import Action, ActionPlan, ActionUpdate, Goal
from assess import service
from assess.meeting.models import Meeting, Revote, RevoteAnswer
from assess.models import (
    AgreedLevel,
    Answer,
    Assessment,
    BlockScore,
    JoinLink,
    QuestionnaireVersion,
    Rating,
    State,
)
from assess.rollup.models import AssessmentRollup
from core import clock
from core.audit import AuditEvent
from core.db import Base, db
from tests.integration.core.test_migrations import go_back_and_come_again

NOW = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
TABLES: tuple[type[Base], ...] = (
    Organization, Clinic, Person, Grant, QuestionnaireVersion, Assessment, Rating, Answer,
    AgreedLevel, BlockScore, ActionPlan, Goal, Action, ActionUpdate,
    Token, JoinLink, AuditEvent, Meeting, Revote, RevoteAnswer,
)  # fmt: skip


@pytest.fixture
def loaded(app: Flask) -> Iterator[str]:
    """What the first load printed; the clock stands still."""
    with clock.frozen_at(NOW), app.app_context():
        result = app.test_cli_runner().invoke(args=["demo", "load"], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        yield result.output


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def scores() -> dict[tuple[int, str, str], float | None]:
    rows = db.session.execute(
        select(BlockScore.assessment_id, BlockScore.block, BlockScore.basis, BlockScore.score)
    )
    return {(row.assessment_id, row.block, row.basis): row.score for row in rows}


def test_the_demonstration(app: Flask, loaded: str, database_url: str) -> None:
    """One load for all checks, because it takes seconds."""
    it_prints_what_it_did(loaded)
    it_writes_six_organizations_and_twenty_clinics()
    it_marks_everything_as_fictional()
    it_has_a_person_for_every_role()
    it_leaves_the_demo_clinic_open_for_lead_and_member()
    it_has_a_join_link_and_people_who_have_not_come_yet()
    it_shows_the_other_clinics_in_every_state()
    it_lies_in_the_past()
    it_has_a_large_team_with_two_job_roles_and_paper_forms()
    it_carries_unfinished_actions_into_the_next_quarter()
    it_tells_of_the_meetings_and_leaves_one_to_lead()
    it_scores_as_the_service_does()
    it_gets_the_same_rollups_where_it_was_loaded_before_there_were_any(database_url)
    it_changes_nothing_when_loaded_again(app)


def it_prints_what_it_did(output: str) -> None:
    assert "20 clinics" in output
    assert "F(5, 75) = 6.78, p < .001" in output
    assert "16 clinics" in output
    assert "4 left out" in output
    assert "64%" in output


def it_writes_six_organizations_and_twenty_clinics() -> None:
    assert (count(Organization), count(Clinic)) == (6, 20)
    quarters = db.session.scalars(select(Assessment.quarter).distinct()).all()
    assert sorted(quarters) == ["2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    clinics = db.session.scalars(select(Clinic)).all()
    assert {clinic.baseline_quarter for clinic in clinics} == {"2025Q3"}
    assert all(2.6 <= (clinic.clinician_fte or 0) <= 7.4 for clinic in clinics)
    assert len({clinic.ehr for clinic in clinics}) == 3


def it_marks_everything_as_fictional() -> None:
    assert all(db.session.scalars(select(Organization.is_demo)))
    people = db.session.scalars(select(Person)).all()
    assert all(person.is_demo and person.password_hash is None for person in people)
    assert all(person.email.endswith(("@example.org", "@example.com")) for person in people)
    assert all("fictional" in person.name or "Example" in person.name for person in people)


def it_tells_of_the_meetings_and_leaves_one_to_lead() -> None:
    met = set(db.session.scalars(select(Meeting.assessment_id)))
    assert met == set(db.session.scalars(select(AgreedLevel.assessment_id)))
    shown = db.session.scalars(select(Assessment.id).where(Assessment.state == "revealed")).all()
    assert shown
    assert met.isdisjoint(shown)
    for meeting, assessment in db.session.execute(
        select(Meeting, Assessment).join(Assessment, Assessment.id == Meeting.assessment_id)
    ):
        assert assessment.revealed_at <= meeting.started_at <= meeting.ended_at <= NOW
        assert " people: " in meeting.attendance
    assert count(Revote) > 20
    assert count(RevoteAnswer) > 3 * count(Revote)


def it_has_a_person_for_every_role() -> None:
    for role in Role:
        assert get_demo_person(role) is not None


def newest(person: Person | None = None) -> Any:
    query = select(Assessment).where(Assessment.quarter == "2026Q4")
    if person:
        query = query.join(Grant, Grant.clinic_id == Assessment.clinic_id)
        query = query.where(Grant.person_id == person.id)
    return db.session.scalars(query).all()


def it_leaves_the_demo_clinic_open_for_lead_and_member() -> None:
    lead, member = get_demo_person(Role.LEAD), get_demo_person(Role.MEMBER)
    assert lead is not None
    assert member is not None
    (assessment,) = newest(lead)
    assert newest(member) == [assessment]
    assert assessment.state == State.OPEN
    assert assessment.due_on > NOW.date()
    raters = db.session.scalars(select(Rating.person_id).filter_by(assessment_id=assessment.id))
    assert len(found := set(raters)) >= 3
    assert found.isdisjoint({lead.id, member.id})
    assert count(Rating) > 500


def it_has_a_join_link_and_people_who_have_not_come_yet() -> None:
    lead = get_demo_person(Role.LEAD)
    assert lead is not None
    (assessment,) = newest(lead)
    link = db.session.scalars(select(JoinLink)).one()
    assert link.assessment_id == assessment.id
    assert link.expires_at > NOW
    invited = db.session.scalars(select(Token).order_by(Token.id)).all()
    assert {token.clinic_id for token in invited} == {assessment.clinic_id}
    assert [token.expires_at > NOW for token in invited] == [True, True, False]
    assert all(token.email.endswith("@example.com") for token in invited)
    actions = db.session.scalars(select(AuditEvent.action)).all()
    assert Counter(actions) == {"invitation.created": 3, "join_link.made": 1}


def it_shows_the_other_clinics_in_every_state() -> None:
    states = Counter(assessment.state for assessment in newest())
    assert set(states) == {State.OPEN, State.REVEALED, State.AGREED}
    plans = Counter(db.session.scalars(select(ActionPlan.state)))
    assert min(plans["draft"], plans["active"], plans["closed"]) >= 2


def it_lies_in_the_past() -> None:
    for column in (
        Assessment.opened_at, Assessment.revealed_at, Assessment.agreed_at, Assessment.closed_at,
        Rating.started_at, Rating.submitted_at, Answer.answered_at, AgreedLevel.agreed_at,
        ActionPlan.created_at, ActionPlan.updated_at, ActionUpdate.at,
    ):  # fmt: skip
        newest_moment = db.session.scalar(select(func.max(column)))
        assert newest_moment is not None
        assert newest_moment <= NOW, column


def it_has_a_large_team_with_two_job_roles_and_paper_forms() -> None:
    (assessment,) = (
        one
        for one in newest()
        if db.session.get_one(Clinic, one.clinic_id).name == "Cedar Demo Clinic"
    )
    assert assessment.state == State.REVEALED
    rows = db.session.execute(
        select(Rating.job_role, Rating.source)
        .filter_by(assessment_id=assessment.id)
        .where(Rating.submitted_at.is_not(None))
    ).all()
    roles, sources = Counter(row.job_role for row in rows), Counter(row.source for row in rows)
    assert len(roles) == 2
    assert min(roles.values()) >= 5
    assert sources["paper"] >= 1


def it_carries_unfinished_actions_into_the_next_quarter() -> None:
    before, after = aliased(Action), aliased(Action)
    rows = db.session.execute(
        select(before.status, before.clinic_id, after.clinic_id.label("now"), after.task)
        .join(before, before.id == after.carried_from_id)
        .where(before.task == after.task)
    ).all()
    carried = db.session.scalar(
        select(func.count()).where(Action.carried_from_id.is_not(None)).select_from(Action)
    )
    assert len(rows) == carried
    assert len(rows) > 20
    assert all(row.status in ("not_started", "under_way") for row in rows)
    assert all(row.clinic_id == row.now for row in rows)


def rollups() -> dict[tuple[int, str], tuple[object, ...]]:
    rows = db.session.execute(select(*inspect(AssessmentRollup).columns))
    return {(row.assessment_id, row.basis): tuple(row) for row in rows}


def it_scores_as_the_service_does() -> None:
    stored, rolled_up = scores(), rollups()
    for assessment_id in db.session.scalars(
        select(Assessment.id)
        .where(Assessment.state != State.OPEN)
        .order_by(Assessment.id.desc())
        .limit(24)
    ):
        service.record_scores(assessment_id)
    assert scores() == stored
    assert rollups() == rolled_up
    assert {(assessment, basis) for assessment, _, basis in stored} == rolled_up.keys()
    assert all(score is None or 1 <= score <= 4 for score in stored.values())
    db.session.rollback()


def it_gets_the_same_rollups_where_it_was_loaded_before_there_were_any(database_url: str) -> None:
    before = rollups()
    db.session.rollback()
    db.engine.dispose()
    go_back_and_come_again(database_url, "0005")
    assert rollups() == before
    db.session.rollback()


def it_changes_nothing_when_loaded_again(app: Flask) -> None:
    before = {model.__name__: count(model) for model in TABLES}
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=["demo", "load"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "already loaded" in result.output
    assert {model.__name__: count(model) for model in TABLES} == before
