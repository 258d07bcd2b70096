"""Tables of people, organizations and clinics."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

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


class OfClinic:
    """Mixin: every row of a clinic says whose it is.

    By itself only for what is looked up by the hash of a secret before anybody knows whose it is.
    """

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinic.id"))


class ClinicData(OfClinic):
    """Mixin: a row that only those see whose reach it is in (accounts.wall, row-level security)."""


class Person(Base):
    """Someone who signs in; a person without a password hash cannot sign in by password."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    job_role: Mapped[str | None] = mapped_column(String(40))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # shorter than a password may be alone: only together with a second factor
    password_is_short: Mapped[bool] = mapped_column(default=False, server_default=false())
    totp_sealed: Mapped[str | None] = mapped_column(Text)
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    disabled_at: Mapped[datetime | None]
    # stays when the rows of sign_in are forgotten; an administrator of an organization may read it
    last_signed_in_at: Mapped[datetime | None]
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


class Method(StrEnum):
    """How a browser was signed in."""

    PASSWORD = "password"  # noqa: S105 # nosec B105 # the name of a way in
    PASSWORD_AND_CODE = "password and code"  # noqa: S105 # nosec B105 # the name of a way in
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single sign-on"
    INVITATION = "invitation"
    RESET = "reset"
    DEMONSTRATION = "demonstration"


class SignIn(Base):
    """One signed-in browser; only the hash of its token is kept."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    method: Mapped[str] = mapped_column(String(20), default="password", server_default="password")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    browser: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Purpose(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    RESET = "password_reset"


class Token(Base):
    """A one-time link: an invitation to a role, or a password reset of one person.

    Only the hash of its secret is kept. An invitation is bound to its email, role and scope.
    """

    __tablename__ = "token"
    __table_args__ = (
        CheckConstraint("purpose in ('invitation', 'password_reset')", name="purpose"),
        CheckConstraint("purpose <> 'invitation' or role is not null", name="invitation_role"),
        CheckConstraint(
            "purpose <> 'password_reset' or person_id is not null", name="reset_person"
        ),
        Index("ix_token_clinic_id", "clinic_id"),
        Index("ix_token_email", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str | None] = mapped_column(String(20))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    clinic_id: Mapped[int | None] = mapped_column(ForeignKey("clinic.id"))
    # whose password is reset, or who accepted the invitation
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code on paper that stands in once for a lost second factor."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    code_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A WebAuthn credential of a person: its public half, never a secret."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class Identity(Base):
    """A person as an OpenID Connect provider knows them: issuer and subject, never the email."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(String(400))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class KeptForm(Base):
    """What was typed before a sign-in that leaves our pages, sealed, for an hour."""

    __tablename__ = "kept_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    sealed: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime]
