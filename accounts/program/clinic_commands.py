"""Commands that add organizations and clinics, by the rules of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select

from accounts.at_terminal import Operator, as_operator
from accounts.models import Organization
from accounts.places import PROGRAM
from accounts.program import organizations
from accounts.program.clinic_facts import READERS, BadFact, ClinicFacts
from accounts.program.clinic_file import MAX_BYTES, parse_clinics
from accounts.program.clinic_import import ImportReport, import_clinics, rehearse_import
from accounts.program.organizations import Taken
from accounts.viewer import Scope
from core.db import db
from core.table_file import TableFileError

_OPTIONS = {
    "name": "--name",
    "study_code": "--code",
    "state": "--state",
    "setting": "--setting",
    "ehr": "--ehr",
    "clinician_fte": "--fte",
    "baseline_quarter": "--baseline",
}


@click.command("add-clinic")
@click.option("--organization", required=True, help="Created when there is none of this name.")
@click.option("--name", required=True)
@click.option(
    "--code",
    "study_code",
    required=True,
    help="Study code: what researchers see instead of the name.",
)
@click.option("--state", help="Two letters, like WA.")
@click.option("--setting", help="For example rural, small town or urban.")
@click.option("--ehr", help="Electronic health record.")
@click.option("--fte", "clinician_fte", help="Full-time equivalents of clinicians, like 4.5.")
@click.option("--baseline", "baseline_quarter", help="First quarter in the program, like 2026Q1.")
@with_appcontext
@as_operator
def add_clinic(organization: str, operator: Operator, **typed: str | None) -> None:
    """Add a clinic to an organization."""
    facts = _read(typed)
    try:
        owner = READERS["name"](organization)
        found = db.session.execute(
            select(Organization.id, Organization.name).where(
                func.lower(Organization.name) == owner.lower()
            )
        ).first()
        if found is None:
            operator.require("organization.add", PROGRAM.scope)
            organization_id = organizations.add_organization(name=owner)
        else:
            organization_id, owner = found
            operator.require("organization.manage", Scope(organization_id, None))
        organizations.add_clinic(organization_id=organization_id, facts=facts)
    except BadFact as bad:
        raise click.ClickException(f"--organization: {bad}") from bad
    except Taken as taken:
        raise click.ClickException(f"{_OPTIONS[taken.field]}: {taken}") from taken
    db.session.commit()
    click.echo(f"Added {facts.name} ({facts.study_code}) to {owner}.")


@click.command("import-clinics")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and report everything, change nothing.")
@with_appcontext
@as_operator
def import_clinics_command(file: Path, dry_run: bool, operator: Operator) -> None:
    """Add and change the organizations and clinics in FILE, a CSV with one row per clinic.

    Columns: organization, clinic and study_code; state, setting, ehr, clinician_fte and
    baseline_quarter may follow. Clinics are told by their study code. Everything is stored or
    nothing: exits with 1 and lists every problem when there is one.
    """
    operator.require("admin.view", None)
    try:
        with file.open("rb") as opened:
            clinics = parse_clinics(opened.read(MAX_BYTES + 1))
        run = rehearse_import if dry_run else import_clinics
        report = run(clinics, reach=operator.reach)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error
    except TableFileError as error:
        _refuse(file, error)
    if dry_run:
        click.echo(f"Nothing was changed. Without --dry-run, {file} would bring in:")
    else:
        db.session.commit()
        click.echo(f"Stored {file}:")
    click.echo(_sentence(report))


def _read(typed: dict[str, str | None]) -> ClinicFacts:
    values = {}
    for column, read in READERS.items():
        try:
            values[column] = read(typed[column] or "")
        except BadFact as bad:
            raise click.ClickException(f"{_OPTIONS[column]}: {bad}") from bad
    return ClinicFacts(**values)


def _refuse(file: Path, error: TableFileError) -> NoReturn:
    for problem in error.problems:
        click.echo(str(problem), err=True)
    count = len(error.problems)
    words = "1 problem" if count == 1 else f"{count:,} problems"
    raise click.ClickException(f"Nothing was stored: {words} in {file}.")


def _sentence(report: ImportReport) -> str:
    owners = len(report.new_organizations)
    new = f"{_count(len(report.new), 'new clinic')}"
    if owners:
        new += f" in {_count(owners, 'new organization')}"
    return f"{new}, {len(report.changed):,} changed, {report.unchanged:,} as before."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
