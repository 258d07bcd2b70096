"""What the present work may reach, so that no query comes back with another organization's rows.

The reach lives in a context variable and is nothing until somebody says otherwise. On PostgreSQL
every transaction carries it as the setting app.organizations, which the row-level security policies
of migration 0003 ask; accounts.wall asks it again in the query layer, on both databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, bindparam, event, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from core.db import db

SETTING = "app.organizations"
WHOLE_PROGRAM = "*"


@dataclass(frozen=True, slots=True)
class Reach:
    """Ids of organizations reached as a whole, of single clinics, and of those clinics' owners."""

    organizations: frozenset[int] = frozenset()
    clinics: frozenset[int] = frozenset()
    owners: frozenset[int] = frozenset()
    is_whole_program: bool = False

    @property
    def visible(self) -> frozenset[int]:
        """The organizations of which anything at all is in reach."""
        return self.organizations | self.owners

    @property
    def setting(self) -> str:
        """What PostgreSQL is told: ids with commas between them, "*" for all, "" for none."""
        if self.is_whole_program:
            return WHOLE_PROGRAM
        return ",".join(str(key) for key in sorted(self.visible))

    def __or__(self, other: Reach) -> Reach:
        return Reach(
            organizations=self.organizations | other.organizations,
            clinics=self.clinics | other.clinics,
            owners=self.owners | other.owners,
            is_whole_program=self.is_whole_program or other.is_whole_program,
        )


NOTHING = Reach()
EVERYTHING = Reach(is_whole_program=True)
_reach: ContextVar[Reach] = ContextVar("reach", default=NOTHING)


def present() -> Reach:
    """What may be reached right now."""
    return _reach.get()


@contextmanager
def whole_program() -> Iterator[None]:
    """Reach everything inside the block: for commands, workers and migrations, never for a page."""
    yield from _reaching(EVERYTHING)


@contextmanager
def everything_for_a_moment() -> Iterator[None]:
    """Reach everything inside the block and then what was reached before, within one transaction.

    For research.queries.spread alone, which says why that is safe; a test names who may call this.
    Two statements on PostgreSQL.
    """
    before = _reach.get()
    token = _reach.set(EVERYTHING)
    try:
        if before != EVERYTHING:
            _tell_open_transaction()
        yield
    finally:
        _reach.reset(token)
        if before != EVERYTHING:
            _tell_open_transaction()


@contextmanager
def nothing_yet() -> Iterator[None]:
    """Reach nothing inside the block until `know` or `enter` says more: the start of a request."""
    yield from _reaching(NOTHING)


def _reaching(reach: Reach) -> Iterator[None]:
    token = _reach.set(reach)
    try:
        yield
    finally:
        _reach.reset(token)


def know(reach: Reach) -> None:
    """Remember what the asker may reach, after a statement with `carry` has told PostgreSQL."""
    before = _reach.get()
    _reach.set(before | reach)
    if before != NOTHING:
        _tell_open_transaction()  # the statement told the asker's reach alone


def enter(organizations: Iterable[int | None]) -> None:
    """Reach these organizations too, for the rest of the request; None is no organization.

    For public pages that find a token or join link first and learn from it whose it is: call this
    before reading the clinic or the organization. Costs one statement on PostgreSQL.
    """
    before = _reach.get()
    wanted = Reach(organizations=frozenset(key for key in organizations if key is not None))
    _reach.set(before | wanted)
    if before.setting != _reach.get().setting:
        _tell_open_transaction()


# true: until the transaction ends, so that no reach stays behind on a pooled connection
_TELL = select(func.set_config(literal(SETTING), bindparam("reach", type_=String()), True))


def tell(connection: Connection, reach: Reach) -> None:
    """Open the row-level security of PostgreSQL until this connection's transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(_TELL, {"reach": reach.setting})


class carry(FunctionElement[str]):  # noqa: N801 - reads as a function, like those of SQLAlchemy
    """A column that tells PostgreSQL the reach while it is read; SQLite is told nothing.

    `select(..., carry(organizations))` saves the statement that would say it: the argument is SQL
    for the setting, computed in the very row that proves who is asking. No row, no reach.
    """

    type = String()
    inherit_cache = True


@compiles(carry)
def _carry_nothing(_element: carry, _compiler: SQLCompiler, **_settings: Any) -> str:
    return "NULL"


@compiles(carry, "postgresql")
def _carry_setting(element: carry, compiler: SQLCompiler, **settings: Any) -> str:
    value = compiler.process(element.clauses, **settings)
    return f"set_config('{SETTING}', {value}, true)"


def _tell_open_transaction() -> None:
    session = db.session()
    if session.in_transaction():
        tell(session.connection(), _reach.get())


def _tell_new_transaction(
    _session: Session, transaction: SessionTransaction, connection: Connection
) -> None:
    reach = _reach.get()
    # unset is nothing already; a savepoint lives inside a transaction that was told
    if reach != NOTHING and not transaction.nested:
        tell(connection, reach)


event.listen(db.session, "after_begin", _tell_new_transaction)
