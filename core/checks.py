"""What `flask doctor` looks at on the machine and in the settings."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.engine import make_url

from core import clock, mail, secret_key, smtp, sqlite
from core.doctor import Check, Finding, ok, problem, warning
from core.hosts import LOOPBACK

OLDEST_PYTHON = (3, 11)
FIRST_YEAR, LAST_YEAR = 2026, 2099
LITTLE_SPACE, NO_SPACE = 2 * 1024**3, 200 * 1024**2


def versions() -> Iterator[Finding]:
    """Of Blockwise, Python and the SQLite library."""
    yield ok("Blockwise", str(current_app.jinja_env.globals.get("app_version", "unknown")))
    yield python_version(sys.version_info[:3])
    if _uses_sqlite():
        yield sqlite_library(sqlite.library_version())


def python_version(version: tuple[int, ...]) -> Finding:
    """Whether this Python is one that Blockwise is made for."""
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return problem("Python", f"{text} is too old", "Install Python 3.11 or newer.")
    return ok("Python", text)


def sqlite_library(version: tuple[int, ...]) -> Finding:
    """Whether the library has the bug that can lose pages, and what we do about it."""
    text = ".".join(map(str, version))
    if sqlite.journal_mode(version) == "wal":
        return ok("SQLite library", f"{text}, write-ahead log")
    return warning(
        "SQLite library",
        f"{text} has the WAL-reset bug, so the slower rollback journal is used",
        "Run ./run setup: the package pysqlite3 brings a library without it.",
    )


def settings() -> Iterator[Finding]:
    """What would be unsafe on the internet."""
    config = current_app.config
    yield base_url(config["BASE_URL"], proxies=config["PROXIES"])
    yield ok("names", ", ".join(config["TRUSTED_HOSTS"]))
    yield key_strength(str(config["SECRET_KEY"]), is_local=_is_local())
    yield from key_file(Path(config["SECRET_KEY_FILE"]))
    if config["DEMO"]:
        yield warning(
            "demonstration",
            "on: whoever can reach this machine's own address can sign in as anybody in it",
            "Unset BLOCKWISE_DEMO for a program of your own.",
        )
    if current_app.debug:
        yield problem("debugger", "on: it runs what strangers type", "Unset FLASK_DEBUG.")


def base_url(url: str, *, proxies: int) -> Finding:
    """Whether what people send is encrypted, and whether we know from where it comes."""
    is_encrypted = url.startswith("https://")
    if not is_encrypted and urlsplit(url).hostname not in LOOPBACK:
        return problem(
            "address",
            f"{url} is not encrypted: passwords can be read on the way",
            "Put a proxy with a certificate in front and set BLOCKWISE_BASE_URL to https://…",
        )
    if is_encrypted and proxies == 0:
        return warning(
            "address",
            f"{url}, but no proxy is declared: all people seem to come from one address",
            "Set BLOCKWISE_PROXIES to the number of proxies in front (usually 1).",
        )
    return ok("address", url if is_encrypted else f"{url}, this machine only")


def key_strength(key: str, *, is_local: bool) -> Finding:
    """Whether the key that signs cookies and links can be guessed."""
    found = secret_key.weakness(key)
    if found is None:
        return ok("SECRET_KEY", "strong enough")
    fix = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
    return (warning if is_local else problem)("SECRET_KEY", found, fix)


def key_file(path: Path) -> Iterator[Finding]:
    """Whether others on this machine can read the kept key."""
    if not path.exists():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        text = f"{path} can be read by others on this machine (mode {mode:o})"
        yield problem("key file", text, f"chmod 600 {path}")
    else:
        yield ok("key file", f"{path}, readable by its owner only")


def this_clock() -> Iterator[Finding]:
    """Whether this machine knows roughly what year it is."""
    now = clock.now()
    if FIRST_YEAR <= now.year <= LAST_YEAR:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")
    else:
        text = f"says {now:%Y-%m-%d}: links and sign-ins would expire at the wrong time"
        yield problem("clock", text, "Set the clock; let the system keep it by NTP.")


def disk() -> Iterator[Finding]:
    """Whether there is room for the database and its log."""
    database = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).database
    folder = Path(database).parent if _uses_sqlite() and database else Path(current_app.root_path)
    yield disk_space(folder, shutil.disk_usage(folder).free)


def disk_space(folder: Path, free: int) -> Finding:
    """What so many free bytes mean."""
    text = f"{free / 1024**3:,.1f} GB free in {folder}"
    if free < NO_SPACE:
        return problem("disk", text, "Make room now: nothing can be saved on a full disk.")
    if free < LITTLE_SPACE:
        return warning("disk", text, "Make room, or give it a larger disk.")
    return ok("disk", text)


def mail_server() -> Iterator[Finding]:
    """Whether the mail server answers and lets us in."""
    if not mail.is_configured():
        text = "not configured: invitations and reset links are shown to copy instead"
        yield ok("mail", text)
        return
    try:
        yield ok("mail", mail.check_connection())
    except (smtp.Undeliverable, smtp.TemporarilyUndeliverable) as error:
        yield problem("mail", str(error), "Check BLOCKWISE_SMTP_URL and the mail server.")


def _uses_sqlite() -> bool:
    return str(current_app.config["SQLALCHEMY_DATABASE_URI"]).startswith("sqlite")


def _is_local() -> bool:
    return urlsplit(current_app.config["BASE_URL"]).hostname in LOOPBACK


CHECKS = (
    Check("versions", versions),
    Check("settings", settings),
    Check("clock", this_clock),
    Check("disk", disk),
    Check("mail", mail_server),
)
