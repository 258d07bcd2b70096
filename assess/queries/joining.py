"""Reads about join links and the devices that rate by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import String, bindparam, cast, func, select

from accounts import wall
from accounts.models import Clinic
from accounts.viewer import Joined, Scope
from assess.joining.codes import code_hash, token_hash
from assess.models import Answer, Assessment, JoinedDevice, JoinLink, Rating, State
from assess.quarters import Quarter
from assess.queries.instruments import get_instrument
from core import clock, tenancy
from core.db import db
from questionnaires.instrument import Instrument


@dataclass(frozen=True, slots=True)
class LiveLink:
    """What is known of a working code before its clinic may be read."""

    assessment_id: int
    organization_id: int
    clinic_id: int
    asks_job_role: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What a visitor with a working code is asked to rate."""

    assessment_id: int
    organization_id: int
    clinic_id: int
    clinic_name: str
    quarter: Quarter
    due_on: date | None
    asks_job_role: bool
    expires_at: datetime
    instrument: Instrument
    message: str = ""

    @property
    def scope(self) -> Scope:
        return Scope(self.organization_id, self.clinic_id, assessment_id=self.assessment_id)


@dataclass(frozen=True, slots=True)
class LinkState:
    """The join link as its keeper sees it; `devices` counts the ratings begun with it."""

    number: int
    code_sha256: bytes
    asks_job_role: bool
    expires_at: datetime
    revoked_at: datetime | None
    devices: int

    @property
    def last_day(self) -> date:
        """The last day on which the link works."""
        return (self.expires_at - timedelta(days=1)).date()

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the rating on a device has come."""

    answered: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A rating without an account on the device of somebody who is signed in."""

    rating_id: int
    answered: int
    is_finished: bool


# built once: every request of a joined device asks this
_JOINED = select(
    JoinedDevice.assessment_id,
    JoinedDevice.rating_id,
    JoinedDevice.organization_id,
    JoinedDevice.clinic_id,
    JoinedDevice.is_shared,
    # on PostgreSQL the same statement opens the row-level security of the clinic's organization
    tenancy.carry(cast(JoinedDevice.organization_id, String)),
).where(
    JoinedDevice.token_sha256 == bindparam("token_sha256"),
    JoinedDevice.ended_at.is_(None),
    JoinedDevice.expires_at > bindparam("now"),
)


def get_joined(token: str) -> Joined | None:
    """The rating that the device with this token works on (one statement)."""
    values = {"token_sha256": token_hash(token), "now": clock.now()}
    row = wall.execute(_JOINED, values).one_or_none()
    if row is None:
        return None
    return Joined(
        assessment_id=row.assessment_id,
        rating_id=row.rating_id,
        organization_id=row.organization_id,
        clinic_id=row.clinic_id,
        is_shared=row.is_shared,
    )


def find_unclaimed(token: str, assessment_id: int) -> Unclaimed | None:
    """What a device of one person holds of this assessment, if it is answered (one statement).

    A device that several people use is no sign of whose its rating is.
    """
    answered = (
        select(func.count())
        .where(Answer.rating_id == Rating.id, Answer.state != "unanswered")
        .scalar_subquery()
    )
    row = db.session.execute(
        select(Rating.id, answered.label("answered"), Rating.submitted_at)
        .join(JoinedDevice, JoinedDevice.rating_id == Rating.id)
        .where(
            JoinedDevice.token_sha256 == token_hash(token),
            JoinedDevice.assessment_id == assessment_id,
            JoinedDevice.is_shared.is_(False),
            JoinedDevice.ended_at.is_(None),
            JoinedDevice.expires_at > clock.now(),
        )
    ).one_or_none()
    if row is None or row.answered == 0:
        return None
    return Unclaimed(row.id, row.answered, row.submitted_at is not None)


def find_link(code: str) -> LiveLink | None:
    """The link with this code, unless it expired or was stopped (one statement)."""
    row = db.session.execute(
        select(
            JoinLink.assessment_id,
            JoinLink.organization_id,
            JoinLink.clinic_id,
            JoinLink.asks_job_role,
            JoinLink.expires_at,
        ).where(
            JoinLink.code_sha256 == code_hash(code),
            JoinLink.revoked_at.is_(None),
            JoinLink.expires_at > clock.now(),
        )
    ).one_or_none()
    return None if row is None else LiveLink(*row)


def get_offer(link: LiveLink) -> Offer | None:
    """What the link lets people rate; None once the ratings were revealed (one statement)."""
    row = db.session.execute(
        select(
            Clinic.name,
            Assessment.quarter,
            Assessment.due_on,
            Assessment.message,
            Assessment.questionnaire_version_id,
        )
        .join(Clinic, Clinic.id == Assessment.clinic_id)
        .where(Assessment.id == link.assessment_id, Assessment.state == State.OPEN)
    ).one_or_none()
    if row is None:
        return None
    return Offer(
        assessment_id=link.assessment_id,
        organization_id=link.organization_id,
        clinic_id=link.clinic_id,
        clinic_name=row.name,
        quarter=Quarter.parse(row.quarter),
        due_on=row.due_on,
        message=row.message,
        asks_job_role=link.asks_job_role,
        expires_at=link.expires_at,
        instrument=get_instrument(row.questionnaire_version_id),
    )


def get_link(assessment_id: int) -> LinkState | None:
    """The join link of an assessment, live or not (one statement)."""
    devices = select(func.count(JoinedDevice.id)).where(JoinedDevice.assessment_id == assessment_id)
    row = db.session.execute(
        select(
            JoinLink.number,
            JoinLink.code_sha256,
            JoinLink.asks_job_role,
            JoinLink.expires_at,
            JoinLink.revoked_at,
            devices.scalar_subquery(),
        ).where(JoinLink.assessment_id == assessment_id)
    ).one_or_none()
    return None if row is None else LinkState(*row)


def get_progress(rating_id: int) -> Progress:
    """How many milestones of a rating are answered, and whether it counts (one statement)."""
    answered = select(func.count()).where(
        Answer.rating_id == rating_id, Answer.state != "unanswered"
    )
    row = db.session.execute(
        select(answered.scalar_subquery().label("answered"), Rating.submitted_at).where(
            Rating.id == rating_id
        )
    ).one()
    return Progress(row.answered, row.submitted_at is not None)
