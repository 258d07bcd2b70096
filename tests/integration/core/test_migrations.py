"""Databases of earlier versions come along: nothing is lost, and the tables are the models'."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from core import sqlite
from tests import databases

LATE = datetime(2026, 4, 2, 9, 30, tzinfo=UTC)


@contextmanager
def owner_of(url: str) -> Iterator[tuple[Connection, Config]]:
    """A connection that may change tables, and the migrations of it."""
    options = {"module": sqlite.driver} if url.startswith("sqlite") else {}
    engine = create_engine(url, **options)
    if url.startswith("sqlite"):
        sqlite.configure(engine, foreign_keys=False)
    settings = Config(toml_file=str(databases.ROOT / "pyproject.toml"))
    try:
        with databases.as_superuser(engine) as connection:
            settings.attributes["connection"] = connection
            yield connection, settings
    finally:
        engine.dispose()


def go_back_and_come_again(url: str, revision: str) -> None:
    """Make a database one of an earlier version, then upgrade it, as the owner of its tables."""
    with owner_of(url) as (connection, settings):
        if connection.dialect.name == "postgresql":
            owners = text("SELECT tableowner FROM pg_tables WHERE tablename = 'assessment'")
            owner = connection.execute(owners).scalar_one()
            connection.exec_driver_sql(f'GRANT CREATE ON SCHEMA public TO "{owner}"')
            connection.exec_driver_sql(f'SET LOCAL ROLE "{owner}"')
        command.downgrade(settings, revision)
        command.upgrade(settings, "head")


def add_person(connection: Connection, name: str) -> int:
    return connection.execute(
        text(
            "INSERT INTO person (email, name, is_demo, created_at) "
            "VALUES (:email, :name, false, :at) RETURNING id"
        ),
        {"email": f"{name}@example.org", "name": name, "at": LATE},
    ).scalar_one()


def add_sign_in(connection: Connection, person_id: int, at: datetime) -> None:
    connection.execute(
        text(
            "INSERT INTO sign_in (person_id, token_sha256, created_at, expires_at) "
            "VALUES (:person, :token, :at, :at)"
        ),
        {"person": person_id, "token": at.isoformat().encode(), "at": at},
    )


def test_the_migrations_make_the_tables_of_the_models(database_url: str) -> None:
    with owner_of(database_url) as (_connection, settings):
        command.check(settings)


def test_what_the_first_version_wrote_is_there_and_says_when_people_signed_in(
    database_url: str,
) -> None:
    with owner_of(database_url) as (connection, settings):
        command.downgrade(settings, "0001")
        robin, never = add_person(connection, "robin"), add_person(connection, "never")
        for days in (9, 0, 3):
            add_sign_in(connection, robin, LATE - timedelta(days=days))
        command.upgrade(settings, "head")
        command.check(settings)
        people = connection.execute(
            text("SELECT id, name, last_signed_in_at FROM person ORDER BY id")
        ).all()
    assert [(one.id, one.name) for one in people] == [(robin, "robin"), (never, "never")]
    assert str(people[0].last_signed_in_at)[:16] == str(LATE)[:16]
    assert people[1].last_signed_in_at is None


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_one_can_go_back_and_come_again(database_url: str, revision: str) -> None:
    with owner_of(database_url) as (_connection, settings):
        command.downgrade(settings, revision)
        command.upgrade(settings, "head")
        command.check(settings)
