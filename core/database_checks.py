"""What `flask doctor` looks at in the database: version, migrations, rights, clock, jobs, log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import func, select, text

from core import audit_chain, clock, jobs, sqlite
from core.db import db
from core.doctor import Check, Finding, ok, problem, warning

OLDEST_POSTGRESQL = 140_000
LINES_VERIFIED = 5_000
"""Last lines of each chain that are proved; `flask audit verify` proves all of them."""
LATE = timedelta(minutes=15)
SLOW_CLOCK = timedelta(seconds=5)

_ROLE = text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
_OWNED = text(
    "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
    "AND relkind = 'r' AND pg_get_userbyid(relowner) = current_user"
)
_ENCRYPTED = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
_HERE = frozenset({"", "localhost", "127.0.0.1", "::1"})
_LOG = text("SELECT has_table_privilege('audit_event', 'UPDATE, DELETE, TRUNCATE')")


def database() -> Iterator[Finding]:
    """Whether it answers, and with which version."""
    dialect = db.engine.dialect.name
    if dialect == "sqlite":
        mode = db.session.scalar(text("PRAGMA journal_mode"))
        yield sqlite_use(str(mode), is_local=_is_local())
    else:
        number = int(db.session.scalar(text("SHOW server_version_num")) or 0)
        yield postgresql_version(number, str(db.session.scalar(text("SHOW server_version"))))


def sqlite_use(mode: str, *, is_local: bool) -> Finding:
    """Whether SQLite is the right database here; several processes wait for each other's writes."""
    text = f"SQLite answers, journal mode {mode}"
    if is_local:
        return ok("database", text)
    return warning(
        "database",
        f"{text}; changes wait for one another, for {sqlite.WAIT_SECONDS} s at most",
        "For many clinics use PostgreSQL; with SQLite serve by one process, “flask serve”.",
    )


def postgresql_version(number: int, words: str) -> Finding:
    """Whether the server is one that we test with; 140005 is 14.5."""
    if number < OLDEST_POSTGRESQL:
        return problem("database", f"PostgreSQL {words} is too old", "Use PostgreSQL 14 or newer.")
    return ok("database", f"PostgreSQL {words} answers")


def migrations() -> Iterator[Finding]:
    """Whether the tables are those of this version."""
    scripts = ScriptDirectory(str(Path(current_app.root_path) / "migrations"))
    present = MigrationContext.configure(db.session.connection()).get_current_heads()
    yield migration_state(present, tuple(scripts.get_heads()))


def migration_state(present: tuple[str, ...], wanted: tuple[str, ...]) -> Finding:
    """What it means that the database stands at `present` and the program at `wanted`."""
    stands = ", ".join(present) or "nothing"
    if set(present) == set(wanted):
        return ok("migrations", f"at {stands}, none pending")
    text = f"the database stands at {stands}, this version needs {', '.join(wanted)}"
    return problem("migrations", text, "Stop Blockwise, back up, run ./run setup-program.")


def role() -> Iterator[Finding]:
    """On PostgreSQL: whether row-level security and the log's triggers hold for our own user."""
    if db.engine.dialect.name != "postgresql":
        return
    row = db.session.execute(_ROLE).one()
    owned = db.session.scalar(_OWNED) or 0
    yield role_rights(
        is_superuser=row.rolsuper, bypasses=row.rolbypassrls, owned=owned, is_local=_is_local()
    )
    if db.session.scalar(_LOG):
        text = "the database user may change the audit log, if it turns the triggers off"
        yield warning("audit rights", text, "Serve as a user made with “flask database-role NAME”.")


def role_rights(*, is_superuser: bool, bypasses: bool, owned: int, is_local: bool) -> Finding:
    """What the rights of the database user mean for row-level security."""
    over = "a superuser" if is_superuser else "BYPASSRLS" if bypasses else ""
    fix = "Serve as a user made with “flask database-role NAME”; migrate as the owner."
    if over:
        text = f"the database user is {over}: row-level security does not hold"
        return (warning if is_local else problem)("database user", text, fix)
    if owned:
        text = f"the database user owns {owned} tables and could turn row-level security off"
        return warning("database user", text, fix)
    return ok("database user", "can neither change tables nor get around row-level security")


