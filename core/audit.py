"""The log of who did what: append-only, and chained so that a changed or missing line shows.

Each event carries the SHA-256 of itself and of the event before it in its chain. An organization
has a chain of its own; what concerns no organization goes into the chain of the program. Events are
collected while a request works and written just before its commit, in the same transaction: what
was undone leaves no line, and the head of a chain is locked for a moment only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, event, insert
from sqlalchemy import update as sql_update
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from core import clock
from core.db import Base, db, inserting

PROGRAM = "program"
BEGINNING = bytes(32)
_PENDING = "audit events of this transaction"
_MARKS = "how many there were when each open savepoint began"


class AuditEvent(Base):
    """One line of the log. Database triggers refuse to change or delete it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("chain", "sequence"),
        Index("ix_audit_event_at", "at"),
        Index("ix_audit_event_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    at: Mapped[datetime]
    # no foreign key: the log outlives what it tells of
    person_id: Mapped[int | None]
    who: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHead(Base):
    """Where a chain ends; whoever appends to it holds this row."""

    __tablename__ = "audit_head"

    chain: Mapped[str] = mapped_column(String(40), primary_key=True)
    sequence: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where: an internet address, or the terminal."""

    person_id: int | None
    who: str
    address: str


NOBODY = Actor(None, "nobody signed in", "")
_actor: ContextVar[Actor] = ContextVar("actor", default=NOBODY)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Name the actor of everything recorded inside the block."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def set_actor(actor: Actor) -> None:
    """Name the actor from here on, inside the block that `acting` opened around a request."""
    _actor.set(actor)


def acting_person() -> int | None:
    """Id of the person who acts; None for nobody signed in, a device or the terminal."""
    return _actor.get().person_id


def chain_of(organization_id: int | None) -> str:
    """The name of the chain of an organization, or of the program."""
    return PROGRAM if organization_id is None else f"organization {organization_id}"


def record(
    action: str,
    *,
    subject: str,
    organization_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    actor: Actor | None = None,
) -> None:
    """Note an event for the log; it is written with the commit of this transaction, or not at all.

    `action` is a noun and a past verb ("clinic.created"), `subject` names the thing
    ("clinic 12 Alder Clinic") and ends, for a thing of a clinic, with whose it is ("assessment 7,
    Q3 2026, of clinic 12"): the log is searched by it. Never hand in passwords, tokens, answers
    or free text.
    """
    actor = actor or _actor.get()
    values = {
        "chain": chain_of(organization_id),
        "at": clock.now(),
        "person_id": actor.person_id,
        "who": _storable(actor.who)[:254],
        "address": _storable(actor.address)[:45],
        "action": action[:60],
        "subject": _storable(subject)[:200],
        "before": _as_json(before),
        "after": _as_json(after),
    }
    session = db.session()
    if not session.in_transaction():
        session.begin()  # or a rollback before the first statement would not be noticed
    session.info.setdefault(_PENDING, []).append(values)


def event_hash(values: Mapping[str, Any], previous: bytes) -> bytes:
    """SHA-256 over the hash before it and the event's values as canonical JSON."""
    moment: datetime = values["at"]
    listed = [
        values["chain"],
        values["sequence"],
        moment.astimezone(UTC).isoformat(timespec="microseconds"),
        values["person_id"],
        values["who"],
        values["address"],
        values["action"],
        values["subject"],
        values["before"],
        values["after"],
    ]
    text = json.dumps(listed, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


def _as_json(values: Any) -> str | None:
    if values is None:
        return None
    return _storable(json.dumps(dict(values), default=str, ensure_ascii=False, sort_keys=True))


def _storable(text: str) -> str:
    """The text without what a database refuses: NUL and halves of characters."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _write_pending(session: Session) -> None:
    if session.in_nested_transaction() or _PENDING not in session.info:
        return  # a savepoint: the events wait for the real commit
    session.flush()  # so that the ends of the chains are held last and shortest
    pending = session.info.pop(_PENDING)
    pending.sort(key=lambda values: str(values["chain"]))  # all lock the chains in one order
    for chain, events in groupby(pending, key=lambda values: str(values["chain"])):
        _append(session, chain, list(events))


def _append(session: Session, chain: str, events: list[dict[str, Any]]) -> None:
    connection = session.connection()
    count = len(events)
    begin = inserting(AuditHead, connection.dialect.name).values(
        chain=chain, sequence=count, sha256=BEGINNING
    )
    # one statement begins the chain or holds its end, and tells the hash before ours
    end = connection.execute(
        begin.on_conflict_do_update(
            index_elements=["chain"], set_={"sequence": AuditHead.sequence + count}
        ).returning(AuditHead.sequence, AuditHead.sha256)
    ).one()
    last: bytes = end.sha256
    for sequence, values in enumerate(events, start=end.sequence - count + 1):
        values["sequence"] = sequence
        values["sha256"] = last = event_hash(values, last)
    # inline: no id comes back, for whoever adds to a chain may not be allowed to read it
    connection.execute(insert(AuditEvent).inline(), events)
    connection.execute(sql_update(AuditHead).where(AuditHead.chain == chain).values(sha256=last))


def _mark_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        marks = session.info.setdefault(_MARKS, {})
        marks[transaction] = len(session.info.get(_PENDING, ()))


def _forget_undone(session: Session, undone: SessionTransaction) -> None:
    if undone.nested:
        mark = session.info.get(_MARKS, {}).pop(undone, None)
        if mark is not None:
            del session.info.get(_PENDING, [])[mark:]
    elif undone.parent is None:
        session.info.pop(_PENDING, None)


def _forget_marks(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop(_MARKS, None)


event.listen(db.session, "before_commit", _write_pending)
event.listen(db.session, "after_transaction_create", _mark_savepoint)
event.listen(db.session, "after_soft_rollback", _forget_undone)
event.listen(db.session, "after_transaction_end", _forget_marks)
