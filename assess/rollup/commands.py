"""`flask assess recompute`: are all stored scores and rollups what the answers say?"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from flask.cli import with_appcontext

from accounts.at_terminal import Operator, as_operator
from accounts.places import PROGRAM
from assess.rollup.recomputing import Difference, list_assessment_ids, recompute
from core.db import db

_AT_ONCE = 100
"""Assessments in one transaction: some 10,000 answers, and others wait for a moment only."""
_LONG = 1000  # assessments from which the command shows how far it is


@click.command("recompute")
@click.option(
    "--check", is_flag=True, help="Report only, change nothing; exit with 1 if anything differs."
)
@with_appcontext
@as_operator
def recompute_command(check: bool, operator: Operator) -> None:
    """Derive all scores and rollups again from the answers, and report every difference.

    What differs is put right and noted in the audit log; with --check nothing is changed.
    """
    operator.require("organization.manage", PROGRAM.scope)
    ids = list_assessment_ids()
    db.session.rollback()
    differing = 0
    with click.progressbar(
        length=len(ids), label="Recomputing", file=sys.stderr, hidden=len(ids) < _LONG
    ) as bar:
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            found = recompute(part, check=check)
            if check:
                db.session.rollback()
            else:
                db.session.commit()
            _report(found)
            differing += len(found)
            bar.update(len(part))
    click.echo(_result(len(ids), differing, check=check))
    if check and differing:
        sys.exit(1)


def _report(found: Sequence[Difference]) -> None:
    for one in found:
        click.echo(f"{one.clinic}, {one.quarter.label} (assessment {one.assessment_id})")
        for line in one.lines:
            click.echo(f"  {line}")


def _result(count: int, differing: int, *, check: bool) -> str:
    looked = "1 assessment" if count == 1 else f"{count:,} assessments"
    if not differing:
        return f"{looked} recomputed: nothing differs."
    differ = "1 differs" if differing == 1 else f"{differing:,} differ"
    if check:
        return (
            f"{looked} recomputed, {differ}. Nothing was changed; without --check it is put right."
        )
    return f"{looked} recomputed, {differ}. The stored numbers were put right."
