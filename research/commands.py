"""Commands for the terminal: write the data bundle of an analysis to a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from accounts.at_terminal import Operator, as_operator
from accounts.models import Role
from accounts.viewer import HeldGrant, Viewer
from core import audit
from core.db import db
from research.selection import parse_query, to_query

research_cli = AppGroup("research", help="Take the coded data of an analysis away.")

MACHINE = Viewer(0, "the terminal", "", (HeldGrant(Role.ADMINISTRATOR, None, None),))
"""Whoever can run commands can read the database: they reach the whole program."""


@research_cli.command("export")
@click.option(
    "--selection",
    "query",
    default="",
    metavar="QUERY",
    help="The analysis, as it stands in the address of the Trends page after the question mark.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The zip file to write; it must not be there yet.",
)
@as_operator
def export_command(query: str, output: Path, operator: Operator) -> None:
    """Write the data bundle of an analysis to a zip file.

    It holds coded scores as CSV, for SPSS, Stata, Parquet and REDCap, a codebook, and scripts in R
    and Python that find the numbers of the Trends page. No names, no notes.
    """
    # numpy, pandas and their kin take seconds to load: no other command should wait for them
    from research.bundle.writing import write_bundle
    from research.bundling.gathering import gather

    operator.require("data.export", None)
    if output.exists():
        raise click.ClickException(f"{output} is there already. Nothing was written.")
    selection = parse_query(query)
    if selection.problems:
        raise click.UsageError(" ".join(selection.problems))
    viewer = operator.viewer or MACHINE
    gathered = gather(viewer, selection, url=current_app.config["BASE_URL"])
    if gathered is None:
        raise click.ClickException("There are no scores for this analysis. Nothing was written.")
    db.session.rollback()  # nobody waits for the files to be written
    try:
        with click.progressbar(length=100, label="Writing", file=sys.stderr) as bar:
            write_bundle(gathered.content, output, lambda done, _step: bar.update(done - bar.pos))
            bar.update(100 - bar.pos)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error
    audit.record(
        "data_bundle.exported",
        subject="data bundle written at the terminal",
        after={"selection": to_query(selection)},
    )
    db.session.commit()
    click.echo(f"Wrote {output} ({output.stat().st_size:,} bytes): {gathered.words}.")
