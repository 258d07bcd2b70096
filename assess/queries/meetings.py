"""Reads about the meeting: where it stands, what is parked, and the little that screens poll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from accounts import wall
from accounts.models import Person
from accounts.viewer import Scope
from assess.meeting.models import Meeting, ParkedMilestone
from assess.meeting.presence import Present, devices_of, people_of
from assess.models import Assessment, State
from core import clock
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Parked:
    """A milestone that was put off, and what it waits for."""

    reason: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingState:
    """Where a meeting stands; `milestone` is None on the agenda, `parked` is keyed by milestone."""

    version: int
    milestone: str | None
    started_at: datetime
    ended_at: datetime | None
    planned_until: datetime | None
    planned_each: int | None
    timer_ends_at: datetime | None
    timer_left: int | None
    attendance: str
    present: Sequence[str]
    parked: Mapping[str, Parked]

    @property
    def is_running(self) -> bool:
        return self.ended_at is None

    @property
    def plan_left(self) -> int | None:
        """Seconds until the planned end, below 0 after it; None without a plan."""
        if self.planned_until is None:
            return None
        return round((self.planned_until - clock.now()).total_seconds())

    @property
    def seconds_left(self) -> int | None:
        """Until the timer ends, never below 0; None when it was not started."""
        if self.timer_ends_at is None:
            return None
        return max(0, round((self.timer_ends_at - clock.now()).total_seconds()))


@dataclass(frozen=True, slots=True)
class Position:
    """What a screen asks for every second; version 0: no meeting has begun."""

    scope: Scope
    is_revealed: bool
    version: int
    milestone: str | None
    timer_ends_at: datetime | None
    ended: bool


# built once: every screen of a meeting asks this each second
_POSITION = (
    select(
        Assessment.organization_id,
        Assessment.clinic_id,
        Assessment.state,
        Meeting.version,
        Meeting.milestone,
        Meeting.timer_ends_at,
        Meeting.ended_at,
    )
    .outerjoin(Meeting, Meeting.assessment_id == Assessment.id)
    .where(Assessment.id == bindparam("assessment_id"))
)


def get_position(assessment_id: int) -> Position:
    """Whose meeting it is and where it stands (one statement). Raises NotFound."""
    row = wall.execute(_POSITION, {"assessment_id": assessment_id}).one_or_none()
    if row is None:
        raise NotFound("This assessment does not exist. Open it from your clinic's page.")
    return Position(
        scope=Scope(row.organization_id, row.clinic_id, assessment_id=assessment_id),
        is_revealed=row.state != State.OPEN,
        version=row.version or 0,
        milestone=row.milestone,
        timer_ends_at=row.timer_ends_at,
        ended=row.ended_at is not None,
    )


def get_meeting(assessment_id: int) -> MeetingState | None:
    """The meeting with all that is parked; None before it began (one statement)."""
    rows = db.session.execute(
        select(
            Meeting,
            ParkedMilestone.milestone.label("parked"),
            ParkedMilestone.reason,
            ParkedMilestone.parked_at,
        )
        .outerjoin(ParkedMilestone, ParkedMilestone.assessment_id == Meeting.assessment_id)
        .where(Meeting.assessment_id == assessment_id)
        .order_by(ParkedMilestone.parked_at, ParkedMilestone.milestone)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return None
    meeting: Meeting = rows[0].Meeting
    return MeetingState(
        version=meeting.version,
        milestone=meeting.milestone,
        started_at=meeting.started_at,
        ended_at=meeting.ended_at,
        planned_until=meeting.planned_until,
        planned_each=meeting.planned_each,
        timer_ends_at=meeting.timer_ends_at,
        timer_left=meeting.timer_left,
        attendance=meeting.attendance,
        present=tuple(meeting.present),
        parked={row.parked: Parked(row.reason, row.parked_at) for row in rows if row.parked},
    )


def get_present(present: Sequence[str]) -> Present:
    """Who said that they are there, by name where they have an account (one statement, or none)."""
    people = people_of(present)
    if not people:
        return Present(devices=devices_of(present))
    names = select(Person.name).where(Person.id.in_(people)).order_by(Person.name, Person.id)
    return Present(tuple(db.session.scalars(names)), devices_of(present))
