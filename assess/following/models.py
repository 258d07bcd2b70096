"""Tables of following an assessment: what was done with it, who is asked, who was reminded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.models import ClinicData
from core.db import Base


class AssessmentStep(ClinicData, Base):
    """What was done with an assessment as a whole, by whom and why; rows are never changed."""

    __tablename__ = "assessment_step"
    __table_args__ = (
        CheckConstraint(
            "step in ('opened', 'changed', 'moved', 'revealed', 'hidden_again', 'agreed', "
            "'closed', 'reopened')",
            name="step",
        ),
        Index("ix_assessment_step_assessment_id", "assessment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    step: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class AskedPerson(ClinicData, Base):
    """Somebody who is asked to rate; read only where an assessment does not ask everyone."""

    __tablename__ = "asked_person"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )


class Reminder(ClinicData, Base):
    """A mail that asked somebody to rate; the key lets none go out twice for the same reason."""

    __tablename__ = "reminder"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[str] = mapped_column(String(40), primary_key=True)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    sent_at: Mapped[datetime]


class ReminderRound(ClinicData, Base):
    """Mails that went out together for one reason; `people` only where that tells of nobody."""

    __tablename__ = "reminder_round"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[str] = mapped_column(String(40), primary_key=True)
    people: Mapped[int | None]
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    sent_at: Mapped[datetime]
