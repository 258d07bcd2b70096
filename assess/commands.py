"""Commands for the terminal: analyze a file of scores, import past assessments."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from accounts.at_terminal import Operator, as_operator
from accounts.places import PROGRAM
from assess.quarters import Quarter
from assess.rollup.commands import recompute_command
from core import clock
from core.db import db
from core.errors import BlockwiseError
from core.table_file import TableFileError
from questionnaires import catalog

if TYPE_CHECKING:
    from assess.agreement.table import RatingTable
    from assess.trends.observations import Observations

assess_cli = AppGroup("assess", help="Bring past assessments in; check what is stored of scores.")
assess_cli.add_command(recompute_command)

_LONG = 300  # assessments from which an import shows how far it is
_SHOWN = 20  # problems printed before the list is cut


@click.command("analyse")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON and nothing else.")
@click.option(
    "--levels",
    type=click.IntRange(2, 1000),
    metavar="A",
    help="How many levels the scale of the raters has (for r_wg).",
)
def analyse_command(file: Path, as_json: bool, levels: int | None) -> None:
    """Test change over time, or agreement between raters, in FILE.

    A CSV with the columns subject, time and value is about change: subject is a clinic, time a
    quarter. With the columns subject, rater and value it is about agreement. An empty value is
    missing. The columns org and group may follow. Exits with 1 when the file cannot be analyzed,
    and says why.
    """
    # numpy and scipy take a second to load: no other command should wait for them.
    from assess.trends.observation_file import parse_file
    from assess.trends.observations import Observations

    try:
        table = parse_file(_read(file))
    except TableFileError as error:
        _refuse(file, [str(problem) for problem in error.problems])
    if not isinstance(table, Observations):
        _print_agreement(table, levels, as_json=as_json)
    elif levels is not None:
        raise click.UsageError("--levels is for files with a column named rater.")
    else:
        _print_change(table, as_json=as_json)


def _print_change(observations: Observations, *, as_json: bool) -> None:
    from assess.trends import analysis, report

    results = analysis.analyse(observations)
    if as_json:
        _print_json(analysis.as_json(observations, results))
    else:
        click.echo(report.report(observations, results))


def _print_agreement(table: RatingTable, levels: int | None, *, as_json: bool) -> None:
    from assess.agreement import analysis, report

    results = analysis.analyse_agreement(table, levels)
    if as_json:
        _print_json(analysis.as_json(table, results))
    else:
        click.echo(report.report(table, results))


def _print_json(results: Mapping[str, object]) -> None:
    click.echo(json.dumps(results, allow_nan=False, ensure_ascii=False, indent=2))


@assess_cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--questionnaire", "slug", default="six_building_blocks", show_default=True)
@click.option(
    "--organization",
    default="Imported program",
    show_default=True,
    help="Owner of the clinics in rows that name no organization.",
)
@click.option("--first-quarter", help="Quarter of wave 1, like 2025Q1, in a file with waves.")
@click.option("--replace", is_flag=True, help="Replace earlier imports of the same quarters.")
@click.option("--dry-run", is_flag=True, help="Check and report everything, change nothing.")
@as_operator
def import_command(
    file: Path,
    slug: str,
    organization: str,
    first_quarter: str | None,
    replace: bool,
    dry_run: bool,
    operator: Operator,
) -> None:
    """Import the past assessments in FILE, a CSV with one row per clinic, quarter and milestone.

    Columns: clinic, quarter, milestone and level; or clinic, quarter, block and score; or clinic,
    quarter and score alone for overall scores. A column organization may follow. Quarters are
    written like 2026Q1 or numbered as waves 1, 2, 3; waves end with the last completed quarter
    unless --first-quarter says where they start. Levels may be na (not applicable) or dk (don't
    know); empty means not answered.

    Everything is imported or nothing: exits with 1 and lists every problem when there is one.
    """
    from assess.history.reading import parse_history
    from assess.history.report import import_report, trends_path
    from assess.history.rows import LONGEST_NAME
    from assess.history.storing import import_history
    from assess.queries.headline import get_headline

    # the file may name any organization and add new ones
    operator.require("organization.add", PROGRAM.scope)
    owner = " ".join(organization.split())
    if not 1 <= len(owner) <= LONGEST_NAME:
        raise click.BadParameter(
            f"Use 1 to {LONGEST_NAME} characters.", param_hint="--organization"
        )
    try:
        history = parse_history(
            _read(file),
            catalog.get(slug),
            today=clock.today(),
            organization=owner,
            first_quarter=Quarter.parse(first_quarter) if first_quarter else None,
        )
        steps = 2 * len(history.assessments)
        with click.progressbar(
            length=steps, label="Importing", file=sys.stderr, hidden=steps < 2 * _LONG
        ) as bar:
            imported = import_history(history, replace=replace, progress=bar.update)
        headline = get_headline(imported.clinic_ids, slug)
    except TableFileError as error:
        _refuse_import(file, error.problems)
    except (catalog.UnknownQuestionnaire, BlockwiseError, ValueError) as error:
        raise click.ClickException(f"Nothing was imported. {error}") from error
    if dry_run:
        db.session.rollback()
        click.echo(f"Nothing was changed. Without --dry-run, {file} would bring in:")
    else:
        db.session.commit()
        click.echo(f"Imported {file}:")
    click.echo(f"{import_report(history, imported)}\n\n{headline}")
    if not dry_run:
        address = current_app.config["BASE_URL"] + trends_path(history, imported)
        click.echo(f"\nSee it at {address}")


def _refuse_import(file: Path, problems: Iterable[object]) -> NoReturn:
    """Say every problem, however many: a person mends the file once, not twenty at a time."""
    lines = [str(problem) for problem in problems]
    for line in lines:
        click.echo(line, err=True)
    count = "1 problem" if len(lines) == 1 else f"{len(lines):,} problems"
    raise click.ClickException(f"Nothing was imported: {count} in {file}.")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error


def _refuse(file: Path, problems: list[str]) -> NoReturn:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    shown = [f"  {problem}" for problem in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        shown.append(f"  and {len(problems) - _SHOWN} more")
    raise click.ClickException("\n".join([f"{file} was not analyzed, {count}:", *shown]))
