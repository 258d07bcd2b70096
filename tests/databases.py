"""Databases for the tests: a migrated template of each kind, cloned for every test."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, make_url

import config
from core import database_role, sqlite

ROOT = Path(__file__).resolve().parent.parent
# of each server the tests use: the URL with which its databases are made
_server_urls: dict[tuple[str | None, int | None], str] = {}


def migrate(url: str) -> None:
    """Bring an empty database to the newest schema through the migrations."""
    settings = Config(toml_file=str(ROOT / "pyproject.toml"))
    options = {"module": sqlite.driver} if url.startswith("sqlite") else {}
    engine = create_engine(url, **options)
    if url.startswith("sqlite"):
        sqlite.configure(engine, foreign_keys=False)
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    engine.dispose()


@contextmanager
def sqlite_template(folder: Path) -> Iterator[Path]:
    """A migrated SQLite file to copy."""
    path = folder / "template.db"
    migrate(f"sqlite:///{path}")
    yield path


class PostgreSQLTemplate:
    """A migrated database on a server, from which clones are made in a few milliseconds.

    As an administrator would: one user owns the tables and migrates, another serves. Where the
    given user may not make others it is both; `without_own_user` then says so.
    """

    def __init__(self, base_url: str) -> None:
        self.without_own_user = ""
        self._server_url = self._app_url = base_url
        # one connection for all: for each statement a new one would take longer than the statement
        self._server = self._connect()
        _server_urls[make_url(base_url).host, make_url(base_url).port] = base_url
        owner_url = base_url
        try:
            owner_url = self._make_user("blockwise_test_owner")
            self._app_url = self._make_user("blockwise_test_app")
        except psycopg.Error as error:
            self.without_own_user = f"no second user on this server ({error})"
        self._copying = self._quickest_copy()
        self.name = f"template_{uuid.uuid4().hex[:12]}"
        self._kept = {"": self.name}
        owner = make_url(owner_url).username
        self._run(f'CREATE DATABASE "{self.name}" OWNER "{owner}"')
        migrate(f"{owner_url}/{self.name}")
        if not self.without_own_user:
            with psycopg.connect(
                _plain(f"{owner_url}/{self.name}"), autocommit=True
            ) as owner_there:
                for statement in database_role.grant_statements("blockwise_test_app"):
                    owner_there.execute(statement.encode())

    def close(self) -> None:
        """Leave the server."""
        self._server.close()

    def add(self, situation: str, before: str, write: Callable[[str], None]) -> None:
        """Keep one more database to clone: a copy of another one, in which `write` has written."""
        if situation not in self._kept:
            name = f"{self.name}_{situation}"
            self._copy(self._kept[before], name)
            write(f"{self._app_url}/{name}")
            self._kept[situation] = name

    @contextmanager
    def clone(self, situation: str = "") -> Iterator[str]:
        """URL of a fresh database, for the user that serves, with what was added by this name."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._copy(self._kept[situation], name)
        try:
            yield f"{self._app_url}/{name}"
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _copy(self, template: str, name: str) -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._copying}')

    def _make_user(self, name: str) -> str:
        """Make a user once per server, see whether it can sign in, and return its base URL."""
        # the same in every run against this server, and as secret as the server's own URL
        password = sha256(f"{name} of {self._server_url}".encode()).hexdigest()
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            self._run(database_role.create_statement(name))
            self._run(f"ALTER ROLE \"{name}\" PASSWORD '{password}'")
        url = make_url(self._server_url).set(username=name, password=password)
        base_url = url.render_as_string(hide_password=False)
        psycopg.connect(_plain(f"{base_url}/postgres")).close()
        return base_url

    def _quickest_copy(self) -> str:
        """Without a disk to wait for, files are copied in a fifth of the time their pages take."""
        version = self._server.info.server_version
        synced = self._server.execute("SHOW fsync").fetchone()
        return "STRATEGY FILE_COPY" if version >= 15_00_00 and synced == ("off",) else ""

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(_plain(f"{self._server_url}/postgres"), autocommit=True)

    def _run(self, statement: str) -> None:
        for attempt in range(5):
            try:
                self._server.execute(statement.encode())
                return
            except psycopg.OperationalError as error:
                if attempt == 4:
                    raise
                if self._server.broken:  # the server was crashed on purpose
                    self._server = self._connect()
                elif isinstance(error, psycopg.errors.ObjectInUse):
                    time.sleep(0.2)  # a client of the template is still leaving
                else:
                    raise


def _plain(url: str) -> str:
    """The URL as psycopg itself reads it."""
    return url.replace("+psycopg", "")


@contextmanager
def as_superuser(engine: Engine) -> Iterator[Connection]:
    """A transaction of the user who may do everything; SQLite knows but one."""
    url = _server_urls.get((engine.url.host, engine.url.port))
    own = create_engine(make_url(url).set(database=engine.url.database)) if url else engine
    try:
        with own.begin() as connection:
            yield connection
    finally:
        if own is not engine:
            own.dispose()


def settings_for(url: str, *, demo: bool = False, base_url: str | None = None) -> config.Settings:
    """Settings of an application under test."""
    return config.Settings(
        database_url=url,
        secret_key="only for tests",
        base_url=base_url or "http://127.0.0.1",
        demo=demo,
        secure_cookies=False,
    )
