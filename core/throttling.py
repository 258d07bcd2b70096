"""Slows down guessing: counts tries in the database, so that all processes count together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Index,
    LargeBinary,
    String,
    and_,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, locks
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
        check_all([(self, subject)])

    def take(self, subject: str) -> None:
        """Count one try, or raise TooManyTries when none is left: exact, however many come at once.

        Tries of one subject queue up here until the end of their transactions.
        """
        locks.hold(f"{self.kind} {subject}")
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

    def matches(self, subject: str, now: datetime) -> ColumnElement[bool]:
        """The condition of the subject's tries that still count."""
        return and_(
            Attempt.kind == self.kind,
            Attempt.subject_sha256 == _hash(subject),
            Attempt.at > now - self.window,
        )

    def forget(self, subject: str) -> None:
        """Give the subject all tries back, as after a right password."""
        db.session.execute(
            delete(Attempt).where(
                Attempt.kind == self.kind, Attempt.subject_sha256 == _hash(subject)
            )
        )


def check_all(limits: Sequence[tuple[Limit, str]]) -> None:
    """Check several limits of different kinds, each for its subject, in one statement.

    Raises TooManyTries when one of them has none left.
    """
    now = clock.now()
    counted = db.session.execute(
        select(Attempt.kind, func.count().label("tries"))
        .where(or_(*(limit.matches(subject, now) for limit, subject in limits)))
        .group_by(Attempt.kind)
    )
    tries = {row.kind: row.tries for row in counted}
    for limit, _subject in limits:
        if tries.get(limit.kind, 0) >= limit.allowed:
            minutes = max(1, round(limit.window.total_seconds() / 60))
            raise TooManyTries(f"Wait {minutes} minutes, then try again. Your work so far is kept.")


def _hash(subject: str) -> bytes:
    return hashlib.sha256(subject.encode("utf-8", "surrogatepass")).digest()
