"""Tables of assessments: what was asked, what each rater said, what the team agreed, the scores."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Clinic, ClinicData, OfClinic
from core.db import Base


class State(StrEnum):
    """Where an assessment stands; it only moves forward, except by reopening with a reason."""

    OPEN = "open"
    REVEALED = "revealed"
    AGREED = "agreed"
    CLOSED = "closed"


OVERALL = "overall"
"""Reserved key of block_score.block for the overall score of an assessment."""


class QuestionnaireVersion(Base):
    """The exact text people answered; rows are never changed."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("slug", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(Text, deferred=True)
    created_at: Mapped[datetime]


class Assessment(ClinicData, Base):
    """One clinic answering one questionnaire in one quarter."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("clinic_id", "questionnaire", "quarter"),
        CheckConstraint("state in ('open', 'revealed', 'agreed', 'closed')", name="state"),
        CheckConstraint("source in ('rated', 'imported')", name="source"),
        Index("ix_assessment_questionnaire_quarter", "questionnaire", "quarter"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(80))
    questionnaire_version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    quarter: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(10), default=State.OPEN)
    source: Mapped[str] = mapped_column(String(10), default="rated")
    opened_at: Mapped[datetime]
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    due_on: Mapped[date | None]
    message: Mapped[str] = mapped_column(Text, default="")
    asks_everyone: Mapped[bool] = mapped_column(default=True)
    # days from the due day on which reminders go out by themselves, as "-3 1"; "" is never
    remind_days: Mapped[str] = mapped_column(String(40), default="-3 1")
    revealed_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    clinic: Mapped[Clinic] = relationship(lazy="raise")
    questionnaire_version: Mapped[QuestionnaireVersion] = relationship(lazy="raise")


class JoinLink(OfClinic, Base):
    """The link and QR code by which staff rate one assessment without an account.

    The code itself is computed from its number, so that the poster can be printed again; only its
    hash is kept, for finding it. A new number makes the old code worthless.
    """

    __tablename__ = "join_link"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(default=1)
    code_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    asks_job_role: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class JoinedDevice(OfClinic, Base):
    """A browser that rates one assessment by the join link; only the hash of its token is kept."""

    __tablename__ = "joined_device"
    __table_args__ = (UniqueConstraint("rating_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id", ondelete="CASCADE"))
    is_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Rating(ClinicData, Base):
    """One rater's sheet; a person has at most one per assessment.

    A sheet from paper or a file belongs to nobody with an account: `label` names the form or row,
    `keyed_by` who brought it in; `compared_at` and `differences` tell of a second entry.
    """

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("assessment_id", "person_id"),
        UniqueConstraint("assessment_id", "device_token_sha256"),
        CheckConstraint("source in ('web', 'paper', 'import')", name="source"),
        Index("ix_rating_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    device_token_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    job_role: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(10), default="web")
    label: Mapped[str] = mapped_column(String(80), default="")
    paper_on: Mapped[date | None]
    keyed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    compared_at: Mapped[datetime | None]
    compared_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    differences: Mapped[int | None]
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)


class Answer(ClinicData, Base):
    """The present answer to one milestone; no row means not yet answered."""

    __tablename__ = "answer"
    __table_args__ = (
        CheckConstraint(
            "state in ('level', 'not_applicable', 'dont_know', 'unanswered')", name="state"
        ),
        CheckConstraint("(state = 'level') = (level is not null)", name="level"),
    )

    rating_id: Mapped[int] = mapped_column(
        ForeignKey("rating.id", ondelete="CASCADE"), primary_key=True
    )
    milestone: Mapped[str] = mapped_column(String(80), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    level: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(default=1)
    answered_at: Mapped[datetime]


class AnswerChange(ClinicData, Base):
    """History of an answer: who changed what, when, from which value to which."""

    __tablename__ = "answer_change"
    __table_args__ = (
        Index("ix_answer_change_rating_id_milestone", "rating_id", "milestone"),
        Index("ix_answer_change_rating_id_request_key", "rating_id", "request_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id", ondelete="CASCADE"))
    milestone: Mapped[str] = mapped_column(String(80))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime]
    request_key: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int]
    old_state: Mapped[str | None] = mapped_column(String(20))
    old_level: Mapped[int | None]
    old_note: Mapped[str | None] = mapped_column(Text)
    new_state: Mapped[str] = mapped_column(String(20))
    new_level: Mapped[int | None]
    new_note: Mapped[str] = mapped_column(Text, default="")


class AgreedLevel(ClinicData, Base):
    """What the team agreed for one milestone, with the reasons and who saw it otherwise."""

    __tablename__ = "agreed_level"
    __table_args__ = (
        CheckConstraint("state in ('level', 'not_applicable', 'dont_know')", name="state"),
        CheckConstraint("(state = 'level') = (level is not null)", name="level"),
    )

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    milestone: Mapped[str] = mapped_column(String(80), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    level: Mapped[int | None]
    rationale: Mapped[str] = mapped_column(Text, default="")
    dissent: Mapped[str] = mapped_column(Text, default="")
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    agreed_at: Mapped[datetime]


class AgreedLevelChange(ClinicData, Base):
    """Every level the team ever agreed on, also those it changed its mind about; append-only."""

    __tablename__ = "agreed_level_change"
    __table_args__ = (Index("ix_agreed_level_change_assessment_id", "assessment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    milestone: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))
    level: Mapped[int | None]
    rationale: Mapped[str] = mapped_column(Text, default="")
    dissent: Mapped[str] = mapped_column(Text, default="")
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    agreed_at: Mapped[datetime]


class BlockScore(ClinicData, Base):
    """Derived score of one block (or OVERALL); unrounded, recomputable unless imported."""

    __tablename__ = "block_score"
    __table_args__ = (CheckConstraint("basis in ('agreed', 'ratings', 'imported')", name="basis"),)

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    block: Mapped[str] = mapped_column(String(80), primary_key=True)
    basis: Mapped[str] = mapped_column(String(10), primary_key=True)
    score: Mapped[float | None]
    answered: Mapped[int] = mapped_column(default=0)
    milestones: Mapped[int] = mapped_column(default=0)
    raters: Mapped[int] = mapped_column(default=0)
    sd: Mapped[float | None]
    met: Mapped[int] = mapped_column(default=0)
