"""Slows down guessing: counts tries in the database, so that all processes count together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Base, db
from core.errors import BlockwiseError

FORGOTTEN_AT_ONCE = 100


class TooManyTries(BlockwiseError):
    """Too many tries of one kind lately."""

    status = 429
    title = "Too many tries"


class Attempt(Base):
    """One try of one kind (a wrong password, a join code, a reset asked for)."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_kind_subject_sha256_at", "kind", "subject_sha256", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    # an address or email is personal; its hash counts as well
    subject_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `allowed` tries of this kind by one subject within the window."""

    kind: str
    allowed: int
    window: timedelta

    def check(self, subject: str) -> None:
        """Raise TooManyTries when the subject has none left."""
        since = clock.now() - self.window
        tries = db.session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(
                Attempt.kind == self.kind,
                Attempt.subject_sha256 == _hash(subject),
                Attempt.at > since,
            )
        )
        if (tries or 0) >= self.allowed:
            minutes = max(1, round(self.window.total_seconds() / 60))
            raise TooManyTries(f"Wait {minutes} minutes, then try again. Your work so far is kept.")

    def take(self, subject: str) -> None:
        """Count one try, or raise TooManyTries when none is left: exact, however many come at once.

        Tries of one subject queue up here until the end of their transactions.
        """
        if db.session.get_bind().dialect.name == "postgresql":
            # SQLite lets one transaction write at a time; this holds no lock on any row
            key = int.from_bytes(_hash(f"{self.kind} {subject}")[:8], signed=True)
            db.session.execute(select(func.pg_advisory_xact_lock(key)))
        self.check(subject)
        self.count(subject)

    def count(self, subject: str) -> None:
        """Count one try, and forget some of those of this kind that no longer matter."""
        now = clock.now()
        old = (
            select(Attempt.id)
            .where(Attempt.kind == self.kind, Attempt.at <= now - self.window)
            .limit(FORGOTTEN_AT_ONCE)
            .with_for_update(skip_locked=True)  # two who forget the same rows must not wait
        )
        db.session.execute(delete(Attempt).where(Attempt.id.in_(old)))
        db.session.add(Attempt(kind=self.kind, subject_sha256=_hash(subject), at=now))
        db.session.flush()

    def forget(self, subject: str) -> None:
        """Give the subject all tries back, as after a right password."""
        db.session.execute(
            delete(Attempt).where(
                Attempt.kind == self.kind, Attempt.subject_sha256 == _hash(subject)
            )
        )


def _hash(subject: str) -> bytes:
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).digest()
