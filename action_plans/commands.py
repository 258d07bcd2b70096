"""Commands of the action_plans package."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from accounts.at_terminal import Operator, as_operator
from action_plans.paper import file_name, plan_pdf
from action_plans.queries.plans import find_latest_plan, get_plan
from core.errors import NotFound
from core.pdf import PdfError
from core.routing import LARGEST_ID

plans_cli = AppGroup("plans", help="Action plans.")


@plans_cli.command("pdf")
@click.argument("plan_id", metavar="[ID]", type=click.IntRange(1, LARGEST_ID), required=False)
@click.option("--latest", is_flag=True, help="The plan that was changed last.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the PDF; an existing file is replaced.",
)
@as_operator
def pdf(plan_id: int | None, latest: bool, output: Path, operator: Operator) -> None:
    """Write the PDF of a plan to FILE."""
    if (plan_id is None) is not latest:
        raise click.UsageError("Give either the number of a plan or --latest.")
    if not output.parent.is_dir():
        raise click.ClickException(f"The folder {output.parent} does not exist. Create it first.")
    found = plan_id or find_latest_plan()
    if found is None:
        raise click.ClickException("There is no plan yet. Write one, or run ./run demo first.")
    try:
        plan = get_plan(found)
        operator.require("plan.view", plan.scope)
        content = plan_pdf(plan)
    except NotFound as error:
        raise click.ClickException(f"There is no plan {found}.") from error
    except PdfError as error:
        raise click.ClickException(str(error)) from error
    _write(output, content)
    click.echo(f"{output}: {file_name(plan).removesuffix('.pdf')}, {len(content):,} bytes")


def _write(output: Path, content: bytes) -> None:
    """Replace the file as a whole, so that nobody ever opens half a PDF."""
    partial = output.with_name(f".{output.name}.part")
    try:
        partial.write_bytes(content)
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error
