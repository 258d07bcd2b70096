"""Commands that prove and keep the audit log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from accounts.audit.queries import COLUMNS, Search, iterate_rows
from core import audit_chain
from core.csv_out import csv_lines

audit_cli = AppGroup("audit", help="The log of who did what.")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@audit_cli.command("verify")
@click.option("--chain", help="Only this chain, like “program” or “organization 3”.")
@click.option(
    "--expect",
    "heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that “flask audit heads” wrote; finds lines cut off since.",
)
def verify(chain: str | None, heads: Path | None) -> None:
    """Prove that no line was changed, removed, inserted or cut off; exit 1 if one was."""
    try:
        expected = audit_chain.read_heads(heads.read_text(encoding="utf-8")) if heads else ()
    except (audit_chain.HeadsUnreadable, UnicodeDecodeError) as error:
        raise click.ClickException(f"{heads}: {error}") from error
    result = audit_chain.verify(chain, expected=expected)
    for finding in result.findings:
        click.echo(f"{finding.chain}, line {finding.sequence}: {finding.problem}.", err=True)
    read = f"{_count(result.lines, 'line')} in {_count(result.chains, 'chain')}"
    if result.findings:
        problems = _count(len(result.findings), "problem")
        raise click.ClickException(f"{problems} found in {read}. Compare with your backups.")
    click.echo(f"The audit log is whole: {read}.")
    if not expected:
        click.echo("Only heads kept elsewhere show a rewritten end: see “flask audit heads”.")


@audit_cli.command("heads")
def heads() -> None:
    """Print the last line of every chain, to write down with each backup."""
    click.echo(audit_chain.write_heads(audit_chain.get_heads()), nl=False)


@audit_cli.command("export")
@click.option("--from", "since", type=DAY, help="First day (UTC), like 2026-11-01.")
@click.option("--to", "until", type=DAY, help="Last day (UTC).")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.csv for spreadsheets, FILE.jsonl for programs (as it is stored).",
)
def export(since: datetime | None, until: datetime | None, output: Path) -> None:
    """Write the lines of a period into a new file, the oldest first."""
    if output.suffix not in {".csv", ".jsonl"}:
        raise click.ClickException(f"--output: end {output.name} in .csv or .jsonl.")
    found = iterate_rows(Search(since=_day(since), until=_day(until)), reach=None)
    lines = _csv(found) if output.suffix == ".csv" else _json(found)
    count = -1 if output.suffix == ".csv" else 0
    try:
        # a log must not overwrite another: the file has to be new
        with output.open("x", encoding="utf-8", newline="") as file:
            for line in lines:
                file.write(line)
                count += 1
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}.") from error
    click.echo(f"Wrote {_count(count, 'line')} to {output}.")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _csv(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    return csv_lines(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))


def _json(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps({**row, "at": row["at"].isoformat()}, ensure_ascii=False) + "\n"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
