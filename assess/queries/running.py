"""Reads about the assessments of many clinics at once, for those who look after several.

A fixed number of statements, however many clinics there are. Only clinics that the viewer runs,
coaches or leads count: who merely works in one does not follow its rating.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, exists, func, select

from accounts.models import Clinic, Grant, Organization, Person, Role
from accounts.program.reach import covered
from accounts.viewer import Viewer
from assess.following.models import ReminderRound
from assess.following.portfolio import RUNNING
from assess.following.standing import Running
from assess.models import Assessment, Rating, State
from assess.quarters import Quarter
from assess.queries.asked import asked_each
from assess.queries.instruments import get_instrument
from core.db import db

MOST = 300
"""Assessments on one page; the newest quarters first."""
FOLLOWING = (Role.ADMINISTRATOR, Role.COACH, Role.LEAD)


@dataclass(frozen=True, slots=True)
class Lead:
    """Whom to call about a clinic."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class FollowedOrganization:
    """An organization with assessments that the viewer follows."""

    id: int
    name: str


def list_running(
    viewer: Viewer,
    *,
    states: Collection[State] = RUNNING,
    quarter: Quarter | None = None,
    organization_id: int | None = None,
    ids: Collection[int] | None = None,
) -> Sequence[Running]:
    """Assessments in these states with their counts, the newest quarters first (one statement).

    Of all quarters and organizations, or of these; of all ids, or of these.
    """
    rated, reminded = _rated(states), _reminded()
    asked = asked_each(Assessment.state == State.OPEN)
    wanted = [follows(viewer), Assessment.state.in_(states), Clinic.archived_at.is_(None)]
    if quarter is not None:
        wanted.append(Assessment.quarter == str(quarter))
    if organization_id is not None:
        wanted.append(Assessment.organization_id == organization_id)
    if ids is not None:
        wanted.append(Assessment.id.in_(ids))
    rows = db.session.execute(
        select(
            Assessment,
            Clinic.name.label("clinic"),
            Organization.name.label("organization"),
            func.coalesce(asked.c.asked, 0).label("asked"),
            func.coalesce(rated.c.by_account, 0).label("by_account"),
            func.coalesce(rated.c.started, 0).label("started"),
            func.coalesce(rated.c.finished, 0).label("finished"),
            rated.c.last_started,
            rated.c.last_finished,
            reminded.c.at.label("reminded_at"),
        )
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .join(Organization, Organization.id == Clinic.organization_id)
        .outerjoin(asked, asked.c.id == Assessment.id)
        .outerjoin(rated, rated.c.id == Assessment.id)
        .outerjoin(reminded, reminded.c.id == Assessment.id)
        .where(*wanted)
        .order_by(Assessment.quarter.desc(), Clinic.name, Assessment.id)
        .limit(MOST)
    )
    found = []
    for row in rows:
        one: Assessment = row.Assessment
        found.append(
            Running(
                id=one.id,
                clinic_id=one.clinic_id,
                organization_id=one.organization_id,
                clinic=row.clinic,
                organization=row.organization,
                questionnaire=get_instrument(one.questionnaire_version_id).title,
                quarter=Quarter.parse(one.quarter),
                state=State(one.state),
                opened_at=one.opened_at,
                due_on=one.due_on,
                revealed_at=one.revealed_at,
                asked=row.asked,
                by_account=row.by_account,
                started=row.started,
                finished=row.finished,
                last_at=_latest(row.last_started, row.last_finished),
                reminded_at=row.reminded_at,
            )
        )
    return found


def list_leads(clinic_ids: Iterable[int]) -> dict[int, list[Lead]]:
    """The leads of these clinics whose account is open, by name (one statement)."""
    rows = db.session.execute(
        select(Grant.clinic_id, Person.name, Person.email)
        .join(Person, Person.id == Grant.person_id)
        .where(
            Grant.clinic_id.in_(set(clinic_ids)),
            Grant.role == Role.LEAD,
            Person.disabled_at.is_(None),
        )
        .order_by(Person.name, Person.id)
    )
    found: dict[int, list[Lead]] = defaultdict(list)
    for row in rows:
        found[row.clinic_id].append(Lead(row.name, row.email))
    return found


def list_quarters_in_use(viewer: Viewer) -> Sequence[Quarter]:
    """The quarters of assessments that the viewer follows, newest first (one statement)."""
    rows = db.session.scalars(
        select(Assessment.quarter)
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .where(follows(viewer), Clinic.archived_at.is_(None))
        .group_by(Assessment.quarter)
        .order_by(Assessment.quarter.desc())
    )
    return [Quarter.parse(one) for one in rows]


def list_organizations_followed(viewer: Viewer) -> Sequence[FollowedOrganization]:
    """The organizations of assessments that the viewer follows, by name (one statement)."""
    has_any = exists().where(
        Assessment.clinic_id == Clinic.id, Clinic.archived_at.is_(None), follows(viewer)
    )
    rows = db.session.execute(
        select(Organization.id, Organization.name)
        .where(Organization.id.in_(select(Clinic.organization_id).where(has_any)))
        .order_by(Organization.name, Organization.id)
    )
    return [FollowedOrganization(row.id, row.name) for row in rows]


def follows(viewer: Viewer) -> ColumnElement[bool]:
    """SQL: a role that follows rating covers the clinic."""
    grants = [grant for grant in viewer.grants if grant.role in FOLLOWING]
    return covered(grants, clinic=Clinic.id, organization=Clinic.organization_id)


def _rated(states: Collection[State]) -> Subquery:
    """Per assessment in these states: ratings begun and finished, and when the last one was."""
    return (
        select(
            Rating.assessment_id.label("id"),
            func.count().label("started"),
            func.count(Rating.submitted_at).label("finished"),
            func.count(Rating.submitted_at)
            .filter(Rating.person_id.is_not(None))
            .label("by_account"),
            func.max(Rating.started_at).label("last_started"),
            func.max(Rating.submitted_at).label("last_finished"),
        )
        .join(Assessment, Assessment.id == Rating.assessment_id)
        .where(Assessment.state.in_(states))
        .group_by(Rating.assessment_id)
        .subquery()
    )


def _reminded() -> Subquery:
    """Per assessment: when the last mail went out."""
    newest = func.max(ReminderRound.sent_at).label("at")
    return (
        select(ReminderRound.assessment_id.label("id"), newest)
        .group_by(ReminderRound.assessment_id)
        .subquery()
    )


def _latest(*moments: datetime | None) -> datetime | None:
    known = [one for one in moments if one is not None]
    return max(known) if known else None
