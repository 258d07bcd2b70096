"""Tables of the research package: data bundles that were asked for, and tokens of the API."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class BundleState(StrEnum):
    """How far a data bundle is."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class DataBundle(Base):
    """A data bundle somebody asked for: which analysis, how far it is, and what came out.

    `selection` is the query of the analysis, `clinics` the ids of the clinics inside as a JSON
    list: only who may still see all of them may fetch it.
    """

    __tablename__ = "data_bundle"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'working', 'ready', 'failed')", name="state"),
        Index("ix_data_bundle_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    selection: Mapped[str] = mapped_column(Text)
    clinics: Mapped[str] = mapped_column(Text, default="[]")
    state: Mapped[str] = mapped_column(String(10), default=BundleState.WAITING)
    # 0 to 100, with what is being written just now
    progress: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class DataBundlePart(Base):
    """One mebibyte of a finished bundle: any web process can send what any worker has written."""

    __tablename__ = "data_bundle_part"

    bundle_id: Mapped[int] = mapped_column(
        ForeignKey("data_bundle.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ApiToken(Base):
    """A secret by which a person's own programs read the API; only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
