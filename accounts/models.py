"""Tables of people, organizations and clinics."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from core.db import Base


class Role(StrEnum):
    """What a grant lets a person be; DESIGN of the roles stands in accounts.permissions."""

    MEMBER = "member"
    LEAD = "lead"
    COACH = "coach"
    RESEARCHER = "researcher"
    ADMINISTRATOR = "administrator"


class Organization(Base):
    """A health system or practice group that owns clinics."""

    __tablename__ = "organization"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Clinic(Base):
    """One primary-care clinic; its study code is what researchers see instead of its name."""

    __tablename__ = "clinic"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(String(200))
    study_code: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str | None] = mapped_column(String(2))
    setting: Mapped[str | None] = mapped_column(String(40))
    ehr: Mapped[str | None] = mapped_column(String(80))
    clinician_fte: Mapped[float | None]
    baseline_quarter: Mapped[str | None] = mapped_column(String(6))
    archived_at: Mapped[datetime | None]

    organization: Mapped[Organization] = relationship(lazy="raise")


class ClinicData:
    """Mixin: every row of a clinic says whose it is, for access rules and row-level security."""

    @declared_attr
    def organization_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("organization.id"))

    @declared_attr
    def clinic_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("clinic.id"))


class Person(Base):
    """Someone who signs in; a person without a password hash cannot sign in by password."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Grant(Base):
    """A role of a person in one clinic, one organization or (both empty) the whole program."""

    __tablename__ = "grant"
    __table_args__ = (
        CheckConstraint(
            "role in ('member', 'lead', 'coach', 'researcher', 'administrator')", name="role"
        ),
        CheckConstraint(
            "role not in ('member', 'lead') or clinic_id is not null", name="clinic_roles"
        ),
        Index("ix_grant_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinic.id"))


class SignIn(Base):
    """One signed-in browser; only the hash of its token is kept."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed sign-in, counted to slow down guessing."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_email_sha256_at", "email_sha256", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]
