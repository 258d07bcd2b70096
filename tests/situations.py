"""What the database of a test may hold before it begins: written once of each kind, and copied."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Flask
from sqlalchemy import make_url

from core import tenancy
from core.db import db
from tests import databases
from tests.cast import Cast, create_cast

# of each situation the one it is added to
BEFORE = {"cast": "", "tenants": "cast", "things": "cast"}
# what each writing answered, by kind of database and situation: ids and secrets
_written: dict[tuple[str, str], Any] = {}


def asked_for(fixtures: Collection[str]) -> str:
    """The situation for a test with these fixtures: they are named like it. "" is an empty one.

    So a file that gives a fixture of its own such a name gets the situation all the same, and what
    it writes itself comes on top.
    """
    return next((name for name in ("tenants", "things", "cast") if name in fixtures), "")


def written(situation: str, url: str) -> Any:
    """What the writing of the situation answered for databases of this kind."""
    return _written[make_url(url).get_backend_name(), situation]


def write(situation: str, url: str) -> None:
    """Put the situation into a database that holds the one before it."""
    from app import create_app

    application = create_app(databases.settings_for(url))
    with application.app_context(), tenancy.whole_program():
        answer = _create(situation, application, url)
        _written[make_url(url).get_backend_name(), situation] = answer
        db.session.remove()
        db.engine.dispose()


def _create(situation: str, app: Flask, url: str) -> Any:
    # the last two need much that few tests need
    if situation == "cast":
        return create_cast()
    cast: Cast = written("cast", url)
    if situation == "tenants":
        from tests.integration.tenants import create_tenants

        return create_tenants(cast)
    from tests.things import things_of

    return (
        things_of(app, cast.clinic, cast.member, cast.lead),
        things_of(app, cast.other_clinic, cast.member_of_other_clinic, cast.administrator),
    )
