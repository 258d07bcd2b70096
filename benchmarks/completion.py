"""Times what a rater does: open a block's page, and a whole completion with 26 saved answers."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from accounts import service as people
from accounts.models import Method, Role
from accounts.sign_in import sign_ins
from app import create_app
from assess import service
from assess.quarters import Quarter
from benchmarks.floor import create_floor
from benchmarks.timing import cpu_milliseconds
from config import Settings
from core import tenancy
from core.db import db
from questionnaires import catalog
from questionnaires.instrument import Instrument

QUARTER = Quarter(2026, 3)


@dataclass(frozen=True, slots=True)
class Rater:
    """A signed-in person of a clinic whose assessment is open."""

    app: Flask
    client: FlaskClient
    clinic: int
    person: int
    instrument: Instrument


def measure(times: int = 20) -> dict[str, float]:
    """CPU milliseconds of both tasks, of the floor for each, and the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with rater_in(folder) as rater:
            open_page = opened_page(rater)
            page = cpu_milliseconds(open_page, 5 * times)
            whole = cpu_milliseconds(completions(rater, times + 1), times)
            text = open_page()
        floor = create_floor(folder, text).test_client()
        least_page = cpu_milliseconds(lambda: floor.get("/rate").data, 5 * times)
        least_whole = cpu_milliseconds(lambda: floor_completion(floor, rater.instrument), times)
    return {
        "rating_page_ms": page,
        "rating_page_floor_ms": least_page,
        "rating_page_ratio": page / least_page,
        "completion_ms": whole,
        "completion_floor_ms": least_whole,
        "completion_ratio": whole / least_whole,
    }


@contextmanager
def rater_in(folder: Path) -> Iterator[Rater]:
    """A fresh Blockwise on SQLite in the folder, with one clinic and one rater."""
    app = create_app(
        Settings(
            database_url=f"sqlite:///{folder / 'blockwise.db'}",
            secret_key="benchmark only",  # noqa: S106 - protects nothing
            base_url="http://127.0.0.1:5000",
            demo=False,
            secure_cookies=False,
        )
    )
    with app.app_context(), tenancy.whole_program():
        db.create_all()
        organization = people.create_organization(name="Benchmark")
        clinic = people.create_clinic(organization=organization, name="Clinic", study_code="B1")
        person = people.create_person(email="rater@example.org", name="Rater")
        people.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
        token = sign_ins.start(person.id, method=Method.PASSWORD)
        ids = clinic.id, person.id
        db.session.commit()
    client = app.test_client()
    with client.session_transaction() as session:
        session.permanent = True
        session["sign_in"] = token
    yield Rater(app, client, *ids, catalog.get("six_building_blocks"))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def opened_page(rater: Rater) -> Callable[[], str]:
    """The task "open the page of the longest block", in an assessment of its own."""
    address = f"{start_rating(rater, QUARTER)[0]}/{longest_block(rater.instrument)}"
    return lambda: _text(rater.client, address)


def completions(rater: Rater, runs: int) -> Callable[[], None]:
    """The task "page, 26 answers one by one, finish", for so many runs, each in its own quarter."""
    prepared = [start_rating(rater, QUARTER + 1 + run) for run in range(runs)]

    def complete() -> None:
        address, rating = prepared.pop()
        page = _text(rater.client, f"{address}/{longest_block(rater.instrument)}")
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        token = found[1] if found else ""
        for milestone in rater.instrument.milestones:
            answer = rater.client.put(
                f"/ratings/{rating}/answers",
                json=_body(milestone.key),
                headers={"X-CSRFToken": token},
            )
            _expect(answer.status_code, 200)
        done = rater.client.post(f"{address}/finish", data={"csrf_token": token})
        _expect(done.status_code, 302)

    return complete


def floor_completion(client: FlaskClient, instrument: Instrument) -> None:
    """The same task on the floor."""
    _expect(client.get("/rate").status_code, 200)
    for milestone in instrument.milestones:
        _expect(client.put("/answers", json=_body(milestone.key)).status_code, 200)
    _expect(client.post("/finish").status_code, 302)


def start_rating(rater: Rater, quarter: Quarter) -> tuple[str, int]:
    """The address of the rating pages of a new assessment, and its rating."""
    with rater.app.app_context(), tenancy.whole_program():
        assessment = service.open_assessment(
            clinic_id=rater.clinic, instrument=rater.instrument, quarter=quarter
        ).id
        rating = service.start_rating(assessment_id=assessment, person_id=rater.person)
        db.session.commit()
    return f"/assessments/{assessment}/rate", rating


def longest_block(instrument: Instrument) -> str:
    return max(instrument.blocks, key=lambda block: len(block.milestones)).id


def _body(milestone: str) -> dict[str, object]:
    answer = {"milestone": milestone, "state": "level", "level": 3, "note": "", "revision": 0}
    return {"key": milestone, "answers": [answer]}


def _text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    _expect(answer.status_code, 200)
    return answer.text


def _expect(status: int, wanted: int) -> None:
    if status != wanted:
        raise RuntimeError(f"the benchmark got status {status} instead of {wanted}")


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.3f}")
