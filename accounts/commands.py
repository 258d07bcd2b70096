"""Commands of the accounts package."""

from __future__ import annotations

from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from accounts import service
from accounts.demo_links import make_demo_key
from accounts.models import Clinic, Organization, Person, Role
from accounts.password_rules import find_problem
from accounts.queries import get_demo_person
from core.db import db

Found = TypeVar("Found", Clinic, Organization)

accounts_cli = AppGroup("accounts", help="People and their roles.")


@accounts_cli.command("create-admin")
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.password_option(help="At least 15 characters; asked for when not given.")
def create_admin(email: str, name: str, password: str) -> None:
    """Create an administrator of the whole program."""
    _check_password(password, email, name)
    try:
        person = service.create_person(email=email, name=name, password=password)
    except IntegrityError as error:
        raise click.ClickException(f"email: {email} already has an account.") from error
    service.grant_role(person=person, role=Role.ADMINISTRATOR)
    db.session.commit()
    click.echo(f"{person.name} can sign in as administrator with {person.email}.")


@accounts_cli.command("add-clinic")
@click.option("--organization", required=True, help="Created when there is none of this name.")
@click.option("--name", required=True)
@click.option("--code", required=True, help="Study code: what researchers see instead of the name.")
@click.option("--state", help="Two letters, like WA.")
def add_clinic(organization: str, name: str, code: str, state: str | None) -> None:
    """Add a clinic to an organization."""
    owner = db.session.scalar(select(Organization).where(Organization.name == organization))
    owner = owner or service.create_organization(name=organization)
    try:
        clinic = service.create_clinic(
            organization=owner, name=name, study_code=code, state=state and state.upper()
        )
    except IntegrityError as error:
        raise click.ClickException(
            f"{organization} already has a clinic {name}, or another clinic has the code {code}."
        ) from error
    db.session.commit()
    click.echo(f"Added {clinic.name} ({clinic.study_code}) to {owner.name}.")


@accounts_cli.command("add-person")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--clinic", "code", help="Study code of the clinic; members and leads need one.")
@click.option("--organization", help="Name of the organization, for coaches of all its clinics.")
@click.password_option(help="At least 15 characters; asked for when not given.")
def add_person(
    email: str, name: str, role: str, code: str | None, organization: str | None, password: str
) -> None:
    """Add a person with one role; the same email again adds another role."""
    clinic = _find(Clinic, Clinic.study_code, code, "--clinic")
    owner = _find(Organization, Organization.name, organization, "--organization")
    if role in {Role.MEMBER, Role.LEAD} and clinic is None:
        raise click.ClickException(f"--clinic: a {role} works in one clinic; give its study code.")
    address = email.strip().lower()
    person = db.session.scalar(select(Person).where(Person.email == address))
    if person is None:
        _check_password(password, email, name, *([owner.name] if owner else []))
        person = service.create_person(email=email, name=name, password=password)
    service.grant_role(person=person, role=Role(role), clinic=clinic, organization=owner)
    db.session.commit()
    where = clinic.name if clinic else owner.name if owner else "the whole program"
    click.echo(f"{person.name} ({person.email}) is now {role} of {where}.")


def _find(model: type[Found], column: Any, value: str | None, option: str) -> Found | None:
    if value is None:
        return None
    found = db.session.scalar(select(model).where(column == value))
    if found is None:
        raise click.ClickException(f"{option}: there is none called {value}.")
    return found


def _check_password(password: str, *known: str) -> None:
    problem = find_problem(password, second_factor=False, context=known)
    if problem:
        raise click.ClickException(f"password: {problem}")


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
