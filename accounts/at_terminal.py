"""Commands ask the permission table too: as whoever runs this machine, or as a person.

Whoever can run commands can read the database, so without `--as` a command may do everything. With
`--as EMAIL` (or BLOCKWISE_AS in the environment) it may do what that person may do on the pages,
reaches no more than they do, and the audit log names them. Use it in scripts and shared terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click
from sqlalchemy import select

from accounts.models import Grant, Person, Role
from accounts.permissions import may
from accounts.program.reach import Reach, administered
from accounts.viewer import HeldGrant, Scope, Viewer
from core import audit, tenancy
from core.db import db

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs a command; without a viewer it is whoever runs the machine, who may do all."""

    viewer: Viewer | None

    def require(self, permission: str, scope: Scope | None) -> None:
        """End the command unless the operator holds the permission on the scope.

        Raises click.ClickException.
        """
        if self.viewer is not None and not may(self.viewer, permission, scope):
            raise click.ClickException(
                f"{self.viewer.email} may not do this here ({permission}). Nothing was changed."
            )

    @property
    def reach(self) -> Reach:
        """The organizations the operator administers."""
        return None if self.viewer is None else administered(self.viewer)


def as_operator(command: Command) -> Command:
    """Decorator: adds the option `--as` and hands the command its `operator`."""

    @click.option(
        "--as",
        "as_email",
        metavar="EMAIL",
        envvar="BLOCKWISE_AS",
        help="Act as this person, with this person's permissions.",
    )
    @wraps(command)
    def running(*args: Any, as_email: str | None, **settings: Any) -> Any:
        if not as_email:
            return command(*args, operator=Operator(None), **settings)
        viewer = _find_viewer(as_email)
        with _acting_as(viewer):
            return command(*args, operator=Operator(viewer), **settings)

    return running  # type: ignore[return-value]


@contextmanager
def _acting_as(viewer: Viewer) -> Iterator[None]:
    db.session.rollback()  # the next transaction begins with the person's reach
    who = f"{viewer.name} <{viewer.email}> at the terminal"
    with (
        tenancy.nothing_yet(),
        audit.acting(audit.Actor(viewer.person_id, who, "terminal")),
    ):
        tenancy.know(viewer.reach)
        yield


def _find_viewer(email: str) -> Viewer:
    rows = db.session.execute(
        select(
            Person.id, Person.name, Person.email, Grant.role, Grant.organization_id, Grant.clinic_id
        )
        .outerjoin(Grant, Grant.person_id == Person.id)
        .where(Person.email == email.strip().lower(), Person.disabled_at.is_(None))
        .order_by(Grant.id)
    ).all()
    if not rows:
        raise click.ClickException(f"--as: nobody can sign in as {email}. Nothing was changed.")
    return Viewer(
        person_id=rows[0].id,
        name=rows[0].name,
        email=rows[0].email,
        grants=tuple(
            HeldGrant(Role(row.role), row.organization_id, row.clinic_id)
            for row in rows
            if row.role is not None
        ),
    )
