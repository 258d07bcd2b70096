"""Inviting a list: everybody or nobody, each problem with its line, and links to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.invitations.file import MOST_ROWS
from accounts.models import Token
from core.db import db
from tests.cast import Cast
from tests.integration.accounts.inviting import count_open, secrets_on
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
PAGE = "/invitations/many"
LIST = """email,name,role,clinic,organization
ann@example.net,Ann Ash,member,N01,
Bo@Example.net,,lead,n02,North Health
"""


def send(browser: CheckingClient, people: str, **fields: str) -> str:
    answer = browser.send(PAGE, {"people": people, **fields}, page=PAGE)
    return f"{answer.status_code} {answer.get_data(as_text=True)}"


def test_the_list_is_shown_before_anything_is_made(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.coach)
    page = send(browser, LIST)
    assert page.startswith("200")
    assert "Invite these 2 people?" in page
    assert "bo@example.net" in page
    assert "Birch Clinic" in page
    assert count_open(app) == 0


def test_everybody_on_the_list_gets_a_link(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.coach)
    answer = browser.send(PAGE, {"people": LIST, "step": "invite"}, page=PAGE)
    secrets = secrets_on(answer)
    assert len(secrets) == 2
    with app.app_context():
        rows = db.session.scalars(select(Token).order_by(Token.id)).all()
        assert [(row.email, row.name, row.role, row.clinic_id) for row in rows] == [
            ("ann@example.net", "Ann Ash", "member", cast.clinic),
            ("bo@example.net", "", "lead", cast.sister_clinic),
        ]
    assert browser.get(f"/invitation/{secrets[1]}").status_code == 200


def test_a_file_is_read_like_pasted_text(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    content = "﻿E-Mail;Name;Role\r\nann@example.net;Ann Ásh;clinic lead\r\n".encode()
    fields = {
        "file": (io.BytesIO(content), "people.csv"),
        "clinic": str(cast.clinic),
        "csrf_token": browser.csrf_token(PAGE),
    }
    page = browser.post(PAGE, data=fields).get_data(as_text=True)
    assert "Invite this person?" in page
    assert "Ann Ásh" in page
    assert "Alder Clinic" in page


def test_emails_alone_are_enough_on_the_page_of_a_clinic(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.lead)
    page = send(
        browser, "ann@example.net\nbo@example.net\n", clinic=str(cast.clinic), step="invite"
    )
    assert "2 links are ready" in page
    with app.app_context():
        rows = db.session.scalars(select(Token)).all()
        assert {(row.role, row.clinic_id) for row in rows} == {("member", cast.clinic)}


def test_a_workbook_is_told_from_a_list(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    fields = {
        "file": (io.BytesIO(b"PK\x03\x04rest"), "people.xlsx"),
        "clinic": str(cast.clinic),
        "csrf_token": browser.csrf_token(PAGE),
    }
    answer = browser.post(PAGE, data=fields)
    assert answer.status_code == 422
    assert "This is an Excel workbook" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("nobody,,member,N01,", "Line 3, column email: “nobody”. This is not an email address."),
        (",x,member,N01,", "Line 3, column email: The email address is missing."),
        ("c@example.net,,boss,N01,", "Line 3, column role: “boss”. There is no such role."),
        ("c@example.net,,member,S01,", "Line 3, column clinic: “S01”. There is no such clinic."),
        ("c@example.net,,member,ZZ9,", "Line 3, column clinic: “ZZ9”. There is no such clinic."),
        ("c@example.net,,member,N01,South Health", "Line 3, column organization"),
        ("c@example.net,,coach,,South Health", "Line 3, column organization"),
        ("c@example.net,,coach,N01,", "You cannot invite coaches to Alder Clinic."),
        ("c@example.net,,administrator,,North Health", "You cannot invite administrators"),
        ("c@example.net,,administrator,,", "Name the clinic by its study code."),
        ("c@example.net,,member,,", "You cannot invite team members to the whole program."),
        ("member@example.org,,member,N01,", "This person has this role already."),
        ("ANN@example.net,,,N01,North Health", "This is the same invitation as in line 2."),
        ("c@example.net,,member,N01,,,x", "This row has too many cells."),
        (f"c@example.net,{'n' * 201},member,N01,", "This name is too long."),
        ('c@example.net,"open,member,N01,', "This row cannot be read"),
    ],
)
def test_one_wrong_row_and_nobody_is_invited(
    app: Flask, cast: Cast, signed_in: SignedIn, row: str, problem: str
) -> None:
    people = f"email,name,role,clinic,organization\nann@example.net,Ann,member,N01,\n{row}\n"
    page = send(signed_in(cast.coach), people, step="invite")
    assert page.startswith("422")
    assert "Nobody was invited: 1 problem in the list" in page
    assert problem in page.replace("&#39;", "'")
    assert "ann@example.net,Ann,member,N01," in page
    assert count_open(app) == 0


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ("", "Choose a file, or paste a list"),
        ("name,role\nAnn,member\n", "There is no column with emails."),
        ("email,color\na@example.net,red\n", "This column is not known."),
        ("email,e-mail\na@example.net,b@example.net\n", "There are two of this column."),
        ("email,name,role\n", "Nobody is listed."),
        ("email\n" + "a@example.net\n" * (MOST_ROWS + 1), f"These are {MOST_ROWS + 1} people."),
        ("email\n" + "é" * 600_000, "The file is larger than 1 MB."),
    ],
)
def test_a_list_that_cannot_be_used_says_why(
    app: Flask, cast: Cast, signed_in: SignedIn, people: str, problem: str
) -> None:
    page = send(signed_in(cast.coach), people, step="invite")
    assert page.startswith("422")
    assert problem in page
    assert count_open(app) == 0


def test_a_foreign_clinic_is_no_usual_place(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.lead)
    for clinic in (cast.sister_clinic, cast.other_clinic, 99999):
        assert browser.get(f"{PAGE}?clinic={clinic}").status_code == 404
        assert send(browser, "ann@example.net", clinic=str(clinic)).startswith("404")


def make_links(browser: CheckingClient, people: str = LIST) -> list[str]:
    return secrets_on(browser.send(PAGE, {"people": people, "step": "invite"}, page=PAGE))


def test_the_file_of_links_runs_no_formulas(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.coach)
    people = 'email,name,role,clinic\nann@example.net,"=HYPERLINK(""x"")",member,N01\n'
    (secret,) = make_links(browser, people)
    answer = browser.send("/invitations/links.csv", {"secret": [secret]}, page=PAGE)
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    (row,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("﻿")))
    assert row["email"] == "ann@example.net"
    assert row["name"] == '\'=HYPERLINK("x")'
    assert (row["clinic"], row["organization"]) == ("Alder Clinic", "North Health")
    assert row["link"] == f"http://127.0.0.1/invitation/{secret}"


def test_the_slips_have_a_code_for_each(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.coach)
    secrets = make_links(browser)
    answer = browser.send("/invitations/slips", {"secret": secrets}, page=PAGE)
    page = answer.get_data(as_text=True)
    assert page.count('<svg xmlns="http://www.w3.org/2000/svg" class="qr"') == 2
    assert secrets_on(answer) == secrets


@pytest.mark.parametrize("path", ["/invitations/links.csv", "/invitations/slips"])
def test_only_who_may_give_the_role_takes_links_along(
    app: Flask, cast: Cast, signed_in: SignedIn, path: str
) -> None:
    secrets = make_links(signed_in(cast.administrator), "ann@example.net,Ann,member,S01\n")
    browser = signed_in(cast.coach)
    for sent in (secrets, [], ["x" * 43], ["\0"]):
        answer = browser.send(path, {"secret": sent}, page=PAGE)
        assert answer.status_code == 422
        assert "There are no links" in answer.get_data(as_text=True)
    assert (
        browser.send(path, {"secret": make_links(browser) + secrets}, page=PAGE).status_code < 400
    )
