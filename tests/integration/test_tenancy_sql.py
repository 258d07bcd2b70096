"""The second wall: PostgreSQL itself hides an organization from everybody else, even in raw SQL.

These tests sign in to the database as the application does, without the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql

from accounts.models import ClinicData, Grant, Method, Role
from accounts.queries import get_viewer
from accounts.sign_in import sign_ins
from assess.models import JoinedDevice
from assess.queries.joining import get_joined
from core import audit, clock, database_role, tenancy
from core.db import Base, db
from core.tenancy import Reach
from tests import databases, situations
from tests.cast import Cast
from tests.integration.tenants import Tenants

# outside the wall although they name an organization, because they are read before it is known
# whose they are: roles to learn it, the other three by the hash of a secret
OUTSIDE = {"grant", "token", "join_link", "joined_device"}
Row = tuple[Any, ...]

pytestmark = pytest.mark.postgresql


def protected_tables() -> dict[str, str]:
    """Every table of clinics' data, with the column that says whose a row is."""
    owned = {
        table.name: "organization_id"
        for table in Base.metadata.sorted_tables
        if "organization_id" in table.columns and table.name not in OUTSIDE
    }
    return {"organization": "id", **owned}


class Database:
    """The application's own connection, without the application."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self.connection = connection

    def reach(self, setting: object) -> None:
        """Begin a transaction that reaches this much; None says nothing at all."""
        self.connection.rollback()
        if setting is not None:
            self.run("SELECT set_config('app.organizations', %s, true)", str(setting))

    def run(self, statement: str, *values: object, **names: str) -> psycopg.Cursor[Row]:
        if values and isinstance(values[0], tuple):  # a whole row
            statement = statement.replace("%s", ", ".join(["%s"] * len(values[0])))
            values = values[0]
        filled = sql.SQL(statement).format(  # type: ignore[arg-type]
            **{name: sql.Identifier(text) for name, text in names.items()}
        )
        return self.connection.execute(filled, values or None)

    def refuses(self, statement: str, *values: object, **names: str) -> str:
        """What the database says when it refuses the statement."""
        refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
        with refused as caught, self.connection.transaction():
            self.run(statement, *values, **names)
        return str(caught.value)

    def owners(self, table: str, column: str) -> set[int]:
        return {
            row[0]
            for row in self.run("SELECT DISTINCT {column} FROM {table}", table=table, column=column)
        }


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest,
    postgresql: databases.PostgreSQLTemplate,
    postgresql_with: Callable[[str], AbstractContextManager[str]],
) -> Iterator[str]:
    """PostgreSQL only: SQLite has no such wall."""
    if "tenants" in request.fixturenames and postgresql.without_own_user:
        pytest.skip(f"row-level security: {postgresql.without_own_user}")
    with postgresql_with(situations.asked_for(request.fixturenames)) as url:
        yield url


@pytest.fixture
def database(database_url: str, tenants: Tenants) -> Iterator[Database]:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        yield Database(connection)


def test_the_wall_covers_every_model_with_a_clinics_data() -> None:
    walled = {model.__tablename__ for model in _subclasses(ClinicData)}  # type: ignore[attr-defined]
    assert walled == protected_tables().keys() - {"organization", "clinic"}


def _subclasses(model: type) -> Iterator[type]:
    for one in model.__subclasses__():
        yield one
        yield from _subclasses(one)


def test_the_application_signs_in_as_a_user_without_special_rights(database: Database) -> None:
    assert database.run(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles "
        "WHERE rolname = current_user"
    ).fetchone() == (False, False, False, False)
    owned = database.run(
        "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
    ).fetchone()
    assert owned == (0,)
    if database.connection.info.server_version >= 15_00_00:  # before, everybody might
        database.refuses("CREATE TABLE mine (id integer)")
    database.refuses("ALTER TABLE rating DISABLE ROW LEVEL SECURITY")
    database.refuses("UPDATE alembic_version SET version_num = '0001'")


@pytest.mark.parametrize("table", [*protected_tables(), "audit_event"])
def test_the_wall_stands_for_the_owner_too(database: Database, table: str) -> None:
    assert database.run(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table
    ).fetchone() == (True, True)


@pytest.mark.parametrize(("table", "column"), protected_tables().items(), ids=protected_tables())
def test_other_organizations_are_invisible(
    database: Database, tenants: Tenants, table: str, column: str
) -> None:
    both = {tenants.own.organization, tenants.other.organization}
    database.reach("*")
    assert database.owners(table, column) == both, f"the cast has no row of {table} to look for"
    for one in both:
        database.reach(one)
        assert database.owners(table, column) == {one}
    database.reach(f"{tenants.own.organization},{tenants.other.organization}")
    assert database.owners(table, column) == both
    for nothing in (None, "", "0", "2147483647"):
        database.reach(nothing)
        assert database.owners(table, column) == set()


@pytest.mark.parametrize(("table", "column"), protected_tables().items(), ids=protected_tables())
def test_other_organizations_cannot_be_changed(
    database: Database, tenants: Tenants, table: str, column: str
) -> None:
    names = {"table": table, "column": column}
    database.reach("*")
    foreign = database.run(
        "SELECT * FROM {table} WHERE {column} = %s", tenants.other.organization, **names
    )
    row = foreign.fetchone()
    assert row is not None
    for reach in (tenants.own.organization, None):
        database.reach(reach)
        for change in (
            "UPDATE {table} SET {column} = {column} WHERE {column} = %s",
            "DELETE FROM {table} WHERE {column} = %s",
        ):
            assert database.run(change, tenants.other.organization, **names).rowcount == 0
        said = database.refuses("INSERT INTO {table} VALUES (%s)", row, table=table)
        assert "row-level security" in said
    database.reach(tenants.own.organization)
    said = database.refuses(
        "UPDATE {table} SET {column} = %s WHERE {column} = %s",
        tenants.other.organization,
        tenants.own.organization,
        **names,
    )
    assert "row-level security" in said
    database.reach("*")
    still = database.run(
        "SELECT * FROM {table} WHERE {column} = %s", tenants.other.organization, **names
    ).fetchall()
    assert row in still


def test_the_reach_ends_with_its_transaction(database: Database, tenants: Tenants) -> None:
    database.reach(tenants.own.organization)
    assert database.owners("clinic", "organization_id") == {tenants.own.organization}
    database.connection.commit()
    assert database.owners("clinic", "organization_id") == set()


def test_the_log_shows_each_organization_its_own_chain(
    app: Flask, database: Database, tenants: Tenants
) -> None:
    with app.app_context():
        for key in (None, tenants.own.organization, tenants.other.organization):
            audit.record("thing.changed", subject=f"thing of {key}", organization_id=key)
        db.session.commit()
    chains = {
        None: {},
        tenants.own.organization: {f"organization {tenants.own.organization}"},
        tenants.other.organization: {f"organization {tenants.other.organization}"},
        "*": {
            "program",
            f"organization {tenants.own.organization}",
            f"organization {tenants.other.organization}",
        },
    }
    for reach, visible in chains.items():
        database.reach(reach)
        found = {row[0] for row in database.run("SELECT chain FROM audit_event")}
        assert found == set(visible), reach


def test_the_log_can_be_added_to_by_anybody_and_changed_by_nobody(
    app: Flask, database: Database, tenants: Tenants
) -> None:
    database.reach("*")
    before = database.run("SELECT count(*) FROM audit_event").fetchone()
    with app.app_context(), tenancy.nothing_yet():
        audit.record("sign_in.failed", subject="somebody")
        db.session.commit()
    for reach in (tenants.own.organization, "*"):
        database.reach(reach)
        for change in (
            "UPDATE audit_event SET who = 'somebody else'",
            "DELETE FROM audit_event",
            "TRUNCATE audit_event",
        ):
            assert "permission denied" in database.refuses(change)
    database.reach("*")
    assert before is not None
    assert database.run("SELECT count(*) FROM audit_event").fetchone() == (before[0] + 1,)
    with app.app_context(), databases.as_superuser(db.engine) as owner:
        for change in ("UPDATE audit_event SET who = ''", "DELETE FROM audit_event"):
            with pytest.raises(Exception, match="only grows"), owner.begin_nested():
                owner.exec_driver_sql(change)


Told = Callable[[], set[str]]


@pytest.fixture
def told(app: Flask, tenants: Tenants) -> Iterator[Told]:
    """What the present transaction has told the database."""

    def ask() -> set[str]:
        setting = db.session.connection().exec_driver_sql(
            "SELECT current_setting('app.organizations', true)"
        )
        return set((setting.scalar() or "").split(",")) - {""}

    with app.app_context(), tenancy.nothing_yet():
        yield ask


@pytest.mark.parametrize(
    "name",
    ["member", "coach", "researcher", "administrator", "member_of_other_clinic", "stranger"],
)
def test_who_is_asking_and_what_they_reach_is_one_statement(
    cast: Cast, told: Told, name: str
) -> None:
    token = sign_ins.start(getattr(cast, name), method=Method.PASSWORD)
    db.session.add(
        Grant(
            person_id=cast.member,
            role=Role.COACH,
            organization_id=cast.other_organization,
            clinic_id=cast.other_clinic,
        )
    )
    db.session.commit()
    assert told() == set()
    viewer = get_viewer(token)
    assert viewer is not None
    assert told() == set(viewer.reach.setting.split(",")) - {""}
    db.session.rollback()
    assert told() == set()


def test_nobody_reaches_nothing(told: Told) -> None:
    assert get_viewer("no such token") is None
    assert get_joined("no such token") is None
    assert told() == set()


def test_a_joined_device_reaches_its_own_organization(tenants: Tenants, told: Told) -> None:
    digest = sign_ins.token_hash("token of a device")
    db.session.add(
        JoinedDevice(
            token_sha256=digest,
            assessment_id=tenants.own.assessment,
            rating_id=tenants.own.rating,
            organization_id=tenants.own.organization,
            clinic_id=tenants.own.clinic,
            created_at=clock.now(),
            expires_at=clock.now().replace(year=clock.now().year + 1),
        )
    )
    db.session.commit()
    joined = get_joined("token of a device")
    assert joined is not None
    assert told() == {str(tenants.own.organization)} == {joined.reach.setting}


def test_every_later_transaction_of_a_request_is_told_too(told: Told) -> None:
    tenancy.know(Reach(clinics=frozenset({7}), owners=frozenset({70})))
    assert told() == {"70"}
    db.session.rollback()
    assert told() == {"70"}
    tenancy.enter([80, None])
    assert told() == {"70", "80"}
    with db.session.begin_nested():
        assert told() == {"70", "80"}
    db.session.commit()
    assert told() == {"70", "80"}


def test_what_was_entered_before_the_asker_is_known_stays(cast: Cast, told: Told) -> None:
    token = sign_ins.start(cast.member, method=Method.PASSWORD)
    tenancy.enter([cast.other_organization])
    viewer = get_viewer(token)
    assert viewer is not None
    tenancy.know(viewer.reach)
    assert told() == {str(cast.organization), str(cast.other_organization)}


def test_the_command_prints_what_makes_such_a_user(app: Flask) -> None:
    printed = app.test_cli_runner().invoke(args=["database-role", 'odd"name']).output
    lines = [line for line in printed.splitlines() if not line.startswith("--")]
    assert lines == [
        f"{one};"
        for one in (
            database_role.create_statement('odd"name'),
            *database_role.grant_statements('odd"name'),
        )
    ]
    assert 'TO "odd""name"' in printed
