"""Who gets into the API: tokens alone, for as long as their owner may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from accounts import guard
from accounts.models import Grant, Person
from core import clock
from core.db import db
from research.api import answering
from research.models import ApiToken
from research.tokens import keeping
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
PATH = "/api/v1/questionnaires"
PROBLEM = "application/problem+json"


def make(app: Flask, person_id: int, days: int = 1) -> str:
    with app.app_context():
        _, secret = keeping.make_token(person_id=person_id, name="test", days=days)
        db.session.commit()
    return secret


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_every_address_but_the_description_takes_tokens_and_only_reads(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    for rule in rules:
        assert rule.methods == {"GET", "HEAD", "OPTIONS"}
        view = app.view_functions[rule.endpoint]
        assert getattr(view, "by_token", False) == (rule.endpoint != "research.api_description")
    tokened = [one for one in app.view_functions.values() if getattr(one, "by_token", False)]
    assert len(tokened) == len(rules) - 1, "no page takes a token"


@pytest.mark.parametrize(
    ("head", "error"),
    [
        (None, ""),
        ("Basic dXNlcjpwYXNz", ""),
        ("Bearer", ""),
        ("Bearer bw_guessed", 'error="invalid_token"'),
        ("Bearer \udcff bw", 'error="invalid_token"'),
    ],
)
def test_without_a_token_that_works_nobody_gets_in(
    app: Flask, cast: Cast, client: FlaskClient, head: str | None, error: str
) -> None:
    headers = {"Authorization": head.encode("utf-8", "replace").decode()} if head else {}
    answer = client.get(PATH, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Blockwise"')
    assert answer.headers["WWW-Authenticate"].endswith(error)
    assert answer.mimetype == PROBLEM
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["status"] == 401


def test_a_cookie_counts_for_nothing_and_lives_no_longer(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    browser = signed_in(cast.administrator)
    assert browser.get(PATH).status_code == 401
    secret = make(app, cast.researcher)
    with clock.frozen_at(clock.now() + timedelta(minutes=5)):
        answer = browser.get(PATH, headers=bearer(secret))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Authorization" in answer.headers["Vary"]


def test_a_token_opens_no_page(app: Flask, cast: Cast, client: FlaskClient) -> None:
    secret = make(app, cast.administrator)
    for path in ("/trends", "/trends/tokens", "/clinics", "/account"):
        answer = client.get(path, headers=bearer(secret))
        assert (answer.status_code, answer.location[:8]) == (302, "/sign-in")


@pytest.mark.parametrize("who", ["coach", "researcher", "administrator"])
def test_a_token_reads_for_who_may(app: Flask, cast: Cast, client: FlaskClient, who: str) -> None:
    answer = client.get(PATH, headers=bearer(make(app, cast.people[who])))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = client.get(
        PATH,
        headers=bearer(make(app, cast.people[who])) | {"If-None-Match": answer.headers["ETag"]},
    )
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("who", ["member", "lead", "stranger"])
def test_a_token_of_somebody_who_may_not_is_refused(
    app: Flask, cast: Cast, client: FlaskClient, who: str
) -> None:
    answer = client.get(PATH, headers=bearer(make(app, cast.people[who])))
    assert (answer.status_code, answer.mimetype) == (403, PROBLEM)


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled", "role lost"])
def test_it_ends_at_once(app: Flask, cast: Cast, client: FlaskClient, end: str) -> None:
    secret = make(app, cast.researcher)
    assert client.get(PATH, headers=bearer(secret)).status_code == 200
    moment = clock.now()
    with app.app_context():
        token = db.session.scalars(select(ApiToken)).one()
        if end == "revoked":
            keeping.revoke_token(person_id=cast.researcher, token_id=token.id)
        elif end == "expired":
            moment += timedelta(days=1)
        elif end == "disabled":
            db.session.get_one(Person, cast.researcher).disabled_at = clock.now()
        else:
            db.session.execute(delete(Grant).where(Grant.person_id == cast.researcher))
        db.session.commit()
    with clock.frozen_at(moment):
        answer = client.get(PATH, headers=bearer(secret))
    assert answer.status_code == (403 if end == "role lost" else 401)


def test_its_use_is_noted(app: Flask, cast: Cast, client: FlaskClient) -> None:
    secret, other = make(app, cast.researcher), make(app, cast.researcher)
    assert client.get(PATH, headers=bearer(secret)).status_code == 200
    with app.app_context():
        used = {row.token_hash: row.last_used_at for row in db.session.scalars(select(ApiToken))}
    assert used[keeping.hash_of(secret)] is not None
    assert used[keeping.hash_of(other)] is None


def test_too_many_requests_wait(
    app: Flask, cast: Cast, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = answering.Limit("api request", allowed=2, window=timedelta(minutes=5))
    monkeypatch.setattr(answering, "REQUESTS", few)
    secret, other = make(app, cast.researcher), make(app, cast.coach)
    statuses = [client.get(PATH, headers=bearer(secret)).status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    answer = client.get(PATH, headers=bearer(secret))
    assert answer.headers["Retry-After"] == "300"
    assert answer.mimetype == PROBLEM
    assert client.get(PATH, headers=bearer(other)).status_code == 200


def test_what_is_not_there_and_what_cannot_be_done(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer.mimetype) == (404, PROBLEM)
    for path in (PATH, "/api/v1/openapi.json"):
        answer = client.post(path)
        assert (answer.status_code, answer.mimetype) == (405, PROBLEM)
        assert {"GET", "HEAD"} <= {one.strip() for one in answer.headers["Allow"].split(",")}


def test_a_view_for_tokens_may_not_write(app: Flask, cast: Cast, client: FlaskClient) -> None:
    secret = make(app, cast.researcher)
    app._got_first_request = False
    app.add_url_rule(
        "/api/write", "write", guard.requires_token("api.read")(lambda: "no"), methods=["POST"]
    )
    assert client.post("/api/write", headers=bearer(secret)).status_code == 500


def test_a_request_costs_few_statements(
    app: Flask, cast: Cast, client: FlaskClient, count_statements: CountStatements
) -> None:
    secret = make(app, cast.researcher)
    with count_statements() as statements:
        client.get(PATH, headers=bearer(secret))
    # who; then, in a transaction of its own: how many lately, forget old ones, count, note the use
    assert len([one for one in statements if "set_config" not in one.split("FROM")[0]]) <= 7
