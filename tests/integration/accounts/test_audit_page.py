"""Administrators read the log of what is theirs, find lines in it, and keep them as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from core import audit, clock
from core.db import db
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def log(app: Flask, cast: Cast) -> None:
    """Three lines: of the program, of North Health, of South Health; one a day."""
    lines = (
        ("person.created", "person 9 Kim <kim@example.org>", None, None),
        (
            "role.given",
            f"person 9 Kim, of clinic {cast.clinic}",
            cast.organization,
            {"role": "lead", "is_new": True},
        ),
        ("clinic.changed", f"clinic {cast.other_clinic}", cast.other_organization, {"name": "=1"}),
    )
    with app.app_context():
        for number, (action, subject, organization, after) in enumerate(lines):
            with clock.frozen_at(NOON + timedelta(days=number)):
                audit.record(
                    action,
                    subject=subject,
                    organization_id=organization,
                    before={"role": "member"} if after else None,
                    after=after,
                    actor=audit.Actor(1, f"Actor {number} <a{number}@example.org>", "192.0.2.7"),
                )
                db.session.commit()


def actors(page: str) -> list[str]:
    return re.findall(r"Actor (\d)", page)


@pytest.mark.usefixtures("log")
def test_the_administrator_of_the_program_reads_every_chain(
    cast: Cast, signed_in: SignedIn
) -> None:
    page = signed_in(cast.administrator).get("/admin/audit").text
    assert actors(page)[:3] == ["2", "1", "0"]
    assert "Nov 22, 2026, 12:00 UTC" in page
    assert "Role given" in page
    assert "Alder Clinic, North Health" in page
    assert "from 192.0.2.7" in page
    assert re.search(r"Is new:</span>\s*yes", page)
    assert re.search(r"Role:</span>\s*member <span aria-hidden", page)


@pytest.mark.usefixtures("log")
def test_the_administrator_of_an_organization_reads_its_chain_only(
    cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.organization_administrator)
    page = browser.get("/admin/audit").text
    assert "Actor 1" in page
    assert not {"0", "2"} & set(actors(page))
    assert "South Health" not in page
    assert "The program itself" not in page
    assert "Actor 2" not in browser.get("/admin/audit.csv").text
    foreign = f"organization-{cast.other_organization}"
    assert browser.get("/admin/audit", query_string={"where": foreign}).status_code == 422
    assert browser.get("/admin/audit", query_string={"where": "program"}).status_code == 422


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"who": "ACTOR 1"}, "1"),
        ({"who": "a%"}, ""),
        ({"action": "role given"}, "1"),
        ({"action": "role.given"}, "1"),
        ({"subject": "kim@"}, "0"),
        ({"since": "2026-11-22"}, "21"),
        ({"until": "11/22/2026"}, "10"),
        ({"since": "2026-11-22", "until": "2026-11-22"}, "1"),
        ({"where": "program"}, "0"),
        ({"where": "organization"}, "1"),
        ({"where": "clinic"}, "1"),
        ({"where": "clinic", "who": "Actor 2"}, ""),
        ({"subject": "\0"}, "210"),
        ({"older_than": "1"}, ""),
        ({"older_than": "x"}, "210"),
        ({"older_than": "9" * 11}, "210"),
    ],
)
def test_lines_are_found(
    cast: Cast, signed_in: SignedIn, words: dict[str, str], found: str
) -> None:
    ids = {"organization": cast.organization, "clinic": cast.clinic}
    if words.get("where") in ids:
        words = words | {"where": f"{words['where']}-{ids[words['where']]}"}
    page = signed_in(cast.administrator).get("/admin/audit", query_string=words)
    assert page.status_code == 200
    # the search fields repeat what was typed
    assert actors(page.text.split("</details>")[-1]) == list(found)


@pytest.mark.usefixtures("log")
def test_a_wrong_day_comes_back_with_words(cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.administrator).get("/admin/audit?since=yesterday")
    assert page.status_code == 422
    assert "enter it as month/day/year" in page.text
    assert "<title>Error:" in page.text


def test_older_lines_follow_without_gap_or_repetition(
    app: Flask, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.views.audit.PAGE_LENGTH", 4)
    with app.app_context():
        for number in range(10):
            audit.record("thing.changed", subject=f"thing {number}")
        db.session.commit()
    browser = signed_in(cast.administrator)
    address, seen = "/admin/audit?action=thing", []
    for _ in range(3):
        page = browser.get(address).text
        seen += re.findall(r"thing (\d)<", page)
        older = re.search(r'href="([^"]+)">Older lines', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(number) for number in reversed(range(10))]
    assert address == ""


@pytest.mark.usefixtures("log")
def test_what_was_found_comes_as_a_file_that_no_spreadsheet_runs(
    cast: Cast, signed_in: SignedIn
) -> None:
    answer = signed_in(cast.administrator).get("/admin/audit.csv?action=changed")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="blockwise-audit')
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"), newline="")))
    lines = [row for row in rows if row["who"].startswith("Actor")]
    assert [row["who"] for row in lines] == ["Actor 2 <a2@example.org>"]
    assert lines[0]["after"] == '{"name": "=1"}'
    assert len(lines[0]["sha256"]) == 64


@pytest.mark.usefixtures("log")
def test_more_than_a_file_may_hold_asks_for_a_shorter_period(
    cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.views.audit.MOST_KEPT", 2)
    answer = signed_in(cast.administrator).get("/admin/audit.csv")
    assert answer.status_code == 422
    assert "Choose a shorter period" in answer.text


@pytest.mark.usefixtures("log")
def test_the_number_of_statements_does_not_grow_with_the_lines(
    app: Flask, cast: Cast, signed_in: SignedIn, count_statements: CountStatements
) -> None:
    browser = signed_in(cast.administrator)
    with count_statements() as few:
        browser.get("/admin/audit")
    with app.app_context():
        for number in range(60):
            audit.record("thing.changed", subject=f"thing {number} of clinic {cast.clinic}")
        db.session.commit()
    with count_statements() as many:
        browser.get("/admin/audit")
    assert len(many) == len(few) <= 4, many


@pytest.mark.parametrize("name", ["member", "lead", "coach", "researcher", "stranger"])
def test_nobody_else_reads_the_log(cast: Cast, signed_in: SignedIn, name: str) -> None:
    browser = signed_in(getattr(cast, name))
    assert browser.get("/admin/audit").status_code == 403
    assert browser.get("/admin/audit.csv").status_code == 403
