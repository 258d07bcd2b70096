"""What the trends page costs an administrator of a program of this size."""

from __future__ import annotations

import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from accounts import service as people
from accounts.models import Role
from app import create_app
from benchmarks.program.making import Size, settings_for
from benchmarks.scratch import sign_in
from core import tenancy
from core.db import db


def measure(database: Path, size: Size) -> str:
    """Open the page twice: with everything to compute, and as the next visitor finds it."""
    app = create_app(settings_for(database))
    client = app.test_client()
    _sign_in(app, client)
    said = [f"\ntrends page, {size.clinics:,} clinics x {size.quarters} quarters:"]
    client.get("/account")  # loads what every page needs
    for name in ("first time", "again"):
        statements: list[str] = []
        with app.app_context():
            engine = db.engine

        def note(_c: object, _cursor: object, text: str, *_rest: object) -> None:
            statements.append(text)  # noqa: B023 # used within this turn of the loop

        event.listen(engine, "before_cursor_execute", note)
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get("/trends")
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        event.remove(engine, "before_cursor_execute", note)
        if answer.status_code != 200:
            raise RuntimeError(f"the trends page answered {answer.status_code}")
        count = sum(not one.startswith(("BEGIN", "PRAGMA")) for one in statements)
        said.append(
            f"{name} {wall:.2f} s ({cpu:.2f} s of CPU), {count} SQL statements, "
            f"{len(answer.data) / 1024:,.0f} KB;"
        )
    return " ".join(said).rstrip(";")


def _sign_in(app: Flask, client: FlaskClient) -> None:
    """Let an administrator of the whole program be there, signed in on this browser."""
    with app.app_context(), tenancy.whole_program():
        person = people.create_person(
            email=f"{time.time_ns()}@example.org", name="Administrator of the benchmark"
        )
        people.grant_role(person=person, role=Role.ADMINISTRATOR)
        sign_in(client, person.id)
        db.session.commit()
        db.session.remove()
