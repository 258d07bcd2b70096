"""Every route x every person of the cast x own and foreign things, against a table one can read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from assess.models import JoinedDevice
from core.db import db
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient, QuickClient
from tests.things import INSTRUMENT, MILESTONE, Things

SignedIn = Callable[[int], CheckingClient]

LETTERS = {
    "m": "member",
    "l": "lead",
    "c": "coach",
    "r": "researcher",
    "a": "administrator",
    "n": "organization_administrator",
    "o": "member_of_other_clinic",
    "s": "stranger",
}

# Who gets through to a thing of Alder Clinic (left) and to one of Cedar Clinic, which belongs to
# another organization (right). Member, lead and coach are Alder's, o is Cedar's member, s is
# nobody's; a runs the program, n only Alder's organization. Everybody else must get 403 or 404.
OF_CLINIC = {
    "clinic.view": ("mlcan", "oa"),
    "assessment.open": ("lcan", "a"),
    "assessment.rate": ("ml", "o"),
    "assessment.reveal": ("lcan", "a"),
    "assessment.agree": ("lcan", "a"),
    "assessment.close": ("lcan", "a"),
    "assessment.reopen": ("lcan", "a"),
    "assessment.follow": ("lcan", "a"),
    "rating.key_in": ("lcan", "a"),
    "meeting.follow": ("mlcan", "oa"),
    "meeting.vote": ("ml", "o"),
    # a sheet of Alder's member, and one of Cedar's: each its owner's alone
    "rating.change": ("m", "o"),
    "join.manage": ("lcan", "a"),
    "results.view": ("mlcan", "oa"),
    "plan.view": ("mlcan", "oa"),
    "plan.edit": ("lcan", "a"),
    "action.update": ("mlcan", "oa"),
    "people.view": ("lcan", "a"),
    "role.member": ("lcan", "a"),
    # the account of a person whose only roles are in this organization
    "person.manage": ("an", "a"),
    "organization.manage": ("an", "a"),
    "clinic.manage": ("an", "a"),
}
# Who may come to pages that are about no single clinic.
OF_PROGRAM = {
    "public": "mlcranos",
    "signed in": "mlcranos",
    "clinic.list": "mlcano",
    "trends.view": "cran",
    "api.read": "cran",
    "data.export": "cran",
    "audit.view": "an",
    "admin.view": "an",
    "invitation.list": "lcan",
    "organization.add": "a",
}
# Pages of an account whose thing is its owner's alone: Alder's member's, and Cedar's.
OF_OWNER = {
    "accounts.rename_passkey": ("m", "o"),
    "accounts.remove_passkey": ("m", "o"),
    "accounts.end_browser": ("m", "o"),
    # Alder's are its lead's, whom no page of tokens and data bundles is for
    "research.revoke_token_page": ("", "a"),
    "research.revoke_token": ("", "a"),
    "research.bundle_progress": ("", "a"),
    "research.download_bundle": ("", "a"),
    "research.make_bundle_again": ("", "a"),
    "research.remove_bundle_page": ("", "a"),
    "research.remove_bundle": ("", "a"),
    # only programs with a token get there: test_api_access.py
    **dict.fromkeys(
        (
            "research.api_questionnaires",
            "research.api_clinics",
            "research.api_assessments",
            "research.api_scores",
            "research.api_analysis",
        ),
        ("", ""),
    ),
    # about all clinics that somebody follows, so about no single one
    "assess.running_page": ("lcan", "lcan"),
    "assess.open_many_page": ("lcan", "lcan"),
    "assess.open_many": ("lcan", "lcan"),
    "assess.remind_many": ("lcan", "lcan"),
    "assess.close_many": ("lcan", "lcan"),
}


@pytest.fixture(autouse=True)
def quick(app: Flask) -> None:
    app.test_client_class = QuickClient


@pytest.fixture
def own(things: tuple[Things, Things]) -> Things:
    return things[0]


@pytest.fixture
def foreign(things: tuple[Things, Things]) -> Things:
    return things[1]


def _who(endpoint: str, access: str, place: int) -> str:
    if endpoint in OF_OWNER:
        return OF_OWNER[endpoint][place]
    return OF_PROGRAM[access] if access in OF_PROGRAM else OF_CLINIC[access][place]


def routes(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, access) of all routes but static files."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            access = getattr(app.view_functions[rule.endpoint], "access", "")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, access


def test_the_table_names_every_permission_that_a_route_asks_for(app: Flask) -> None:
    asked = {access for _, _, access in routes(app)}
    assert asked == OF_CLINIC.keys() | OF_PROGRAM.keys()


@pytest.mark.parametrize("letter", LETTERS, ids=LETTERS.get)
def test_people_get_where_the_table_says_and_nowhere_else(
    app: Flask, cast: Cast, signed_in: SignedIn, own: Things, foreign: Things, letter: str
) -> None:
    browser = signed_in(cast.people[LETTERS[letter]])
    token = {"X-CSRFToken": browser.csrf_token()}
    wrong = []
    for rule, method, access in sorted(routes(app), key=lambda one: one[1] != "GET"):
        if rule.endpoint in {"accounts.sign_out", "accounts.demo_sign_in_post"}:
            continue  # they end the sign-in that this test needs
        for place, things in enumerate((own, foreign)):
            path = things.path(rule)
            answer = browser.open(path, method=method, headers=token)
            through = answer.status_code not in {401, 403, 404}
            expected = letter in _who(rule.endpoint, access, place)
            # there is no demonstration here, and the ratings that the code is for were revealed
            unknown = rule.endpoint in {"accounts.demo_sign_in", "assess.join", "assess.join_start"}
            if answer.status_code >= 500 or (through != expected and not unknown):
                wrong.append((method, path, access, answer.status_code))
    assert wrong == []


def test_a_joined_device_gets_to_its_own_sheet_and_nowhere_else(
    app: Flask, cast: Cast, client: CheckingClient, own: Things, foreign: Things
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q4")
        code = seeding.make_join_link(assessment, secret=str(app.secret_key))
    client.send(f"/j/{code}", page=f"/j/{code}")
    with app.app_context():
        rating = db.session.scalars(select(JoinedDevice.rating_id)).one()
    mine = Things(own.ids | {"assessment_id": str(assessment), "rating_id": str(rating)})
    token = {"X-CSRFToken": client.csrf_token("/help")}
    wrong, reached = [], set()
    for rule, method, access in sorted(routes(app), key=lambda one: one[1] != "GET"):
        if access == "public" or rule.endpoint == "assess.leave_device":
            continue
        for things in (mine, own, foreign):
            answer = client.open(things.path(rule), method=method, headers=token)
            asked = (answer.location or "").startswith("/sign-in")
            through = answer.status_code not in {401, 403, 404} and not asked
            if answer.status_code >= 500 or (through and not _is_for_device(access, things, mine)):
                wrong.append((method, things.path(rule), access, answer.status_code))
            if through:
                reached.add(rule.endpoint)
    assert wrong == []
    assert {"assess.rate", "assess.rate_block", "assess.put_answers"} <= reached


def _is_for_device(access: str, things: Things, mine: Things) -> bool:
    mine_to_use = {"assessment.rate", "rating.change", "meeting.follow", "meeting.vote"}
    return things is mine and access in mine_to_use


# what is written is seen in the statements, which are the same on both databases
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("letter", [*LETTERS, ""], ids=[*LETTERS.values(), "visitor"])
def test_reading_writes_nothing(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    own: Things,
    foreign: Things,
    client: CheckingClient,
    count_statements: CountStatements,
    letter: str,
) -> None:
    browser = signed_in(cast.people[LETTERS[letter]]) if letter else client
    with count_statements() as statements:
        for rule, method, _ in routes(app):
            for things in (own, foreign):
                if method == "GET":
                    browser.get(things.path(rule))
                    browser.head(things.path(rule))
    writes = [
        one for one in statements if not one.lstrip("( ").upper().startswith(("SELECT", "WITH"))
    ]
    assert statements
    assert writes == []


def said(answer: TestResponse) -> str:
    """What an answer says; of a workbook, which is a zip, all of its parts."""
    content = answer.get_data()
    if not content.startswith(b"PK"):
        return content.decode()
    with ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())


def test_what_another_person_rated_never_leaves_an_open_assessment(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    """Two rate, one of them all at level 4, one at 1; nobody may see a mean, a level or a note."""
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        for person, level in ((cast.member, 4), (cast.second_member, 1)):
            rating = seeding.start_rating(assessment, person)
            keys = [milestone.key for milestone in INSTRUMENT.milestones]
            seeding.rate(rating, dict.fromkeys(keys, level), {keys[0]: f"secret of {person}"})
            seeding.finish(rating)
    things = Things(
        {
            "assessment_id": str(assessment),
            "clinic_id": str(cast.clinic),
            "block_id": INSTRUMENT.blocks[0].id,
            "milestone": MILESTONE,
            "kind": "svg",
            "picture": "run-chart",
            "figure": "clinics",
        }
    )
    for name in ("lead", "coach", "administrator", "researcher", "second_member"):
        person = getattr(cast, name)
        browser = signed_in(person)
        token = {"X-CSRFToken": browser.csrf_token()}
        for rule, method, _ in routes(app):
            hidden = rule.endpoint in {"assess.reveal", "assess.close", "accounts.sign_out"}
            if hidden or not set(rule.arguments) <= things.ids.keys():
                continue
            answer = browser.open(things.path(rule), method=method, headers=token)
            if answer.mimetype == "application/pdf":
                continue  # the blank paper form; test_reveal.py compares its bytes
            # a moment may hold any digits
            text = re.sub(r'datetime="[^"]*"', "", said(answer))
            where = f"{name}: {method} {things.path(rule)}"
            assert f"secret of {cast.member}" not in text, where
            assert "2.5" not in text, f"{where} shows the mean"
            assert "mean of 2" not in text, where
            if name != "second_member":
                assert "secret of" not in text, where
                assert 'class="level-number' not in text, f"{where} shows a level"
