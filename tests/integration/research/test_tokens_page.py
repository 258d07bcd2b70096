"""A person's own API tokens: made, seen once, listed, revoked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from core import clock
from core.audit import AuditEvent
from core.db import db
from research.models import ApiToken
from research.tokens import keeping, queries
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
PAGE = "/trends/tokens"
GOOD = {"name": "R on my laptop", "days": "30"}


def test_a_token_is_shown_once_and_only_its_hash_is_kept(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.researcher)
    assert "None of your programs can read anything yet." in browser.get(PAGE).text
    page = browser.send(PAGE, GOOD, page=PAGE).text
    found = re.search(r'value="(bw_[\w-]{43})"', page)
    assert found is not None
    secret = found[1]
    again = browser.get(PAGE).text
    assert secret not in again
    assert "R on my laptop" in again
    with app.app_context():
        row = db.session.scalars(select(ApiToken)).one()
        assert row.token_hash == keeping.hash_of(secret)
        assert row.expires_at - row.created_at == timedelta(days=30)
        log = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert log is not None
        assert (log.action, log.person_id) == ("api_token.made", cast.researcher)
        assert secret not in f"{log.subject} {log.before} {log.after}"


def test_it_says_what_is_missing_and_keeps_what_was_typed(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.coach)
    for fields, words in (
        ({"name": " ", "days": "30"}, "Say what the token is for."),
        ({"name": "x" * 81, "days": "30"}, "Use no more than 80 characters."),
        ({"name": "mine", "days": "366"}, "Choose between 1 and 365 days."),
        ({"name": "mine", "days": "soon"}, "Enter a whole number."),
        ({"name": "mine", "days": ""}, "Say for how many days the token shall work."),
    ):
        answer = browser.send(PAGE, fields, page=PAGE)
        assert answer.status_code == 422, fields
        assert answer.text.count(words) == 2, fields
        assert fields["name"].strip() in answer.text


def test_nobody_has_more_than_ten_that_work(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.researcher)
    with app.app_context():
        for number in range(keeping.MOST):
            keeping.make_token(person_id=cast.researcher, name=f"token {number}", days=1)
        db.session.commit()
    assert "no one can have more" in browser.get(PAGE).text
    answer = browser.send(PAGE, GOOD)
    assert answer.status_code == 409
    assert "Revoke one that you no longer use." in answer.text
    with app.app_context():
        token_id = queries.list_tokens(cast.researcher)[0].id
    page = f"{PAGE}/{token_id}/revoke"
    assert "Revoke “token 9”?" in browser.get(page).text
    answer = browser.send(page, page=page)
    assert "The token is revoked" in browser.get(answer.location).text
    assert browser.send(PAGE, GOOD).status_code == 200
    with app.app_context():
        actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-2:] == ["api_token.revoked", "api_token.made"]


def test_ten_minutes_after_sign_in_it_asks_who_is_there(cast: Cast, signed_in: SignedIn) -> None:
    browser = signed_in(cast.researcher)
    token = browser.csrf_token()
    with clock.frozen_at(clock.now() + timedelta(minutes=11)):
        assert "Confirm that it is you" in browser.get(PAGE).text
        answer = browser.post(PAGE, data={**GOOD, "csrf_token": token})
    assert answer.location == "/account/confirm?next=/trends/tokens"


def test_somebody_elses_token_does_not_exist(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        token, _ = keeping.make_token(person_id=cast.coach, name="mine", days=1)
        db.session.commit()
        page = f"{PAGE}/{token.id}/revoke"
    browser = signed_in(cast.researcher)
    assert browser.get(page).status_code == 404
    assert browser.send(page).status_code == 404
    with app.app_context():
        assert queries.list_tokens(cast.coach)[0].is_alive


def test_the_page_costs_four_statements(
    cast: Cast, signed_in: SignedIn, count_statements: CountStatements
) -> None:
    browser = signed_in(cast.researcher)
    with count_statements() as statements:
        browser.get(PAGE)
    assert len(statements) <= 4, statements
