"""A job runs once in effect: not before its commit, not twice at once, and again after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import service
from accounts.models import Organization
from core import clock, jobs, worker
from core.db import db
from core.jobs import Job

SECRET = "only for tests"


def queue(app: Flask, number: int = 1, **settings: Any) -> None:
    with app.app_context():
        jobs.enqueue("probe", {"number": number}, secret=SECRET, **settings)
        db.session.commit()


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Job)) or 0


def the_job(app: Flask) -> Job:
    with app.app_context():
        return db.session.scalars(select(Job)).one()


def test_a_job_is_done_and_gone_together_with_what_it_wrote(app: Flask) -> None:
    def work(payload: Mapping[str, Any]) -> None:
        assert not db.session().in_transaction()  # nothing is locked while it works
        service.create_organization(name=f"made by job {payload['number']}")

    worker.init_app(app, {"probe": work})
    queue(app, 7)
    assert worker.run_one(app)
    assert not worker.run_one(app)
    assert count(app) == 0
    with app.app_context():
        assert db.session.scalars(select(Organization.name)).all() == ["made by job 7"]


def test_what_is_in_the_table_cannot_be_read(app: Flask) -> None:
    with app.app_context():
        jobs.enqueue("mail", {"text": "a link that signs in"}, secret=SECRET)
        db.session.commit()
    assert "link" not in the_job(app).payload


def test_a_job_of_a_transaction_that_was_undone_never_runs(app: Flask) -> None:
    jobs.new_work.clear()
    with app.app_context():
        jobs.enqueue("probe", {}, secret=SECRET)
        db.session.rollback()
        db.session.commit()
    assert not worker.run_one(app)
    assert not jobs.new_work.is_set()


def test_a_committed_job_wakes_the_worker_of_this_process(app: Flask) -> None:
    jobs.new_work.clear()
    queue(app)
    assert jobs.new_work.is_set()


def test_each_job_is_claimed_once_by_workers_at_once(app: Flask) -> None:
    done: list[int] = []
    failures: list[BaseException] = []
    worker.init_app(app, {"probe": lambda payload: done.append(payload["number"])})
    for number in range(12):
        queue(app, number)

    def work() -> None:
        try:
            while worker.run_one(app):
                pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(done) == list(range(12))


def test_a_job_waits_for_its_time(app: Flask) -> None:
    later = clock.now() + timedelta(hours=1)
    worker.init_app(app, {"probe": lambda _payload: None})
    queue(app, run_at=later)
    assert not worker.run_one(app)
    with clock.frozen_at(later):
        assert worker.run_one(app)


def test_the_same_key_waits_once(app: Flask) -> None:
    queue(app, 1, dedupe_key="reset 5")
    queue(app, 2, dedupe_key="reset 5")
    queue(app, 3, dedupe_key="reset 6")
    assert count(app) == 2


def test_an_abandoned_lease_runs_out_and_the_late_worker_writes_nothing(app: Flask) -> None:
    worker.init_app(app, {"probe": lambda _payload: None})
    queue(app)
    with app.app_context():
        late = jobs.claim()
        assert late is not None
        assert jobs.claim() is None
        with clock.frozen_at(clock.now() + jobs.LEASE):
            again = jobs.claim()
        assert again is not None
        assert (again.id, again.attempt) == (late.id, 2)
        service.create_organization(name="by the late worker")
        assert not jobs.finish(late)
        assert jobs.finish(again)
        assert db.session.scalar(select(func.count()).select_from(Organization)) == 0


def test_a_failed_job_waits_longer_each_time_and_is_given_up_with_its_error(app: Flask) -> None:
    def fail(_payload: Mapping[str, Any]) -> None:
        service.create_organization(name="half done")
        raise ValueError("the secret link")

    worker.init_app(app, {"probe": fail})
    queue(app)
    moment = clock.now()
    waits = []
    for _ in range(jobs.MOST_ATTEMPTS):
        with clock.frozen_at(moment):
            assert worker.run_one(app)
            assert not worker.run_one(app)
        waits.append(the_job(app).run_at - moment)
        moment = max(moment, the_job(app).run_at)
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8)]
    job = the_job(app)
    assert job.failed_at is not None
    assert job.error.startswith("ValueError in fail, line")
    assert "secret" not in job.error
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Organization)) == 0
        assert jobs.standing() == jobs.Standing(waiting=0, given_up=1, due_since=None)
    with clock.frozen_at(moment + timedelta(days=1)):
        assert not worker.run_one(app)


def test_a_job_given_up_is_taken_up_when_asked_for_again(app: Flask) -> None:
    def refuse(_payload: Mapping[str, Any]) -> None:
        raise jobs.GiveUp("550")

    seen: list[int] = []
    worker.init_app(app, {"probe": refuse})
    queue(app, 1, dedupe_key="one")
    assert worker.run_one(app)
    assert the_job(app).error == "550"
    worker.init_app(app, {"probe": lambda payload: seen.append(payload["number"])})
    queue(app, 2, dedupe_key="one")
    assert worker.run_one(app)
    assert seen == [2]


def test_a_job_sealed_with_another_key_is_given_up(app: Flask) -> None:
    worker.init_app(app, {"probe": lambda _payload: None})
    with app.app_context():
        jobs.enqueue("probe", {}, secret="another key")
        db.session.commit()
    assert worker.run_one(app)
    assert the_job(app).error == "sealed with another SECRET_KEY"


def test_a_job_that_kills_its_workers_is_given_up(app: Flask) -> None:
    queue(app)
    moment = clock.now()
    with app.app_context():
        for _ in range(jobs.MOST_ATTEMPTS):
            with clock.frozen_at(moment):
                assert jobs.claim() is not None
            moment += jobs.LEASE
        with clock.frozen_at(moment):
            assert jobs.claim() is None
    assert "died" in the_job(app).error


def test_the_thread_works_and_ends(app: Flask) -> None:
    done = threading.Event()
    worker.init_app(app, {"probe": lambda _payload: done.set()})
    end = worker.start(app)
    try:
        queue(app)
        assert done.wait(10)
    finally:
        end()


# a bare application: the whole of Blockwise takes many seconds to import on a busy machine
WORKER = """
import os, time
from flask import Flask
from core import sqlite, worker
from core.db import db

