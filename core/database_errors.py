"""Tells a database that is away or busy, which passes, from a mistake of ours, which stays.

A restart meets every request under way: each leaves one line in the log, and what is sent again
later comes through. A mistake leaves its traceback.
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# classes of SQLSTATE: no connection, deadlock or serialization, resources, lock not available,
# shut down or canceled, disk (https://www.postgresql.org/docs/current/errcodes-appendix.html)
_CLASSES = ("08", "40", "53", "55", "57", "58")
# a server that is only read from until it takes over; a transaction that was idle for too long
_STATES = ("25006", "25P03")
# busy, locked, I/O error, full, cannot open (https://www.sqlite.org/rescode.html)
_SQLITE_CODES = (5, 6, 10, 13, 14)
_LONGEST = 200


def is_of_database(error: BaseException) -> bool:
    """Whether the database, not what was asked of it, is the likely reason."""
    return isinstance(error, OperationalError) or what_passes(error) is not None


def what_passes(error: BaseException) -> str | None:
    """What the database said, in one line, when sending again may help; None otherwise."""
    if isinstance(error, DBAPIError):
        return _first_line(error.orig) if _passes(error) else None
    if isinstance(error, PendingRollbackError):
        # the connection was lost, and what came after it in the same request found it so
        return _first_line(error) if error.code == "8s2b" else None
    return _first_line(error) if isinstance(error, (PoolTimeoutError, TimeoutError)) else None


def _passes(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_CODES
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:  # there was no server to give one
        return isinstance(error, OperationalError)
    return state.startswith(_CLASSES) or state in _STATES


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no reason given'}"[:_LONGEST]
