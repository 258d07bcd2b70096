"""Runs commands: with the whole program in reach, and ending with a sentence, not a trace.

The trace it spares is that of a missing or unreachable database.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from core import audit, tenancy


def explain(command: click.Command) -> None:
    """Wrap a command, or every command of a group."""
    if isinstance(command, click.Group):
        for one in command.commands.values():
            explain(one)
    elif command.callback is not None and not hasattr(command.callback, "explained"):
        command.callback = _explained(command.callback)


def _explained(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def running(*args: Any, **settings: Any) -> Any:
        try:
            with tenancy.whole_program(), audit.acting(_at_terminal()):
                return run(*args, **settings)
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(
                f"The database cannot be used ({_first_line(error)}). Check DATABASE_URL; "
                "“./run setup-program” creates or updates its tables. Nothing was changed."
            ) from error
        except DataError as error:
            raise click.ClickException(
                f"The database refused a value ({_first_line(error)}). Nothing was changed."
            ) from error

    running.explained = True  # type: ignore[attr-defined]
    return running


def _at_terminal() -> audit.Actor:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        name = str(os.getuid())
    return audit.Actor(None, f"{name} at the terminal", "terminal")


def _first_line(error: OperationalError | ProgrammingError | DataError) -> str:
    lines = str(error.orig).splitlines()
    return lines[0] if lines else "no reason given"
