"""How SQLite is driven so that a saved answer survives a crash and writers never deadlock.

SQLite lets one connection write at a time. Left alone, each loser sleeps and retries in ever longer
steps. Here a transaction that will write says so at its start (BEGIN IMMEDIATE), and the writers
of one process queue at a lock that wakes the next one at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pysqlite3.dbapi2
from sqlalchemy import Connection, Engine, event

driver = pysqlite3.dbapi2
WAIT_SECONDS = 30
# https://www.sqlite.org/wal.html#the_wal_reset_bug: a checkpoint could lose committed pages
WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))

_only_reads: ContextVar[bool] = ContextVar("only_reads", default=False)


@contextmanager
def reads_only() -> Iterator[None]:
    """Let transactions inside the block start without taking the write lock."""
    yield from _intending(only_reads=True)


@contextmanager
def may_write() -> Iterator[None]:
    """Let transactions inside the block write, although the block around it only reads."""
    yield from _intending(only_reads=False)


def _intending(*, only_reads: bool) -> Iterator[None]:
    token = _only_reads.set(only_reads)
    try:
        yield
    finally:
        _only_reads.reset(token)


def library_version() -> tuple[int, ...]:
    """Version of the SQLite library in use."""
    return tuple(int(part) for part in pysqlite3.dbapi2.sqlite_version.split("."))


def journal_mode(version: tuple[int, ...]) -> str:
    """WAL where it is safe; the slower rollback journal on a library with the WAL-reset bug."""
    first_bad, last_bad = WAL_RESET_BUG
    return "delete" if first_bad <= version <= last_bad else "wal"


def configure(engine: Engine, *, foreign_keys: bool = True) -> None:
    """Attach the settings and the write lock to an engine of the sqlite dialect.

    Migrations go without foreign keys: SQLite changes a table by copying and dropping it, and the
    drop would delete every row that refers to it.
    """
    write_lock = threading.Lock()
    journal = journal_mode(library_version())

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
        cursor.execute(f"PRAGMA journal_mode = {journal}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _only_reads.get():
            connection.exec_driver_sql("BEGIN")
            return
        if not write_lock.acquire(timeout=WAIT_SECONDS):
            raise TimeoutError("another request has held the write lock of SQLite for too long")
        connection.info["write_lock"] = write_lock
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            connection.info.pop("write_lock").release()
            raise

    @event.listens_for(engine, "checkin")
    @event.listens_for(engine, "invalidate")
    def _let_go(_connection: Any, record: Any, _error: BaseException | None = None) -> None:
        # the pool takes a connection back only after its commit or rollback is through
        held = record.info.pop("write_lock", None)
        if held is not None:
            held.release()
