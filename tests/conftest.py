"""Fixtures shared by all tests; the integration suite runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import event

import config
from accounts.sign_in import passwords
from core import tenancy
from core.db import db
from tests import databases, situations
from tests.cast import Cast
from tests.compiled import compile_once, compile_routes_once
from tests.pages import CheckingClient, sign_in
from tests.postgresql_server import PostgreSQLMissingError, postgresql_server
from tests.whole_run import (  # noqa: F401 - pytest finds its hooks here
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
)

compile_routes_once()
# each test leaves an application behind; looking for garbage after every few objects takes longer
gc.set_threshold(50_000, 20, 20)

CountStatements = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hashes are slow on purpose, and hundreds of tests sign somebody in."""
    strong = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    passwords._hasher = strong


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with databases.sqlite_template(tmp_path_factory.mktemp("sqlite")) as path:
        yield path


@pytest.fixture(scope="session")
def sqlite_with(sqlite_file: Path) -> Callable[[str], Path]:
    """sqlite_with("cast") gives the file in which this situation is written, to copy."""

    def path_of(situation: str) -> Path:
        if not situation:
            return sqlite_file
        path = sqlite_file.with_name(f"{situation}.db")
        if not path.exists():
            shutil.copy(path_of(situations.BEFORE[situation]), path)
            situations.write(situation, f"sqlite:///{path}")
        return path

    return path_of


@pytest.fixture(scope="session")
def postgresql() -> Iterator[databases.PostgreSQLTemplate]:
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgresql_server())
        except PostgreSQLMissingError as reason:
            pytest.skip(f"PostgreSQL: {reason}")
        yield stack.enter_context(closing(databases.PostgreSQLTemplate(url)))


@pytest.fixture(scope="session")
def postgresql_with(
    postgresql: databases.PostgreSQLTemplate,
) -> Callable[[str], AbstractContextManager[str]]:
    """`with postgresql_with("cast") as url:` gives a fresh database with this situation."""

    def add(situation: str) -> None:
        if situation:
            before = situations.BEFORE[situation]
            add(before)
            postgresql.add(situation, before, partial(situations.write, situation))

    def clone(situation: str) -> AbstractContextManager[str]:
        add(situation)
        return postgresql.clone(situation)

    return clone


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of its own for this test, of each kind in turn.

    It is empty, or holds the situation that the test asks for: written once and copied.
    """
    situation = situations.asked_for(request.fixturenames)
    if request.param == "postgresql":
        with request.getfixturevalue("postgresql_with")(situation) as url:
            yield url
    else:
        path = tmp_path / "blockwise.db"
        shutil.copy(request.getfixturevalue("sqlite_with")(situation), path)
        yield f"sqlite:///{path}"


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    from app import create_app

    application = create_app(databases.settings_for(database_url))
    compile_once(application)
    application.test_client_class = CheckingClient
    application.testing = True
    application.config["PROPAGATE_EXCEPTIONS"] = False
    # for what a test itself asks the database; each request still begins with nothing in reach
    with tenancy.whole_program():
        yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def make_app() -> Iterator[Callable[[config.Settings], Flask]]:
    """make_app(settings) gives one more application; its connections end with the test."""
    from app import create_app

    made: list[Flask] = []

    def make(settings: config.Settings) -> Flask:
        made.append(create_app(settings))
        compile_once(made[-1])
        return made[-1]

    yield make
    for application in made:
        with application.app_context():
            db.engine.dispose()


@pytest.fixture
def cast(app: Flask, database_url: str) -> Cast:
    cast: Cast = situations.written("cast", database_url)
    return cast


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A browser that nobody has signed in with."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def signed_in(app: Flask) -> Callable[[int], CheckingClient]:
    """signed_in(cast.lead) gives a fresh browser in which this person is signed in."""

    def browser(person_id: int) -> CheckingClient:
        fresh: CheckingClient = app.test_client()  # type: ignore[assignment]
        sign_in(fresh, app, person_id)
        return fresh

    return browser


@pytest.fixture
def count_statements(app: Flask) -> CountStatements:
    """`with count_statements() as seen:` collects every SQL statement sent inside the block."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return counting
