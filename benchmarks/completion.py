"""Times what a rater does: open a block's page, and a whole completion with 26 saved answers.

A completion is one rating page, each of the 26 answers saved by itself, as the page does while
somebody rates, and finishing. Blockwise checks who asks, the permission on the very sheet and the
page's token each time, and keeps the history of every answer; the floor (floor.py) does none of it.

Both are real servers of the same kind in processes of their own, asked over HTTP. They take turns,
one completion each, so that whatever else the machine does weighs on both alike. Compared is the
CPU time of the servers; what the client needs is not in it. The part of it that is spent inside the
application is compared as well, which is stricter: reading and writing HTTP costs both the same.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from accounts import service as people
from accounts.models import Role
from app import create_app
from assess import service
from assess.quarters import Quarter
from assess.rating import giving
from benchmarks.floor import PAGE
from benchmarks.scratch import cookies_in, settings_on, sign_in
from benchmarks.served import Browser, Cpu, serving
from core import tenancy
from core.db import db
from questionnaires import catalog
from questionnaires.instrument import Instrument

QUARTER = Quarter(2026, 3)
PAGES_A_ROUND = 5


@dataclass(frozen=True, slots=True)
class Rater:
    """A signed-in person of a clinic whose assessment is open."""

    app: Flask
    client: FlaskClient
    clinic: int
    person: int
    instrument: Instrument

    @property
    def cookies(self) -> dict[str, str]:
        """What the person's browser holds."""
        return cookies_in(self.client)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a server with the same database and key."""
        return {
            "DATABASE_URL": self.app.config["SQLALCHEMY_DATABASE_URI"],
            "SECRET_KEY": str(self.app.secret_key),
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """A rating that was begun: the address of its pages, of its longest block, and its id."""

    address: str
    block: str
    rating: int


def measure(times: int = 20) -> dict[str, float]:
    """CPU milliseconds of both tasks, of the floor for each, and the ratios.

    Ratios compare sums over all turns; `…_application_ratio` leaves the web server out.
    """
    with tempfile.TemporaryDirectory() as name, rater_in(Path(name)) as rater:
        sheets = [_sheet(rater, QUARTER + turn) for turn in range(times + 2)]
        (Path(name) / PAGE).write_text(_text(rater.client, sheets[0].block))
        with (
            serving("blockwise", settings=rater.settings) as own_port,
            serving("floor", name, settings={}) as floor_port,
        ):
            own, floor = Browser(own_port, rater.cookies), Browser(floor_port)
            return _take_turns(own, floor, sheets, rater.instrument)


def _take_turns(
    own: Browser, floor: Browser, sheets: list[Sheet], instrument: Instrument
) -> dict[str, float]:
    pages, wholes = [], []
    for sheet in sheets:
        pages.append(
            (
                _cpu(own, partial(_pages, own, sheet.block)),
                _cpu(floor, partial(_pages, floor, "/rate")),
            )
        )
        wholes.append(
            (
                _cpu(own, partial(_complete, own, sheet, instrument)),
                _cpu(floor, partial(_complete_floor, floor, instrument)),
            )
        )
    # the first turns load what all others find
    return _figures("rating_page", pages[2:], PAGES_A_ROUND) | _figures("completion", wholes[2:], 1)


def _figures(name: str, turns: list[tuple[Cpu, Cpu]], tasks: int) -> dict[str, float]:
    own = sum(one.process for one, _ in turns)
    floor = sum(least.process for _, least in turns)
    application = sum(one.application for one, _ in turns)
    return {
        f"{name}_ms": 1000 * own / len(turns) / tasks,
        f"{name}_floor_ms": 1000 * floor / len(turns) / tasks,
        f"{name}_ratio": own / floor,
        f"{name}_application_ratio": application / sum(least.application for _, least in turns),
    }


def _cpu(browser: Browser, task: Callable[[], None]) -> Cpu:
    before = browser.cpu()
    task()
    return browser.cpu() - before


def _pages(browser: Browser, address: str) -> None:
    for _ in range(PAGES_A_ROUND):
        _expect(browser.send("GET", address)[0], 200)


def _complete(browser: Browser, sheet: Sheet, instrument: Instrument) -> None:
    status, page = browser.send("GET", sheet.block)
    _expect(status, 200)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    token = found[1] if found else ""
    for milestone in instrument.milestones:
        status, _ = browser.send(
            "PUT",
            f"/ratings/{sheet.rating}/answers",
            _body(milestone.key),
            content_type="application/json",
            x_csrftoken=token,
        )
        _expect(status, 200)
    status, _ = browser.send(
        "POST",
        f"{sheet.address}/finish",
        urlencode({"csrf_token": token}),
        content_type="application/x-www-form-urlencoded",
    )
    _expect(status, 302)


def _complete_floor(browser: Browser, instrument: Instrument) -> None:
    """The same task on the floor."""
    _expect(browser.send("GET", "/rate")[0], 200)
    for milestone in instrument.milestones:
        body = _body(milestone.key)
        status, _ = browser.send("PUT", "/answers", body, content_type="application/json")
        _expect(status, 200)
    form = "application/x-www-form-urlencoded"
    _expect(browser.send("POST", "/finish", "finished=1", content_type=form)[0], 302)


@contextmanager
def rater_in(folder: Path) -> Iterator[Rater]:
    """A fresh Blockwise on SQLite in the folder, with one clinic and one rater."""
    app = create_app(settings_on(f"sqlite:///{folder / 'blockwise.db'}"))
    client = app.test_client()
    with app.app_context(), tenancy.whole_program():
        db.create_all()
        organization = people.create_organization(name="Benchmark")
        clinic = people.create_clinic(organization=organization, name="Clinic", study_code="B1")
        person = people.create_person(email="rater@example.org", name="Rater")
        people.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
        sign_in(client, person.id)
        ids = clinic.id, person.id
        db.session.commit()
    yield Rater(app, client, *ids, catalog.get("six_building_blocks"))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def start_rating(rater: Rater, quarter: Quarter) -> tuple[str, int]:
    """The address of the rating pages of a new assessment, and its rating."""
    with rater.app.app_context(), tenancy.whole_program():
        assessment = service.open_assessment(
            clinic_id=rater.clinic, instrument=rater.instrument, quarter=quarter
        ).id
        rating = giving.start_rating(assessment_id=assessment, person_id=rater.person)
        db.session.commit()
    return f"/assessments/{assessment}/rate", rating


def longest_block(instrument: Instrument) -> str:
    return max(instrument.blocks, key=lambda block: len(block.milestones)).id


def _sheet(rater: Rater, quarter: Quarter) -> Sheet:
    address, rating = start_rating(rater, quarter)
    return Sheet(address, f"{address}/{longest_block(rater.instrument)}", rating)


def _body(milestone: str) -> str:
    answer = {"milestone": milestone, "state": "level", "level": 3, "note": "", "revision": 0}
    return json.dumps({"key": milestone, "answers": [answer]})


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
