"""What passes leaves a line and 503; what is a mistake of ours leaves its traceback."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors as postgresql
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.database_errors import is_of_database, what_passes


def of_sqlite(code: int) -> sqlite.OperationalError:
    error = sqlite.OperationalError("database is locked")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "said",
    [
        postgresql.DeadlockDetected("deadlock detected\nDETAIL:  Process 1 waits for 2."),
        postgresql.SerializationFailure("could not serialize access"),
        postgresql.LockNotAvailable("canceling statement due to lock timeout"),
        postgresql.QueryCanceled("canceling statement due to statement timeout"),
        postgresql.AdminShutdown("terminating connection due to administrator command"),
        postgresql.CannotConnectNow("the database system is starting up"),
        postgresql.TooManyConnections("sorry, too many clients already"),
        postgresql.DiskFull("could not extend file"),
        psycopg.OperationalError("connection refused\n\tIs the server running?"),
        of_sqlite(5),
        of_sqlite(5 | 2 << 8),  # SQLITE_BUSY_SNAPSHOT
        of_sqlite(13),
    ],
)
def test_what_the_database_says_when_it_is_busy_or_away_is_one_line(said: Exception) -> None:
    told = what_passes(OperationalError("select 1", {}, said))
    assert told == f"{type(said).__name__}: {str(said).splitlines()[0]}"


def test_a_lost_connection_passes_whatever_it_is_called() -> None:
    lost = psycopg.InterfaceError("the connection is closed")
    assert what_passes(DBAPIError("select 1", {}, lost, connection_invalidated=True))
    assert what_passes(
        InternalError("select 1", {}, postgresql.ReadOnlySqlTransaction("read-only transaction"))
    )
    assert what_passes(PendingRollbackError("Can't reconnect", code="8s2b"))
    assert what_passes(PoolTimeoutError("QueuePool limit of size 16 reached"))
    assert what_passes(TimeoutError("another request has held the write lock for too long"))


@pytest.mark.parametrize(
    "mistake",
    [
        OperationalError("select x", {}, of_sqlite(1)),  # no such column
        InternalError("x", {}, postgresql.InFailedSqlTransaction("current transaction is aborted")),
        DBAPIError("x", {}, postgresql.UndefinedColumn("no such column")),
        PendingRollbackError("rolled back due to a previous exception", code="7s2a"),
        RuntimeError("a mistake of ours"),
    ],
)
def test_a_mistake_does_not_pass(mistake: Exception) -> None:
    assert what_passes(mistake) is None


def test_only_what_the_database_is_the_reason_of_is_called_busy() -> None:
    assert is_of_database(OperationalError("select x", {}, of_sqlite(1)))
    assert not is_of_database(DBAPIError("x", {}, postgresql.UndefinedColumn("no such column")))
    assert not is_of_database(RuntimeError("a mistake of ours"))


def test_a_long_reason_is_cut() -> None:
    assert len(what_passes(TimeoutError("x" * 1000)) or "") == 200
