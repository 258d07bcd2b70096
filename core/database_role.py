"""The SQL by which an administrator makes the application's own PostgreSQL user.

The owner of the tables runs the migrations; the application serves as a user that can neither
change tables nor get around row-level security, nor touch a line of the audit log. The tests make
their user with the same statements.
"""

from __future__ import annotations

from collections.abc import Sequence

import click
from psycopg import sql


def create_statement(name: str) -> str:
    """Makes the user; for a role that may create roles."""
    return _fill("CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS", name)


def grant_statements(name: str) -> Sequence[str]:
    """Let the user read and write; for the owner of the tables, after the first migration."""
    return [
        _fill(statement, name)
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            "REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM {role}",
            "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
            # tables that later versions bring along
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
            "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        )
    ]


def _fill(statement: str, name: str) -> str:
    return sql.SQL(statement).format(role=sql.Identifier(name)).as_string()


@click.command("database-role")
@click.argument("name")
def database_role(name: str) -> None:
    """Print the SQL that makes the PostgreSQL user NAME for the application."""
    click.echo("-- as a user that may create roles; then give it a password with \\password")
    click.echo(f"{create_statement(name)};")
    click.echo("-- as the owner of the tables, in Blockwise's database, after the first migration")
    for statement in grant_statements(name):
        click.echo(f"{statement};")
