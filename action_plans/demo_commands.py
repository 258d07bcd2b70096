"""Loads the demonstration program from the terminal."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from core.db import db

demo_cli = AppGroup("demo", help="The fictional demonstration program.")


@demo_cli.command("load")
def load() -> None:
    """Load fictional clinics with six quarters of ratings, scores and plans.

    Does nothing when they are there already.
    """
    # numpy takes most of a second to load: no other command should wait for it
    from action_plans import demo
    from assess.trends import apa

    loaded = demo.load(secret=current_app.secret_key or "")
    if loaded is None:
        click.echo("The demonstration program is already loaded.")
        return
    db.session.commit()
    counts = ", ".join(f"{count} {name}" for name, count in loaded.counts.items())
    met, unmet = loaded.goals_met[True], loaded.goals_met[False]
    click.echo(f"Loaded a fictional program: {counts}.")
    click.echo(f"Goals met: {met} of {met + unmet} ({met / (met + unmet):.0%}).")
    click.echo(f"Overall score over the quarters: {apa.repeated_measures(loaded.trend)}")
