"""`flask doctor`: what is well with this installation, what is not, and how to put it right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from core.db import db


class State(StrEnum):
    """How well something is; a problem ends the command with exit code 1."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `fix` says what to do when it is not well."""

    state: State
    name: str
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Looks at one thing; without a database to ask, those that need one are left out."""

    name: str
    look: Callable[[], Iterable[Finding]]
    needs_database: bool = False


def ok(name: str, text: str) -> Finding:
    """Something that is well."""
    return Finding(State.OK, name, text)


def warning(name: str, text: str, fix: str) -> Finding:
    """Something that works and should still be changed."""
    return Finding(State.WARNING, name, text, fix)


def problem(name: str, text: str, fix: str) -> Finding:
    """Something that does not work or is not safe."""
    return Finding(State.PROBLEM, name, text, fix)


def examine(checks: Sequence[Check]) -> Iterator[Finding]:
    """What every check finds, in their order; one that fails is a finding itself."""
    reachable = True
    for check in checks:
        if check.needs_database and not reachable:
            continue
        try:
            yield from check.look()
        except SQLAlchemyError as error:
            db.session.rollback()
            # the first check that needs the database is the one that reaches for it
            if check.needs_database:
                reachable = check.name != "database"
            fix = "Check DATABASE_URL; “./run setup-program” creates or updates the tables."
            yield problem(check.name, f"cannot be looked at: {_first_line(error)}", fix)
        except Exception as error:  # a doctor that faints is no help
            yield problem(check.name, f"cannot be looked at: {error}", "Report this as a mistake.")


def doctor_command(checks: Sequence[Check]) -> click.Command:
    """The command; `checks` come from all packages, the database's own first."""

    @click.command("doctor")
    @click.option("--json", "as_json", is_flag=True, help="For programs: a list of objects.")
    @with_appcontext
    def doctor(as_json: bool) -> None:
        """Look at versions, settings, database, mail and log; exit 1 when something is wrong."""
        findings = tuple(examine(checks))
        if as_json:
            click.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1))
        else:
            for finding in findings:
                click.echo(f"{finding.state:<8} {finding.name}: {finding.text}")
                if finding.fix:
                    click.echo(f"{'':<8} → {finding.fix}")
        if any(one.state is State.PROBLEM for one in findings):
            raise click.exceptions.Exit(1)

    return doctor


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
