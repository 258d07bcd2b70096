"""Commands of the accounts package."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError

from accounts import service
from accounts.demo_links import make_demo_key
from accounts.models import Role
from accounts.queries import get_demo_person
from core.db import db

MINIMUM_PASSWORD = 15

accounts_cli = AppGroup("accounts", help="People and their roles.")


@accounts_cli.command("create-admin")
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.password_option(help="At least 15 characters; asked for when not given.")
def create_admin(email: str, name: str, password: str) -> None:
    """Create an administrator of the whole program."""
    if len(password) < MINIMUM_PASSWORD:
        raise click.ClickException(
            f"password: {len(password)} characters are too few; use {MINIMUM_PASSWORD} or more."
        )
    try:
        person = service.create_person(email=email, name=name, password=password)
    except IntegrityError as error:
        raise click.ClickException(f"email: {email} already has an account.") from error
    service.grant_role(person=person, role=Role.ADMINISTRATOR)
    db.session.commit()
    click.echo(f"{person.name} can sign in as administrator with {person.email}.")


@accounts_cli.command("demo-links")
def demo_links() -> None:
    """Print one sign-in link per role of the demonstration program."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("Demonstration links exist only with BLOCKWISE_DEMO=1.")
    for line in demo_link_lines():
        click.echo(line)


def demo_link_lines() -> list[str]:
    """One line per role with its sign-in link; none outside the demonstration."""
    if not current_app.config["DEMO"]:
        return []
    address, secret = current_app.config["BASE_URL"], current_app.secret_key or ""
    links = [
        f"  {role:<14} {address}/demo/sign-in/{make_demo_key(role, secret=secret)}"
        for role in Role
        if get_demo_person(role) is not None
    ]
    return ["Sign in to the demonstration (fictional clinics and people) as", *links]
