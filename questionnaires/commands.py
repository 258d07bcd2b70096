"""Lets an author check a questionnaire file before anybody has to answer it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from questionnaires import catalog
from questionnaires.instrument import Instrument, Scale

questionnaires_cli = AppGroup("questionnaires", help="Check questionnaire files.")


@questionnaires_cli.command("check", with_appcontext=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(file: Path | None) -> None:
    """Check FILE, or every published questionnaire, and print what is in it.

    Ends with status 1 and a list of all problems when a file cannot be used.
    """
    paths = [file] if file else [path for _, _, path in catalog.published()]
    if not paths:
        raise click.ClickException("No questionnaire is published yet.")
    outcomes = [_check_one(path) for path in paths]
    if not all(outcomes):
        sys.exit(1)


def _check_one(path: Path) -> bool:
    try:
        instrument = catalog.load(path)
    except OSError as error:
        click.echo(f"{path}: cannot be opened: {error.strerror or error}", err=True)
        return False
    except catalog.QuestionnaireError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        count = len(error.problems)
        click.echo(f"{path}: {count} problem{'' if count == 1 else 's'} to mend", err=True)
        return False
    for line in _summary(instrument):
        click.echo(line)
    return True


def _summary(instrument: Instrument) -> Iterator[str]:
    milestones, scoring = instrument.milestones, instrument.scoring
    levels = sum(len(milestone.levels) for milestone in milestones)
    tips = sum(len(milestone.tips) for milestone in milestones)
    challenges = sum(len(block.challenges) for block in instrument.blocks)
    yield f"{instrument.title}, {instrument.slug} {instrument.version}: all checks passed"
    yield f"  SHA-256     {instrument.sha256}"
    yield f"  License     {instrument.license.id}, {instrument.license.holder}"
    for scale in instrument.scales.values():
        yield f"  Scale       {_scale(scale)}"
    yield (
        f"  Scoring     block: {scoring.block}; overall: {scoring.overall};"
        f" at least {scoring.minimum_answered:.0%} answered"
    )
    yield f"  Contents    {len(instrument.blocks)} blocks, {len(milestones)} milestones,"
    yield f"              {levels} level descriptions, {tips} tips, {challenges} challenges,"
    yield f"              {len(instrument.resources)} resources"
    for block in instrument.blocks:
        yield f"  Block {block.number:<5} {block.title}: {len(block.milestones)} milestones"


def _scale(scale: Scale) -> str:
    bands = "; ".join(
        f"{band.low}{'' if band.low == band.high else f'-{band.high}'} {band.label}"
        for band in scale.bands
    )
    return f"{scale.id}, {scale.minimum} to {scale.maximum} ({bands}), met from {scale.met}"
