"""The edge commits a successful unsafe request and undoes everything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask, Response, abort
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from accounts import guard, service
from accounts.models import Organization
from core import sqlite, tenancy, transactions
from core.db import db
from core.errors import Conflict
from tests.cast import Cast
from tests.pages import CheckingClient


@pytest.fixture
def probe(app: Flask) -> Flask:
    """The application with routes that write and then end in different ways."""

    def write(name: str) -> None:
        with tenancy.whole_program():
            service.create_organization(name=name)

    @guard.public
    def ok() -> Response:
        write("ok")
        return Response(mimetype="text/plain")

    @guard.public
    def fails() -> Response:
        write("fails")
        raise Conflict("no")

    @guard.public
    def aborts() -> Response:
        write("aborts")
        abort(422)

    @guard.public
    def kept() -> Response:
        write("kept")
        transactions.keep()
        return Response(status=422, mimetype="text/plain")

    for view in (ok, fails, aborts, kept):
        app.add_url_rule(f"/probe/{view.__name__}", view.__name__, view, methods=["GET", "POST"])
    return app


@pytest.mark.parametrize(
    ("method", "path", "count"),
    [
        ("POST", "ok", 1),
        ("GET", "ok", 0),
        ("POST", "fails", 0),
        ("POST", "aborts", 0),
        ("POST", "kept", 1),
    ],
)
def test_what_stays_after_a_request(probe: Flask, method: str, path: str, count: int) -> None:
    browser = probe.test_client()
    token = browser.csrf_token("/sign-in")  # type: ignore[attr-defined]
    browser.open(f"/probe/{path}", method=method, headers={"X-CSRFToken": token})
    with probe.app_context():
        assert db.session.scalar(select(func.count()).select_from(Organization)) == count


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (OperationalError("COMMIT", {}, Exception("server closed the connection")), 503),
        (RuntimeError("a mistake of ours"), 500),
    ],
)
def test_a_commit_that_fails_is_told_with_a_reference(
    probe: Flask,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: Exception,
    status: int,
) -> None:
    browser = probe.test_client()
    token = browser.csrf_token("/sign-in")  # type: ignore[attr-defined]

    def fails() -> None:
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr(db.session, "commit", fails)
        answer = browser.post("/probe/ok", headers={"X-CSRFToken": token})
    assert answer.status_code == status
    assert "this reference: " in answer.text
    assert ("Retry-After" in answer.headers) is (status == 503)
    log = capsys.readouterr().err
    assert log.count("server closed the connection" if status == 503 else "Traceback") == 1
    assert ("Traceback" in log) is (status == 500)
    with probe.app_context():
        assert not db.session.scalar(select(func.count()).select_from(Organization))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_about_a_held_database_only_reads(
    probe: Flask,
    cast: Cast,
    signed_in: Callable[[int], CheckingClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or its frame would wait for the write lock a second time, and then be left out."""
    browser = signed_in(cast.coach)
    token = browser.csrf_token("/help")
    monkeypatch.setattr(sqlite, "WAIT_SECONDS", 0.05)
    with probe.app_context():
        engine = db.engine
    with engine.connect() as other:
        other.execute(text("select 1"))  # holds the write lock
        answer = browser.post("/probe/ok", headers={"X-CSRFToken": token})
    assert answer.status_code == 503
    assert 'rel="stylesheet"' in answer.text


def test_writers_queue_and_none_is_lost(app: Flask) -> None:
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            with app.app_context(), tenancy.whole_program():
                service.create_organization(name=f"organization {number}")
                time.sleep(0.005)
                db.session.commit()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert failures == []
        assert db.session.scalar(select(func.count()).select_from(Organization)) == 12


def test_the_journal_of_a_library_with_the_wal_bug_is_not_wal() -> None:
    assert sqlite.journal_mode((3, 40, 1)) == "delete"
    assert sqlite.journal_mode((3, 53, 4)) == "wal"
    assert sqlite.journal_mode(sqlite.library_version()) == "wal"
