"""Work that is done after the request that asked for it, once in effect, by any worker.

A job is a row, written in the transaction of what causes it: no commit, no job. A worker claims the
row with a lease, works outside of any transaction, and deletes the row together with what the work
wrote. A worker that dies leaves the row; when its lease has run out, the next one takes it.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, String, Text, and_, delete, event, func, or_, select
from sqlalchemy import update as sql_update
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from core import clock
from core.db import Base, db, inserting
from core.sealing import CannotOpen, seal, unseal

PURPOSE = "job"
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
KEEP_GIVEN_UP = timedelta(days=30)
LONGEST_ERROR = 500
_QUEUED = "a job was queued in this transaction"

new_work = threading.Event()
"""Set when this process has committed a job; a worker in the same process waits for it."""


class GiveUp(Exception):
    """Raised by the work itself: trying again cannot help. The text is kept; no payload in it."""


class TryLater(Exception):
    """Raised by the work itself: it may help later. The text is kept; no payload in it."""


class LeaseLost(Exception):
    """Another worker has taken the job, because this one was silent for longer than a lease."""


class Job(Base):
    """One piece of work; it is deleted when done, and kept with its error when given up."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_run_at", "run_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    # sealed: a mail carries a link that signs somebody in
    payload: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this worker holds until its lease runs out; the payload is still sealed."""

    id: int
    kind: str
    sealed: str
    lease: str
    attempt: int

    def payload(self, *, secret: str | bytes) -> dict[str, Any]:
        """What was enqueued. Raises GiveUp when another SECRET_KEY has sealed it."""
        try:
            opened: dict[str, Any] = json.loads(unseal(self.sealed, secret=secret, purpose=PURPOSE))
        except CannotOpen as error:
            raise GiveUp("sealed with another SECRET_KEY") from error
        return opened


_present: ContextVar[Claimed | None] = ContextVar("present job", default=None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the queue is doing, for `flask doctor`."""

    waiting: int
    given_up: int
    due_since: datetime | None


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    secret: str | bytes,
    run_at: datetime | None = None,
    dedupe_key: str | None = None,
) -> None:
    """Ask for work in the transaction of the caller; the payload is JSON and is kept sealed.

    While a job with the same `dedupe_key` waits or runs, nothing is added; one that was given up
    is taken up again with this payload.
    """
    values = {
        "kind": kind,
        "payload": seal(json.dumps(dict(payload)), secret=secret, purpose=PURPOSE),
        "dedupe_key": dedupe_key,
        "created_at": clock.now(),
        "run_at": run_at or clock.now(),
        "attempts": 0,
        "failed_at": None,
        "error": "",
    }
    session = db.session()
    adding = inserting(Job).values(**values)
    again = adding.on_conflict_do_update(
        index_elements=["dedupe_key"], set_=values, where=Job.failed_at.is_not(None)
    )
    session.execute(again)
    session.info[_QUEUED] = True


def claim() -> Claimed | None:
    """Take the job that has been due the longest, if any; commits, so that no lock is held.

    PostgreSQL skips the rows that others are just taking; on SQLite the transaction begins as a
    writing one, so that workers come one after the other.
    """
    row = db.session.execute(
        select(Job.id, Job.kind, Job.payload, Job.attempts)
        .where(_is_due())
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        db.session.rollback()
        return None
    claimed = Claimed(row.id, row.kind, row.payload, secrets.token_urlsafe(24), row.attempts + 1)
    until = clock.now() + LEASE
    db.session.execute(
        sql_update(Job)
        .where(Job.id == row.id)
        .values(attempts=claimed.attempt, lease_token=claimed.lease, lease_until=until)
    )
    db.session.commit()
    if claimed.attempt > MOST_ATTEMPTS:
        give_up(claimed, error=f"its worker died in the middle of it {MOST_ATTEMPTS} times")
        return claim()
    return claimed


@contextmanager
def working_on(claimed: Claimed) -> Iterator[None]:
    """Name the job that the block works on, for `renew`."""
    token = _present.set(claimed)
    try:
        yield
    finally:
        _present.reset(token)


def renew() -> None:
    """Hold the present job for another lease, in the transaction of the caller.

    For work that may take longer than a lease. Raises LeaseLost when another worker has taken the
    job meanwhile; outside of a job it does nothing.
    """
    claimed = _present.get()
    if claimed is None:
        return
    held = db.session.execute(
        sql_update(Job)
        .where(_still_held(claimed))
        .values(lease_until=clock.now() + LEASE)
        .returning(Job.id)
    ).one_or_none()
    if held is None:
        raise LeaseLost


def finish(claimed: Claimed) -> bool:
    """Delete a job and commit it together with what the work wrote into the session.

    False, and nothing written, when the lease had run out and somebody else has taken the job.
    """
    done = db.session.execute(delete(Job).where(_still_held(claimed)).returning(Job.id))
    held = done.one_or_none() is not None
    if held:
        db.session.commit()
    else:
        db.session.rollback()
    return held


def put_back(claimed: Claimed, *, error: str) -> None:
    """After a failure: undo what the work wrote and let the job wait, or give it up at last."""
    if claimed.attempt >= MOST_ATTEMPTS:
        give_up(claimed, error=error)
        return
    wait = min(FIRST_WAIT * 4 ** (claimed.attempt - 1), LONGEST_WAIT)
    _let_go(claimed, run_at=clock.now() + wait, error=error[:LONGEST_ERROR])


def give_up(claimed: Claimed, *, error: str) -> None:
    """Undo what the work wrote and keep the job with its error for thirty days."""
    _let_go(claimed, failed_at=clock.now(), error=error[:LONGEST_ERROR])
    db.session.execute(delete(Job).where(Job.failed_at < clock.now() - KEEP_GIVEN_UP))
    db.session.commit()


def standing() -> Standing:
    """Counts of what waits and what was given up, and since when the oldest job is due."""
    waiting, due_since = db.session.execute(
        select(func.count(), func.min(Job.run_at)).where(Job.failed_at.is_(None))
    ).one()
    given_up = db.session.scalar(
        select(func.count()).select_from(Job).where(Job.failed_at.is_not(None))
    )
    is_due = due_since is not None and due_since <= clock.now()
    return Standing(waiting, given_up or 0, due_since if is_due else None)


def _is_due() -> ColumnElement[bool]:
    now = clock.now()
    free = or_(Job.lease_until.is_(None), Job.lease_until <= now)
    return and_(Job.failed_at.is_(None), Job.run_at <= now, free)


def _still_held(claimed: Claimed) -> ColumnElement[bool]:
    return and_(Job.id == claimed.id, Job.lease_token == claimed.lease)


def _let_go(claimed: Claimed, **values: Any) -> None:
    db.session.rollback()
    free = {"lease_token": None, "lease_until": None}  # nosec B105 # None is no password
    db.session.execute(sql_update(Job).where(_still_held(claimed)).values(**free, **values))
    db.session.commit()


def _wake(session: Session) -> None:
    if not session.in_nested_transaction() and session.info.pop(_QUEUED, False):
        new_work.set()


def _forget(session: Session, previous: SessionTransaction) -> None:
    if previous.parent is None:
        session.info.pop(_QUEUED, None)


event.listen(db.session, "after_commit", _wake)
event.listen(db.session, "after_soft_rollback", _forget)
