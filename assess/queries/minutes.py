"""Reads everything the minutes of an assessment tell: a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Row, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from accounts.models import Clinic, Organization, Person
from assess.answers import AnswerState, AnswerValue
from assess.findings import MilestoneResult
from assess.following.models import AssessmentStep
from assess.job_roles import NOT_SAID
from assess.meeting.models import Meeting, ParkedMilestone
from assess.meeting.presence import attendance_words
from assess.minutes.arranging import TAKEN_OVER, earlier_levels, raters_of, steps_of
from assess.minutes.content import (
    Gathering,
    MilestoneMinutes,
    Minutes,
    Parked,
    Raters,
    Said,
    Step,
)
from assess.models import AgreedLevel, AgreedLevelChange, Assessment, Rating
from assess.queries.heads import AssessmentHead
from assess.queries.meetings import get_present
from assess.queries.results import get_results
from assess.queries.revotes import NO_REVOTES, get_all_revotes
from core.db import db


def get_minutes(head: AssessmentHead) -> Minutes:
    """The minutes of a revealed assessment (eleven statements, one more for names)."""
    facts = _facts(head.id)
    results = get_results(head)
    assessment: Assessment = facts.Assessment
    agreed, changes = _agreed(head.id), _changes(head.id)
    parked = _parked(head.id)
    votes = get_all_revotes(head.id, head.instrument)

    def milestone(result: MilestoneResult) -> MilestoneMinutes:
        key = result.milestone.key
        rounds = votes.get(key, NO_REVOTES).revealed
        return MilestoneMinutes(
            result=result,
            agreed=agreed.get(key),
            earlier=earlier_levels(changes.get(key, []), agreed.get(key)),
            votes=tuple(one.spread for one in rounds if one.spread),
            parked=parked.get(key),
        )

    return Minutes(
        organization=facts.organization,
        clinic=head.clinic_name,
        is_demo=facts.is_demo,
        quarter=head.quarter,
        questionnaire=f"{head.instrument.title} {head.instrument.version}",
        language=head.instrument.language,
        state=head.state,
        due_on=head.due_on,
        results=results,
        steps=_steps(assessment),
        raters=_raters(head.id),
        gathering=_gathering(facts.Meeting, facts.led_by),
        blocks=tuple(
            (block, tuple(milestone(one) for one in results.milestones[block.block.id]))
            for block in results.blocks
        ),
    )


def _facts(assessment_id: int) -> Row[Assessment, Meeting, str, bool, str]:
    leader = aliased(Person)
    return db.session.execute(
        select(
            Assessment,
            Meeting,
            Organization.name.label("organization"),
            Organization.is_demo,
            leader.name.label("led_by"),
        )
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .join(Organization, Organization.id == Clinic.organization_id)
        .outerjoin(Meeting, Meeting.assessment_id == Assessment.id)
        .outerjoin(leader, leader.id == Meeting.started_by)
        .where(Assessment.id == assessment_id)
    ).one()


def _gathering(meeting: Meeting | None, led_by: str | None) -> Gathering | None:
    if meeting is None:
        return None
    attendance = attendance_words(meeting.attendance, get_present(meeting.present))
    return Gathering(meeting.started_at, meeting.ended_at, led_by or "", attendance)


def _steps(assessment: Assessment) -> tuple[Step, ...]:
    if assessment.source == "imported":
        return (Step(TAKEN_OVER, assessment.opened_at),)
    rows = db.session.execute(
        select(AssessmentStep.step, AssessmentStep.at, AssessmentStep.reason, Person.name)
        .outerjoin(Person, Person.id == AssessmentStep.person_id)
        .where(AssessmentStep.assessment_id == assessment.id)
        .order_by(AssessmentStep.id)
    )
    return steps_of(
        [(row.step, Step("", row.at, row.name or "", row.reason)) for row in rows],
        {
            "opened": assessment.opened_at,
            "revealed": assessment.revealed_at,
            "agreed": assessment.agreed_at,
            "closed": assessment.closed_at,
        },
    )


def _raters(assessment_id: int) -> Raters:
    role = func.coalesce(Rating.job_role, NOT_SAID)
    rows = db.session.execute(
        select(Rating.source, role, func.count())
        .where(Rating.assessment_id == assessment_id, Rating.submitted_at.is_not(None))
        .group_by(Rating.source, role)
    )
    return raters_of({(source, name): count for source, name, count in rows})


def _agreed(assessment_id: int) -> Mapping[str, Said]:
    return {key: said[-1] for key, said in _said(AgreedLevel, assessment_id).items()}


def _changes(assessment_id: int) -> Mapping[str, list[Said]]:
    return _said(AgreedLevelChange, assessment_id, AgreedLevelChange.id)


def _said(
    table: type[AgreedLevel] | type[AgreedLevelChange],
    assessment_id: int,
    *order: InstrumentedAttribute[int],
) -> Mapping[str, list[Said]]:
    """What was agreed on, by milestone and in this order."""
    rows = db.session.execute(
        select(
            table.milestone,
            table.state,
            table.level,
            table.rationale,
            table.dissent,
            table.agreed_at,
            Person.name,
        )
        .outerjoin(Person, Person.id == table.agreed_by)
        .where(table.assessment_id == assessment_id)
        .order_by(table.milestone, *order)
    )
    said: dict[str, list[Said]] = defaultdict(list)
    for row in rows:
        value = AnswerValue(AnswerState(row.state), row.level)
        one = Said(value, row.rationale, row.dissent, row.name or "", row.agreed_at)
        said[row.milestone].append(one)
    return said


def _parked(assessment_id: int) -> Mapping[str, Parked]:
    rows = db.session.execute(
        select(ParkedMilestone.milestone, ParkedMilestone.reason, ParkedMilestone.parked_at).where(
            ParkedMilestone.assessment_id == assessment_id
        )
    )
    return {row.milestone: Parked(row.reason, row.parked_at) for row in rows}
