"""Commands that add people, list them, and open and close their accounts."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from accounts.at_terminal import Operator, as_operator
from accounts.demo_links import make_demo_key
from accounts.email_address import BadEmail, read_email
from accounts.models import Organization, Person, Role
from accounts.people import changing as people
from accounts.people.changing import LastAdministrator, RoleRefused
from accounts.people.queries import PeoplePage, PersonDetail, get_person, list_people
from accounts.places import PROGRAM, Place, list_clinic_places
from accounts.program import clinic_facts
from accounts.program.admin_queries import has_program_administrator
from accounts.program.clinic_commands import add_clinic, import_clinics_command
from accounts.program.clinic_facts import BadFact
from accounts.program.first_run import first_run_code
from accounts.program.organizations import Taken
from accounts.queries import get_demo_person
from accounts.sign_in import passwords
from accounts.sign_in.password_rules import find_problem
from core.db import db

accounts_cli = AppGroup("accounts", help="People, their roles, and clinics.")
accounts_cli.add_command(add_clinic)
accounts_cli.add_command(import_clinics_command)


@accounts_cli.command("create-admin")
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.password_option(help="At least 15 characters; asked for when not given.")
@as_operator
def create_admin(email: str, name: str, password: str, operator: Operator) -> None:
    """Create an administrator of the whole program."""
    operator.require("role.administrator", PROGRAM.scope)
    address = _read_email(email)
    if _find_person(address) is not None:
        raise click.ClickException(f"--email: {address} already has an account.")
    person_id = _add_person(address, name, password)
    people.give_role(person_id=person_id, role=Role.ADMINISTRATOR, place=PROGRAM)
    db.session.commit()
    click.echo(f"{' '.join(name.split())} can sign in as administrator with {address}.")


@accounts_cli.command("add-person")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--clinic", "code", help="Study code of the clinic; members and leads need one.")
@click.option("--organization", help="Name of the organization, for a role in all its clinics.")
@click.password_option(help="At least 15 characters; asked for when not given.")
@as_operator
def add_person(
    email: str,
    name: str,
    role: str,
    code: str | None,
    organization: str | None,
    password: str,
    operator: Operator,
) -> None:
    """Add a person with one role; the same email again adds another role."""
    place = _place(code, organization)
    if role in {Role.MEMBER, Role.LEAD} and place.clinic_id is None:
        raise click.ClickException(f"--clinic: a {role} works in one clinic; give its study code.")
    operator.require(f"role.{role}", place.scope)
    address = _read_email(email)
    person_id = _find_person(address) or _add_person(address, name, password)
    try:
        people.give_role(person_id=person_id, role=Role(role), place=place)
    except RoleRefused as refused:
        raise click.ClickException(str(refused)) from refused
    db.session.commit()
    click.echo(f"{' '.join(name.split())} ({address}) is now {role} of {place.name}.")


@accounts_cli.command("list-people")
@click.option("--search", default="", help="Part of a name, an email or a clinic.")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@as_operator
def list_people_command(search: str, role: str | None, operator: Operator) -> None:
    """List people with their roles."""
    operator.require("admin.view", None)
    number, pages = 1, 1
    while number <= pages:
        page = list_people(
            operator.reach, search=search, role=Role(role) if role else None, page=number
        )
        _print(page)
        number, pages = number + 1, page.pages


@accounts_cli.command("disable-person")
@click.argument("email")
@as_operator
def disable_person(email: str, operator: Operator) -> None:
    """Close an account: every browser is signed out, and nobody can sign in with it."""
    person = _managed(email, operator)
    try:
        people.disable_person(person_id=person.row.id)
    except LastAdministrator as refused:
        raise click.ClickException(str(refused)) from refused
    db.session.commit()
    click.echo(f"Closed the account of {person.row.name} ({person.row.email}).")


@accounts_cli.command("enable-person")
@click.argument("email")
@as_operator
def enable_person(email: str, operator: Operator) -> None:
    """Open a closed account again."""
    person = _managed(email, operator)
    people.enable_person(person_id=person.row.id)
    db.session.commit()
    click.echo(f"Opened the account of {person.row.name} ({person.row.email}).")


@accounts_cli.command("demo-links")
def demo_links() -> None:
    """Print one sign-in link per role of the demonstration program."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("Demonstration links exist only with BLOCKWISE_DEMO=1.")
    for line in demo_link_lines():
        click.echo(line)


@accounts_cli.command("first-run-link")
def first_run_link() -> None:
    """Print the link that makes the first administrator, while there is none."""
    lines = first_run_lines()
    if not lines:
        raise click.ClickException("There is an administrator already. Sign in, or ask them.")
    click.echo("\n".join(lines))


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


def first_run_lines() -> list[str]:
    """The link that makes the first administrator; none when there is one."""
    if has_program_administrator(counts_demo=current_app.config["DEMO"]):
        return []
    code = first_run_code(current_app.secret_key or "")
    address = current_app.config["BASE_URL"]
    return ["Open this link to make the first administrator:", f"  {address}/first-run/{code}"]


def _add_person(email: str, name: str, password: str) -> int:
    if problem := find_problem(password, second_factor=False, context=[email, name]):
        raise click.ClickException(f"--password: {problem}")
    try:
        return people.add_person(
            email=email,
            name=clinic_facts.person_name(name),
            new_password=passwords.hashed(password),
        )
    except BadFact as bad:
        raise click.ClickException(f"--name: {bad}") from bad
    except Taken as taken:
        raise click.ClickException(f"--email: {taken}") from taken


def _read_email(text: str) -> str:
    try:
        return read_email(text)
    except BadEmail as bad:
        raise click.ClickException(f"--email: {bad}") from bad


def _find_person(email: str) -> int | None:
    return db.session.scalar(select(Person.id).where(Person.email == email))


def _managed(email: str, operator: Operator) -> PersonDetail:
    """The person of this email, if the operator may change the account."""
    person_id = _find_person(_read_email(email))
    if person_id is None:
        raise click.ClickException(f"Nobody has an account with {email}.")
    person = get_person(person_id, operator.reach)
    operator.require("person.manage", person.account_scope)
    return person


def _place(code: str | None, organization: str | None) -> Place:
    if code is not None:
        place = list_clinic_places([code]).get(code.lower())
        if place is None:
            raise click.ClickException(f"--clinic: there is none called {code}.")
        return place
    if organization is None:
        return PROGRAM
    row = db.session.execute(
        select(Organization.id, Organization.name).where(
            func.lower(Organization.name) == organization.lower()
        )
    ).first()
    if row is None:
        raise click.ClickException(f"--organization: there is none called {organization}.")
    return Place(organization_id=row.id, organization=row.name)


def _print(page: PeoplePage) -> None:
    for row in page.rows:
        roles = "; ".join(f"{one.role} of {one.place.name}" for one in row.roles) or "no role"
        closed = ", closed" if row.disabled_at else ""
        click.echo(f"{row.name} <{row.email}>{closed}: {roles}")
