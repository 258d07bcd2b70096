"""Runs migrations against the database that the settings name, or one handed in by a caller."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import Connection, create_engine

import accounts.models  # noqa: F401 - these imports fill the metadata
import action_plans.models  # noqa: F401
import assess.following.models
import assess.meeting.models
import assess.models
import assess.rollup.models  # noqa: F401
import config
import core.audit
import core.jobs
import core.throttling  # noqa: F401
import research.models  # noqa: F401
from core import sqlite, tenancy
from core.db import Base, Moment


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    # a migration must not change when the application's own column types do
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
    )
    tenancy.tell(connection, tenancy.EVERYTHING)
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration would leave rows without what they name: {broken}")


handed_in: Connection | None = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    settings = config.from_environment()
    options = {"module": sqlite.driver} if settings.uses_sqlite else {}
    engine = create_engine(settings.database_url, **options)
    if settings.uses_sqlite:
        sqlite.configure(engine, foreign_keys=False)
    with engine.begin() as own:
        run(own)
    engine.dispose()
