"""Tables of the team's meeting: where it stands, what it put off, what it voted on again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import ClinicData
from core.db import Base


class Meeting(ClinicData, Base):
    """Where the team's meeting stands; `version` grows with whatever its screens must show.

    `planned_each`: seconds for each milestone that was left when `planned_until` was set.
    `timer_left`: seconds of a timer that pauses. `present`: as assess.meeting.presence has it.
    """

    __tablename__ = "meeting"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(default=1)
    milestone: Mapped[str | None] = mapped_column(String(80))
    started_at: Mapped[datetime]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    planned_until: Mapped[datetime | None]
    planned_each: Mapped[int | None]
    timer_ends_at: Mapped[datetime | None]
    timer_left: Mapped[int | None]
    attendance: Mapped[str] = mapped_column(Text, default="")
    present: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    ended_at: Mapped[datetime | None]


class ParkedMilestone(ClinicData, Base):
    """A milestone the team put off, with what it waits for; gone once a level is agreed."""

    __tablename__ = "parked_milestone"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    milestone: Mapped[str] = mapped_column(String(80), primary_key=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    parked_at: Mapped[datetime]


class Revote(ClinicData, Base):
    """A second vote on one milestone after the talk; hidden until it is revealed."""

    __tablename__ = "revote"
    __table_args__ = (
        UniqueConstraint("assessment_id", "milestone", "number"),
        CheckConstraint("state in ('open', 'revealed', 'cancelled')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    milestone: Mapped[str] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="open")
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime]
    revealed_at: Mapped[datetime | None]


class RevoteAnswer(ClinicData, Base):
    """One vote of a person, or of a device that came by the join link; the last one counts."""

    __tablename__ = "revote_answer"
    __table_args__ = (
        UniqueConstraint("revote_id", "person_id"),
        UniqueConstraint("revote_id", "rating_id"),
        CheckConstraint("(person_id is null) <> (rating_id is null)", name="voter"),
        CheckConstraint("state in ('level', 'not_applicable', 'dont_know')", name="state"),
        CheckConstraint("(state = 'level') = (level is not null)", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    revote_id: Mapped[int] = mapped_column(ForeignKey("revote.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    rating_id: Mapped[int | None] = mapped_column(ForeignKey("rating.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(20))
    level: Mapped[int | None]
    voted_at: Mapped[datetime]
