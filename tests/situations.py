"""What the database of a test may hold before it begins: written once of each kind, and copied."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from core import tenancy
from core.db import db
from tests import databases
from tests.cast import create_cast

# of each situation the one it is added to
BEFORE = {"cast": "", "tenants": "cast"}
# what each writing answered: ids, which are the same in every database
written: dict[str, Any] = {}


def asked_for(fixtures: Collection[str]) -> str:
    """The situation for a test with these fixtures: they are named like it. "" is an empty one."""
    return next((name for name in ("tenants", "cast") if name in fixtures), "")


def write(situation: str, url: str) -> None:
    """Put the situation into a database that holds the one before it."""
    from app import create_app

    application = create_app(databases.settings_for(url))
    with application.app_context(), tenancy.whole_program():
        answer = _create(situation)
        if written.setdefault(situation, answer) != answer:
            raise RuntimeError(f"the ids of the {situation} differ from database to database")
        db.session.remove()
        db.engine.dispose()


def _create(situation: str) -> Any:
    if situation == "cast":
        return create_cast()
    from tests.integration.tenants import create_tenants  # which needs much that few tests need

    return create_tenants(written["cast"])
