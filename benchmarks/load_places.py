"""The databases, servers and raters of the load: made for it, and taken down again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from flask import Flask
from sqlalchemy import func, select

from accounts import service as people
from accounts.models import Clinic, Role
from app import create_app
from assess import service
from assess.joining import devices, links
from assess.joining.codes import make_code
from assess.models import Rating
from assess.quarters import Quarter
from assess.queries.joining import Offer, find_link, get_offer
from assess.rating import giving
from benchmarks.load_raters import Place
from benchmarks.scratch import SECRET, cookies_of, settings_on
from benchmarks.served import ROOT, free_port, wait_for
from core import tenancy
from core.db import db
from questionnaires import catalog
from tests import databases
from tests.postgresql_server import own_postgresql_server

INSTRUMENT = catalog.get("six_building_blocks")
BLOCK = INSTRUMENT.blocks[0].id
WORKERS = 2


class Server:
    """`flask serve` for SQLite, gunicorn for PostgreSQL, on a port that it keeps over a kill."""

    def __init__(self, url: str) -> None:
        self.port = free_port()
        program = [sys.executable, "-m", "flask", "serve", "--port", str(self.port)]
        if not url.startswith("sqlite"):
            address = f"127.0.0.1:{self.port}"
            program = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS)]
            program += ["--log-level", "warning", "--bind", address, "app:create_app()"]
        self._program = program
        self._settings = {
            "DATABASE_URL": url,
            "SECRET_KEY": SECRET,
            "BLOCKWISE_BASE_URL": f"http://127.0.0.1:{self.port}",
        }
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - stop closes it
        self._process = self._start()
        wait_for(self.port, "/healthz")

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._program,
            cwd=ROOT,
            env={**os.environ, **self._settings},
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,  # so that its workers are killed with it
        )

    def kill(self) -> None:
        """kill -9, of all its processes, and start it anew."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = self._start()

    def read_log(self) -> str:
        """What the server wrote to standard error, over all its lives."""
        self._log.seek(0)
        return self._log.read()

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()
        self._log.close()


@contextmanager
def sqlite_database() -> Iterator[str]:
    """The URL of a migrated file that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="blockwise-load-") as name:
        url = f"sqlite:///{name}/blockwise.db"
        databases.migrate(url)
        yield url


@contextmanager
def postgresql_database() -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of a database on a server of its own, and what crashes and restarts that."""
    with (
        own_postgresql_server(waits_for_disk=True) as (server, crash),
        closing(databases.PostgreSQLTemplate(server)) as template,
        template.clone() as url,
    ):
        yield url, crash


@contextmanager
def prepared(url: str, raters: int) -> Iterator[tuple[Flask, list[Place]]]:
    """The application on the database, and so many raters of one assessment in it.

    Every second one rates on a device that joined by the link, the others have accounts.
    """
    app = create_app(settings_on(url))
    with app.app_context(), tenancy.whole_program():
        clinic = _clinic()
        assessment = service.open_assessment(
            clinic_id=clinic.id, instrument=INSTRUMENT, quarter=Quarter(2026, 3)
        )
        offer = _offer(assessment.id)
        places = [
            _device(offer) if number % 2 else _person(app, number, clinic, assessment.id)
            for number in range(raters)
        ]
        db.session.commit()
        yield app, places
        db.session.remove()
        db.engine.dispose()


def _clinic() -> Clinic:
    organization = people.create_organization(name="Load")
    return people.create_clinic(organization=organization, name="Clinic", study_code="L1")


def _offer(assessment_id: int) -> Offer:
    links.make_link(assessment_id=assessment_id, secret=SECRET, person_id=None)
    link = find_link(make_code(secret=SECRET, assessment_id=assessment_id, number=1))
    offer = get_offer(link) if link else None
    if offer is None:
        raise RuntimeError("the join link does not work")
    return offer


def _device(offer: Offer) -> Place:
    token, _ = devices.join(offer=offer, job_role=None, is_shared=False)
    rating = db.session.scalars(select(func.max(Rating.id))).one()
    return _place(offer.assessment_id, rating, {"blockwise-device": token})


def _person(app: Flask, number: int, clinic: Clinic, assessment_id: int) -> Place:
    person = people.create_person(email=f"rater{number}@example.org", name=f"Rater {number}")
    people.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
    cookies = cookies_of(app, person.id)
    rating = giving.start_rating(assessment_id=assessment_id, person_id=person.id)
    return _place(assessment_id, rating, cookies)


def _place(assessment_id: int, rating: int, cookies: dict[str, str]) -> Place:
    address = f"/assessments/{assessment_id}/rate"
    return Place(rating, f"{address}/{BLOCK}", f"{address}/finish", cookies)