def work(payload):
    print("working", flush=True)
    time.sleep(60)

app = Flask("killed")
url = os.environ["DATABASE_URL"]
options = {"module": sqlite.driver} if url.startswith("sqlite") else {}
app.config.update(
    SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=options, SECRET_KEY="only for tests"
)
db.init_app(app)
if url.startswith("sqlite"):
    with app.app_context():
        sqlite.configure(db.engine)
worker.init_app(app, {"probe": work})
worker.run_one(app)
"""


def test_a_worker_killed_in_the_middle_leaves_the_job_to_the_next(
    app: Flask, database_url: str
) -> None:
    queue(app)
    environment = {**os.environ, "DATABASE_URL": database_url}
    program = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env=environment,
        cwd=Path(__file__).parent.parent.parent,
        stdout=subprocess.PIPE,
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"working\n"
        program.send_signal(signal.SIGKILL)
    done: list[int] = []
    worker.init_app(app, {"probe": lambda payload: done.append(payload["number"])})
    assert not worker.run_one(app)  # its lease still runs
    with clock.frozen_at(clock.now() + jobs.LEASE):
        assert worker.run_one(app)
    assert done == [1]
    assert count(app) == 0


def test_the_command_ends_on_sigterm(tmp_path: Path) -> None:
    """Even when it waits for a database that is not there yet."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET}
    program = subprocess.Popen(
        [sys.executable, "-m", "flask", "worker"],
        env=environment,
        cwd=Path(__file__).parent.parent.parent,
        stderr=subprocess.PIPE,
    )
    with program:
        assert program.stderr is not None
        said = program.stderr.readline() + program.stderr.readline()
        assert b"works in the background" in said
        assert b"the jobs cannot be reached" in said
        program.send_signal(signal.SIGTERM)
        assert program.wait(10) == 0


@pytest.fixture(autouse=True)
def clear_wake() -> None:
    jobs.new_work.clear()
