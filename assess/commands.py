"""Commands for the terminal: analyze a file of scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import click

_SHOWN = 20  # problems printed before the list is cut


@click.command("analyse")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON and nothing else.")
def analyse_command(file: Path, as_json: bool) -> None:
    """Test change over time in FILE, a CSV with the columns subject, time and value.

    Subject is a clinic, time a quarter; an empty value is missing. The columns org and group may
    follow. Exits with 1 when the file cannot be analyzed, and says why.
    """
    # numpy and scipy take a second to load: no other command should wait for them.
    from assess import analysis, report
    from assess.observation_file import ObservationFileError, parse_observations

    try:
        observations = parse_observations(_read(file))
    except ObservationFileError as error:
        _refuse(file, [str(problem) for problem in error.problems])
    results = analysis.analyse(observations)
    if as_json:
        plain = analysis.as_json(observations, results)
        click.echo(json.dumps(plain, allow_nan=False, ensure_ascii=False, indent=2))
    else:
        click.echo(report.report(observations, results))


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
