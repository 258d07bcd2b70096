"""The audit log keeps its order, leaves nothing of what was undone, and shows tampering."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from accounts import service
from accounts.models import Organization
from core import audit, audit_chain
from core.audit import AuditEvent, AuditHead
from core.db import db
from tests import databases
from tests.conftest import CountStatements


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def _write(count: int = 1, organization_id: int | None = None) -> None:
    for number in range(count):
        audit.record(
            "thing.changed",
            subject=f"thing {number}",
            organization_id=organization_id,
            before={"name": "Ödön", "number": number},
            after={"name": "Odin"},
            actor=audit.Actor(7, "Lead <lead@example.org>", "192.0.2.1"),
        )
    db.session.commit()


def _lines() -> list[tuple[str, int]]:
    rows = db.session.execute(select(AuditEvent.chain, AuditEvent.sequence).order_by(AuditEvent.id))
    return [(row.chain, row.sequence) for row in rows]


def _findings(chain: str | None = None) -> list[tuple[str, int]]:
    db.session.rollback()
    return [(one.chain, one.sequence) for one in audit_chain.verify(chain).findings]


def _unguarded(*statements: object) -> None:
    """Change the log as somebody could who owns the database: with the triggers off."""
    db.session.rollback()
    with databases.as_superuser(db.engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS audit_event_no_{verb}"))
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def _line(sequence: int, chain: str = audit.PROGRAM) -> tuple[object, object]:
    return AuditEvent.chain == chain, AuditEvent.sequence == sequence


@pytest.mark.usefixtures("context")
def test_a_log_that_nobody_touched_is_whole() -> None:
    assert audit_chain.verify() == audit_chain.Verified(0, 0, ())
    _write(3)
    _write(2, organization_id=5)
    _write()
    assert audit_chain.verify() == audit_chain.Verified(2, 6, ())
    assert audit_chain.verify("organization 5") == audit_chain.Verified(1, 2, ())


@pytest.mark.usefixtures("context")
def test_more_lines_than_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_chain, "AT_ONCE", 3)
    _write(11)
    assert audit_chain.verify() == audit_chain.Verified(1, 11, ())


@pytest.mark.usefixtures("context")
def test_a_transaction_that_is_undone_leaves_no_line() -> None:
    audit.record("thing.changed", subject="before any statement")
    db.session.rollback()
    service.create_organization(name="Undone")
    audit.record("organization.created", subject="organization Undone")
    db.session.rollback()
    _write()
    assert _lines() == [("program", 1)]


@pytest.mark.usefixtures("context")
def test_a_savepoint_that_is_undone_takes_its_own_lines_along_and_no_others() -> None:
    service.create_organization(name="Twice")
    db.session.commit()
    audit.record("thing.changed", subject="before")
    with suppress(IntegrityError), db.session.begin_nested():
        audit.record("thing.changed", subject="inside")
        with db.session.begin_nested():
            audit.record("thing.changed", subject="inside of inside")
        db.session.add(Organization(name="Twice", created_at=audit.clock.now()))
    with db.session.begin_nested():
        audit.record("thing.changed", subject="kept inside")
    audit.record("thing.changed", subject="after")
    db.session.commit()
    subjects = db.session.scalars(
        select(AuditEvent.subject)
        .where(AuditEvent.action == "thing.changed")
        .order_by(AuditEvent.id)
    ).all()
    assert subjects == ["before", "kept inside", "after"]
    assert _findings() == []


@pytest.mark.usefixtures("context")
def test_text_that_a_database_refuses_is_recorded_without_it() -> None:
    audit.record(
        "thing.changed",
        subject="NUL \0 and half a \ud83d",
        after={"name": "\0 \ud83d 😀"},
        actor=audit.Actor(None, "\0", ""),
    )
    db.session.commit()
    event = db.session.scalars(select(AuditEvent)).one()
    assert event.subject == "NUL � and half a ?"
    assert event.after == '{"name": "\\u0000 ? 😀"}'
    assert _findings() == []


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET who = 'somebody else'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
    ],
)
def test_the_database_refuses_to_change_a_line(statement: str) -> None:
    _write()
    if db.engine.dialect.name == "sqlite" and statement.startswith("TRUNCATE"):
        return  # SQLite has no such statement
    with pytest.raises(DBAPIError, match=r"only grows|permission denied"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert _lines() == [("program", 1)]


CHANGES: dict[str, tuple[Callable[[], None], int]] = {
    "who": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(who="Other")), 2),
    "when": (
        lambda: _unguarded(
            update(AuditEvent).where(*_line(2)).values(at=audit.clock.now().replace(year=2001))
        ),
        2,
    ),
    "person": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(person_id=8)), 2),
    "address": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(address="")), 2),
    "what": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(action="x.y")), 2),
    "subject": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(subject="x")), 2),
    "before": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(before=None)), 2),
    "after": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(after="{}")), 2),
    "its hash": (lambda: _unguarded(update(AuditEvent).where(*_line(2)).values(sha256=b"x")), 2),
    "a line removed": (lambda: _unguarded(delete(AuditEvent).where(*_line(3))), 3),
    "the first line removed": (lambda: _unguarded(delete(AuditEvent).where(*_line(1))), 1),
    "the last line cut off": (lambda: _unguarded(delete(AuditEvent).where(*_line(5))), 5),
    "all lines cut off": (lambda: _unguarded(delete(AuditEvent)), 1),
    "the head removed": (lambda: _unguarded(delete(AuditHead)), 5),
    "the head set back": (lambda: _unguarded(update(AuditHead).values(sequence=3)), 4),
    "the head of another line": (lambda: _unguarded(update(AuditHead).values(sha256=b"x")), 5),
}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_log_is_found_where_it_is(change: str) -> None:
    _write(5)
    tamper, place = CHANGES[change]
    tamper()
    assert ("program", place) in _findings()


@pytest.mark.usefixtures("context")
def test_lines_that_changed_places_are_found() -> None:
    _write(5)
    swap = [
        update(AuditEvent).where(*_line(old)).values(sequence=new)
        for old, new in ((2, 99), (3, 2), (99, 3))
    ]
    _unguarded(*swap)
    assert _findings()[0] == ("program", 2)


@pytest.mark.usefixtures("context")
def test_inserted_lines_are_found_even_with_a_right_hash() -> None:
    _write(2)
    last = db.session.scalars(select(AuditEvent).where(*_line(2))).one()
    columns = [column.name for column in AuditEvent.__table__.columns if column.name != "id"]
    forged = {name: getattr(last, name) for name in columns} | {"sequence": 3}
    forged["sha256"] = audit.event_hash(forged, last.sha256)
    _unguarded(insert(AuditEvent).values(forged))
    assert _findings() == [("program", 3)]
    _unguarded(
        delete(AuditEvent).where(*_line(3)), insert(AuditEvent).values(forged | {"sequence": 0})
    )
    assert ("program", 0) in _findings()


@pytest.mark.usefixtures("context")
def test_a_line_changed_with_a_right_hash_of_its_own_is_found_by_the_next() -> None:
    _write(3)
    first, second = db.session.scalars(select(AuditEvent).where(AuditEvent.sequence < 3)).all()
    columns = [column.name for column in AuditEvent.__table__.columns]
    forged = {name: getattr(second, name) for name in columns} | {"who": "Other"}
    sha256 = audit.event_hash(forged, first.sha256)
    _unguarded(update(AuditEvent).where(*_line(2)).values(who="Other", sha256=sha256))
    assert _findings() == [("program", 3)]


@pytest.mark.usefixtures("context")
def test_heads_written_down_earlier_show_a_log_that_was_rewritten_as_a_whole() -> None:
    _write(3)
    _write(organization_id=5)
    kept = audit_chain.read_heads(audit_chain.write_heads(audit_chain.get_heads()))
    _write(1)
    assert audit_chain.verify(expected=kept).findings == ()
    second = db.session.scalar(select(AuditEvent.sha256).where(*_line(2)))
    _unguarded(
        delete(AuditEvent).where(AuditEvent.sequence > 2),
        update(AuditHead).where(AuditHead.chain == "program").values(sequence=2, sha256=second),
        delete(AuditEvent).where(AuditEvent.chain == "organization 5"),
        delete(AuditHead).where(AuditHead.chain == "organization 5"),
    )
    assert _findings() == []
    found = audit_chain.verify(expected=kept).findings
    assert {(one.chain, one.sequence) for one in found} == {("program", 3), ("organization 5", 1)}
    assert audit_chain.verify("program", expected=kept).findings[0].sequence == 3


def test_writers_at_once_leave_one_unbroken_order(app: Flask) -> None:
    ready = threading.Barrier(6)

    def work() -> None:
        with app.app_context():
            ready.wait()
            for _ in range(5):
                # the chains in both orders: they must not wait for each other in a circle
                audit.record("thing.changed", subject="a", organization_id=5)
                audit.record("thing.changed", subject="b")
                audit.record("thing.changed", subject="c", organization_id=4)
                db.session.commit()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 90
        assert audit_chain.verify() == audit_chain.Verified(3, 90, ())
        sequences = db.session.scalars(
            select(AuditEvent.sequence).where(AuditEvent.chain == "program").order_by(AuditEvent.id)
        ).all()
        assert list(sequences) == list(range(1, 31))


def test_a_line_costs_three_statements_and_more_of_a_chain_cost_none(
    app: Flask, count_statements: CountStatements
) -> None:
    with app.app_context():
        for count in (1, 20):
            db.session.connection()  # on PostgreSQL a transaction begins by saying its reach
            with count_statements() as seen:
                _write(count)
            assert len(seen) == 3, seen
