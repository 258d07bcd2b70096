"""Three clinics of two organizations, each with a row in every table and a mark in every text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts import service as people
from accounts.models import Clinic, Organization, Person, Role
from action_plans import service as plans
from action_plans import tasks
from action_plans.models import Action, ActionPlan, ActionStatus, Goal
from action_plans.queries.plans import get_plan
from assess.answers import AnswerValue
from assess.following.models import AskedPerson, AssessmentStep, Reminder, ReminderRound
from assess.meeting import agreeing
from assess.meeting.agreeing import Decision
from assess.meeting.models import Meeting, ParkedMilestone, Revote, RevoteAnswer
from assess.models import AgreedLevelChange, Assessment
from core import clock
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.integration.action_plans.conftest import content

INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND = (one.key for one in INSTRUMENT.milestones[:2])


@dataclass(frozen=True, slots=True)
class Tenant:
    """One clinic: the ids of its things, and the mark that stands in each of its texts."""

    mark: str
    organization: int
    clinic: int
    assessment: int
    open_assessment: int
    rating: int
    plan: int
    goal: int
    action: int
    rater: int


@dataclass(frozen=True, slots=True)
class Tenants:
    """A clinic, its sister in the same organization, and one of another organization."""

    own: Tenant
    sister: Tenant
    other: Tenant


def create_tenants(cast: Cast) -> Tenants:
    """Give every clinic of the cast a full quarter of its own; needs an application context."""
    rater = people.create_person(email="rater@example.org", name="Rater of the sister clinic")
    sister = db.session.get_one(Clinic, cast.sister_clinic)
    people.grant_role(person=rater, role=Role.MEMBER, clinic=sister)
    other = db.session.get_one(Organization, cast.other_organization)
    other.name = "Cedarmark health"
    return Tenants(
        own=_create(cast.clinic, cast.member, "Aldermark"),
        sister=_create(cast.sister_clinic, rater.id, "Birchmark"),
        other=_create(cast.other_clinic, cast.member_of_other_clinic, "Cedarmark"),
    )


def _create(clinic_id: int, rater: int, mark: str) -> Tenant:
    clinic = db.session.get_one(Clinic, clinic_id)
    clinic.name, clinic.study_code, clinic.ehr = f"{mark} clinic", f"{mark}1", f"{mark} EHR"
    person = db.session.get_one(Person, rater)
    person.name, person.email = f"{mark} rater", f"{mark.lower()}.rater@example.org"
    assessment = seeding.open_assessment(clinic_id, "2026Q2")
    rating = _rate(assessment, rater, mark)
    seeding.finish(rating)
    seeding.reveal(assessment)
    agreeing.agree_level(
        assessment_id=assessment,
        decision=Decision(FIRST, AnswerValue.level(2), f"{mark} reason", f"{mark} dissent"),
    )
    _meet(assessment, rater, mark)
    plan, goal, action = _plan(assessment, rater, mark)
    open_assessment = seeding.open_assessment(clinic_id, "2026Q3")
    _rate(open_assessment, rater, mark)
    return Tenant(
        mark=mark,
        organization=clinic.organization_id,
        clinic=clinic_id,
        assessment=assessment,
        open_assessment=open_assessment,
        rating=rating,
        plan=plan,
        goal=goal,
        action=action,
        rater=rater,
    )


def _rate(assessment: int, rater: int, mark: str) -> int:
    rating = seeding.start_rating(assessment, rater)
    levels = {milestone.key: 2 for milestone in INSTRUMENT.milestones}
    seeding.rate(rating, levels, {FIRST: f"{mark} note"})
    return rating


def _meet(assessment_id: int, person: int, mark: str) -> None:
    """A row in every table of following and meeting."""
    assessment = db.session.get_one(Assessment, assessment_id)
    now = clock.now()
    where: dict[str, Any] = {
        "organization_id": assessment.organization_id,
        "clinic_id": assessment.clinic_id,
        "assessment_id": assessment_id,
    }
    assessment.message = f"{mark} message"
    revote = Revote(**where, milestone=FIRST, number=9, state="revealed", opened_at=now)
    park = ParkedMilestone(**where, milestone=SECOND, reason=f"{mark} park", parked_at=now)
    # agreeing on the levels began the meeting
    db.session.merge(Meeting(**where, started_at=now, attendance=f"{mark} attendance"))
    db.session.add_all(
        [
            AssessmentStep(**where, step="reopened", reason=f"{mark} step", at=now),
            AskedPerson(**where, person_id=person),
            Reminder(**where, person_id=person, reason="due_soon", sent_at=now),
            ReminderRound(**where, reason="due_soon", sent_at=now),
            park,
            revote,
        ]
    )
    db.session.flush()
    del where["assessment_id"]
    vote = {"revote_id": revote.id, "person_id": person, "voted_at": now}
    db.session.add(RevoteAnswer(**where, **vote, state="level", level=2))
    change = {"milestone": SECOND, "state": "level", "level": 2, "agreed_at": now}
    texts = {"rationale": f"{mark} reason", "dissent": f"{mark} dissent"}
    db.session.add(AgreedLevelChange(**where, assessment_id=assessment_id, **change, **texts))
    db.session.commit()


def _plan(assessment: int, person: int, mark: str) -> tuple[int, int, int]:
    plan = plans.start_plan(assessment_id=assessment, milestones=[FIRST], person_id=person)
    goal = get_plan(plan).goals[0].id
    action = tasks.add_action(
        plan_id=plan,
        goal_id=goal,
        content=content(f"{mark} task", owner=f"{mark} owner", tip=f"{mark} tip"),
        person_id=person,
    )
    tasks.move_action(
        plan_id=plan,
        action_id=action,
        status=ActionStatus.UNDER_WAY,
        seen=ActionStatus.NOT_STARTED,
        note=f"{mark} update",
        person_id=person,
    )
    stored = db.session.get_one(ActionPlan, plan)
    stored.participants = stored.reflection = f"{mark} people"
    db.session.get_one(Goal, goal).measure = f"{mark} measure"
    db.session.get_one(Action, action).obstacle_note = f"{mark} obstacle"
    db.session.commit()
    return plan, goal, action