def line() -> Iterator[Finding]:
    """On PostgreSQL: whether anybody on the way to the server can read along."""
    if db.engine.dialect.name != "postgresql":
        return
    url = db.engine.url
    yield line_state(
        host=url.host or "",
        is_encrypted=bool(db.session.scalar(_ENCRYPTED)),
        checks_certificate=url.query.get("sslmode") == "verify-full",
    )


def line_state(*, host: str, is_encrypted: bool, checks_certificate: bool) -> Finding:
    """What it means to reach the database's machine this way; a path is a socket of this one."""
    fix = "Add ?sslmode=verify-full to DATABASE_URL, and sslrootcert=… for a certificate of yours."
    if host in _HERE or host.startswith("/"):
        return ok("database line", "the database is on this machine")
    if not is_encrypted:
        return problem("database line", f"everything goes to {host} in plain text", fix)
    if not checks_certificate:
        text = f"encrypted, but whoever pretends to be {host} is believed"
        return warning("database line", text, fix)
    return ok("database line", f"encrypted, and {host} shows its certificate")


def clocks() -> Iterator[Finding]:
    """Whether the database's machine agrees with ours about the time."""
    if db.engine.dialect.name != "postgresql":
        return  # the same machine
    stands = db.session.scalar(select(func.clock_timestamp()))
    yield clock_difference(clock.now(), stands or clock.now())


def clock_difference(ours: datetime, theirs: datetime) -> Finding:
    """What it means that two clocks differ by so much."""
    difference = abs(ours - theirs)
    text = f"the database's differs by {difference.total_seconds():.1f} s"
    fix = "Let both machines keep their clocks by NTP."
    if difference > timedelta(minutes=1):
        return problem("clocks", text, fix)
    return warning("clocks", text, fix) if difference > SLOW_CLOCK else ok("clocks", text)


def work() -> Iterator[Finding]:
    """Whether background work is done."""
    standing = jobs.standing()
    yield jobs_state(standing.waiting, standing.given_up, standing.due_since, clock.now())


def jobs_state(waiting: int, given_up: int, due_since: datetime | None, now: datetime) -> Finding:
    """What so many jobs mean."""
    if due_since is not None and now - due_since > LATE:
        text = f"{waiting} waiting, the oldest since {due_since:%Y-%m-%d %H:%M} UTC"
        return problem("jobs", text, "Is “flask worker” running? “flask serve” works by itself.")
    if given_up:
        text = f"{given_up} given up after many tries, {waiting} waiting"
        return warning("jobs", text, "Look into the log of the worker for the reason.")
    return ok("jobs", f"{waiting} waiting, none given up")


def audit_log() -> Iterator[Finding]:
    """Whether the newest lines of the audit log are as they were written."""
    result = audit_chain.verify(last=LINES_VERIFIED)
    for finding in result.findings:
        text = f"{finding.chain}, line {finding.sequence}: {finding.problem}"
        yield problem("audit log", text, "Run “flask audit verify”; compare with your backups.")
    if not result.findings:
        yield ok("audit log", f"the newest {result.lines:,} lines of {result.chains} chains hold")


def _is_local() -> bool:
    return str(current_app.config["BASE_URL"]).startswith(("http://127.", "http://localhost"))


CHECKS = (
    Check("database", database, needs_database=True),
    Check("migrations", migrations, needs_database=True),
    Check("database user", role, needs_database=True),
    Check("database line", line, needs_database=True),
    Check("clocks", clocks, needs_database=True),
    Check("jobs", work, needs_database=True),
    Check("audit log", audit_log, needs_database=True),
)
