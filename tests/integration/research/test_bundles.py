"""Data bundles: asked for on a page, made by the worker once in effect, downloaded by who may."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from accounts.models import Grant
from core import clock, jobs, tenancy, worker
from core.audit import AuditEvent
from core.db import db
from research.bundle import writing
from research.bundle.content import BundleContent
from research.bundling import asking, making
from research.models import BundleState, DataBundle, DataBundlePart
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.assess.program_scores import rows_of_case, store
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
PAGE = "/trends/bundles"
FILE = b"zip" * 900_000  # three parts


@pytest.fixture
def contents(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[BundleContent]:
    """Twenty clinics with scores; the files themselves are looked at in other tests."""
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))
    written: list[BundleContent] = []

    def write(
        content: BundleContent, target: BinaryIO | Path, progress: Callable[[int, str], None]
    ) -> None:
        assert not isinstance(target, Path)
        assert not db.session().in_transaction(), "nobody waits for the files to be written"
        progress(40, "Writing data/long.csv")
        written.append(content)
        target.write(FILE)

    monkeypatch.setattr(writing, "write_bundle", write)
    return written


def ask(browser: CheckingClient, selection: str = "", status: int = 303) -> None:
    answer = browser.send(PAGE, {"selection": selection})
    assert answer.status_code == status


def the_bundle(app: Flask) -> DataBundle:
    with app.app_context():
        return db.session.scalars(select(DataBundle)).one()


def work(app: Flask) -> None:
    while worker.run_one(app):
        pass


def test_it_is_asked_for_made_and_downloaded(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    browser = signed_in(cast.researcher)
    assert "No data bundles yet" in browser.get(PAGE).text
    ask(browser, "from=2025Q2")
    page = browser.get(PAGE).text
    assert "Waiting for its turn" in page
    work(app)
    (content,) = contents
    assert content.study.query == "from=2025Q2&view=full"
    assert content.study.times[0] == "2025Q2"
    assert len(content.clinics) == 20
    assert len(content.assessments) == 20 * 5
    bundle = the_bundle(app)
    assert (bundle.state, bundle.size, bundle.progress) == (BundleState.READY, len(FILE), 100)
    assert bundle.sha256 == hashlib.sha256(FILE).hexdigest()
    assert len(json.loads(bundle.clinics)) == 20
    page = browser.get(PAGE).text
    assert "<h2>Overall score</h2>" in page
    assert "20 clinics, Q2 2025 to Q2 2026, agreed levels where there are any" in page
    assert "Download (2.7 MB)" in page
    answer = browser.send(f"{PAGE}/{bundle.id}/download", page=PAGE)
    assert answer.data == FILE
    assert answer.headers["Content-Length"] == str(len(FILE))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    with app.app_context():
        assert [
            (row.action, row.person_id)
            for row in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            if row.action.startswith("data_bundle.")
        ] == [
            ("data_bundle.asked_for", cast.researcher),
            ("data_bundle.downloaded", cast.researcher),
        ]


def test_a_job_that_runs_twice_makes_one_bundle(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    """As after kill -9: the first worker dies with its parts unwritten, the next begins anew."""
    ask(signed_in(cast.researcher))
    bundle_id = the_bundle(app).id
    payload = {"bundle_id": bundle_id, "url": "http://localhost"}
    with app.app_context(), tenancy.whole_program():
        first = jobs.claim()
        assert first is not None
        making.make_bundle(payload)
        db.session.rollback()  # the process is gone before it could commit
        assert db.session.get_one(DataBundle, bundle_id).state == BundleState.WORKING
        assert db.session.scalar(select(func.count()).select_from(DataBundlePart)) == 0
        db.session.rollback()
    assert worker.run_one(app) is False, "the lease holds"
    with clock.frozen_at(clock.now() + jobs.LEASE + timedelta(seconds=1)):
        assert worker.run_one(app) is True
        assert worker.run_one(app) is False
        with app.app_context(), tenancy.whole_program():
            assert jobs.finish(first) is False
            making.make_bundle(payload)  # nothing more to do
            db.session.commit()
            parts = db.session.scalars(
                select(DataBundlePart.content).order_by(DataBundlePart.number)
            )
            assert b"".join(parts) == FILE
    assert len(contents) == 2


def test_work_that_takes_longer_than_a_lease_keeps_it(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    contents: list[BundleContent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask(signed_in(cast.researcher))
    begun = clock.now()

    def write(_content: Any, target: BinaryIO, progress: Callable[[int, str], None]) -> None:
        for minutes in (4, 8, 12):
            with clock.frozen_at(begun + timedelta(minutes=minutes)):
                assert worker.run_one(app) is False, "nobody else may take it"
                progress(minutes, "Writing on")
        target.write(FILE)

    monkeypatch.setattr(writing, "write_bundle", write)
    work(app)
    assert the_bundle(app).state == BundleState.READY


def test_who_lost_the_lease_leaves_the_rest_to_the_other(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    contents: list[BundleContent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask(signed_in(cast.researcher))
    whole = writing.write_bundle

    def write(_content: Any, _target: Any, progress: Callable[[int, str], None]) -> None:
        monkeypatch.setattr(writing, "write_bundle", whole)
        with clock.frozen_at(clock.now() + jobs.LEASE + timedelta(seconds=1)):
            assert worker.run_one(app) is True
        progress(50, "Writing on")
        raise AssertionError("it went on")

    monkeypatch.setattr(writing, "write_bundle", write)
    work(app)
    assert the_bundle(app).state == BundleState.READY


def test_progress_can_be_asked_for(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    contents: list[BundleContent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = signed_in(cast.researcher)
    ask(browser)
    seen: list[Any] = []

    def write(_content: Any, target: BinaryIO, progress: Callable[[int, str], None]) -> None:
        progress(40, "Writing data/long.csv")
        seen.append(browser.get(f"{PAGE}/1/progress").get_json())
        seen.append(browser.get(PAGE).text)
        target.write(FILE)

    monkeypatch.setattr(writing, "write_bundle", write)
    assert browser.get(f"{PAGE}/1/progress").get_json() == {
        "state": "waiting", "progress": 0, "step": "Waiting for its turn",
    }  # fmt: skip
    work(app)
    assert seen[0] == {"state": "working", "progress": 40, "step": "Writing data/long.csv"}
    assert "Writing data/long.csv" in seen[1]
    assert browser.get(f"{PAGE}/1/progress").get_json()["state"] == "ready"


@pytest.mark.parametrize("fault", ["a mistake of ours", "no role", "no scores"])
def test_a_failure_is_said_and_can_be_tried_again(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    contents: list[BundleContent],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    browser = signed_in(cast.researcher)
    ask(browser)
    words = {
        "a mistake of ours": "this reference: data bundle 1.",
        "no role": "Your role no longer includes data bundles.",
        "no scores": "There are no scores for this analysis any more.",
    }[fault]
    grants = []
    with monkeypatch.context() as broken:
        if fault == "a mistake of ours":
            broken.setattr(writing, "write_bundle", lambda *_: 1 / 0)
        elif fault == "no scores":
            broken.setattr("research.bundling.gathering.get_study", lambda *_: None)
        else:
            with app.app_context():
                found = db.session.scalars(select(Grant).where(Grant.person_id == cast.researcher))
                grants = [(one.role, one.person_id) for one in found]
                db.session.execute(delete(Grant).where(Grant.person_id == cast.researcher))
                db.session.commit()
        work(app)
    with app.app_context():
        for role, person_id in grants:
            db.session.add(Grant(role=role, person_id=person_id))
        db.session.commit()
    page = browser.get(PAGE).text
    assert "This one could not be made" in page
    assert words in page
    assert browser.send(f"{PAGE}/1/again", page=PAGE).status_code == 303
    assert browser.send(f"{PAGE}/1/again", page=PAGE).status_code == 409
    work(app)
    assert the_bundle(app).state == BundleState.READY


def test_a_bundle_removed_meanwhile_is_not_made(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    contents: list[BundleContent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = signed_in(cast.researcher)
    ask(browser)

    def write(_content: Any, _target: Any, progress: Callable[[int, str], None]) -> None:
        browser.send(f"{PAGE}/1/remove")
        progress(50, "Writing on")
        raise AssertionError("it went on")

    monkeypatch.setattr(writing, "write_bundle", write)
    work(app)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DataBundle)) == 0
    assert "No data bundles yet" in browser.get(PAGE).text


def test_it_is_removed_after_asking_once(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    browser = signed_in(cast.researcher)
    ask(browser)
    work(app)
    assert "Remove this data bundle?" in browser.get(f"{PAGE}/1/remove").text
    answer = browser.send(f"{PAGE}/1/remove", page=f"{PAGE}/1/remove")
    assert "The data bundle is removed" in browser.get(answer.location).text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(DataBundlePart)) == 0


def test_nobody_downloads_clinics_they_no_longer_follow(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    browser = signed_in(cast.researcher)
    ask(browser)
    work(app)
    with app.app_context():
        grant = db.session.scalars(select(Grant).where(Grant.person_id == cast.researcher)).one()
        grant.organization_id = cast.organization
        db.session.commit()
    assert "It holds clinics that you no longer follow" in browser.get(PAGE).text
    assert browser.send(f"{PAGE}/1/download").status_code == 403


def test_somebody_elses_bundle_does_not_exist(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    ask(signed_in(cast.researcher))
    work(app)
    other = signed_in(cast.administrator)
    for path in ("progress", "remove"):
        assert other.get(f"{PAGE}/1/{path}").status_code == 404
    for path in ("download", "again", "remove"):
        assert other.send(f"{PAGE}/1/{path}").status_code == 404


def test_after_seven_days_it_is_gone(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    browser = signed_in(cast.researcher)
    ask(browser)
    work(app)
    with clock.frozen_at(clock.now() + timedelta(days=7, seconds=1)):
        later = signed_in(cast.researcher)
        assert "No longer kept" in later.get(PAGE).text
        assert later.send(f"{PAGE}/1/download").status_code == 409
        ask(later)
        work(app)
        with app.app_context():
            owners = db.session.scalars(select(DataBundlePart.bundle_id).distinct()).all()
        assert list(owners) == [2]


def test_nobody_has_more_than_five(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    browser = signed_in(cast.researcher)
    for _ in range(asking.MOST):
        ask(browser)
    answer = browser.send(PAGE, {"selection": ""})
    assert answer.status_code == 409
    assert "Remove one that you no longer need." in answer.text


def test_removing_makes_no_room_for_ever_more(
    app: Flask, cast: Cast, signed_in: SignedIn, contents: list[BundleContent]
) -> None:
    browser = signed_in(cast.researcher)
    for _ in range(asking.ASKED.allowed):
        ask(browser)
        with app.app_context():
            db.session.execute(delete(DataBundle))
            db.session.commit()
    ask(browser, status=429)
    ask(signed_in(cast.administrator))


def test_what_cannot_be_analyzed_is_refused_at_once(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.researcher)
    answer = browser.send(PAGE, {"selection": "clock=moon"})
    assert answer.status_code == 409
    assert "“moon” is no time" in answer.text
    answer = browser.send(PAGE, {"selection": ""})
    assert "There are no scores for this analysis yet." in answer.text


def test_formats_that_cannot_be_made_here_are_named(
    cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(cast.researcher)
    assert "Without files for SPSS" not in browser.get(PAGE).text
    monkeypatch.setattr("research.views.bundles.missing_packages", lambda: ("pyarrow",))
    assert "Without files for SPSS" in browser.get(PAGE).text


def test_statements_of_the_page_do_not_grow_with_the_bundles(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    contents: list[BundleContent],
    count_statements: CountStatements,
) -> None:
    browser = signed_in(cast.researcher)
    ask(browser)
    ask(browser)
    work(app)
    with count_statements() as statements:
        page = browser.get(PAGE).text
    assert len(re.findall("Download", page)) == 2
    assert len(statements) <= 4, statements
    with count_statements() as statements:
        assert browser.send(f"{PAGE}/1/download").data == FILE
    parts = [one for one in statements if "data_bundle_part" in one]
    assert len(parts) == 4, "one for each part, and one that finds no more"
