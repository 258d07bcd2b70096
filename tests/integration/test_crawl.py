"""A member and a lead of one clinic try every id of every other clinic on every route.

The other clinics are a sister in the same organization and one of another organization. Whatever
the route, the method and the mixture with ids of their own: 403 or 404, no word of the other
clinics in any answer, and nothing of theirs changed. Routes come from the URL map, ids from the
database; an argument that this file does not know fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, Select, select
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from accounts import tokens
from accounts.models import (
    Clinic,
    Grant,
    Method,
    Organization,
    Passkey,
    Person,
    Purpose,
    Role,
    SignIn,
    Token,
)
from accounts.sign_in import sign_ins
from action_plans.models import Action, ActionPlan, Goal
from assess.models import Assessment, Rating
from core import clock
from core.db import Base, db
from research.models import ApiToken, DataBundle
from research.tokens import keeping
from tests.cast import Cast
from tests.integration.tenants import FIRST, INSTRUMENT, Tenants
from tests.pages import CheckingClient, QuickClient
from tests.things import bundle_of

SignedIn = Callable[[int], CheckingClient]

# what each argument of a route numbers, and which of those belong to the crawling person's clinic
OF_CLINIC = {
    "assessment_id": Assessment,
    "rating_id": Rating,
    "sheet_id": Rating,
    "plan_id": ActionPlan,
    "goal_id": Goal,
    "action_id": Action,
    "grant_id": Grant,
    "invitation_id": Token,
}
OF_PERSON = {
    "sign_in_id": SignIn,
    "passkey_id": Passkey,
    "token_id": ApiToken,
    "bundle_id": DataBundle,
}
# arguments that are no ids: words everybody knows, and secrets that nobody can guess
WORDS = {
    "block_id": INSTRUMENT.blocks[0].id,
    "milestone": FIRST,
    "kind": "svg",
    "picture": "run-chart",
    "figure": "clinics",
    **dict.fromkeys(("key", "code", "first_run_code", "invitation_secret", "reset_secret"), "x1"),
}
# signing out ends the crawl; it changes nothing but the crawling person's own sign-in
LAST = {"accounts.sign_out"}


@dataclass(frozen=True, slots=True)
class Ids:
    """Of each argument: one id of the crawling person's own, and all that are not."""

    own: dict[str, int]
    foreign: dict[str, list[int]]

    def combinations(self, rule: Rule) -> Iterator[dict[str, Any]]:
        """Every choice of ids for the rule in which at least one is foreign."""
        names = sorted(rule.arguments)
        for values in product(*(self._values(name) for name in names)):
            chosen = dict(zip(names, values, strict=True))
            if any(chosen[name] in self.foreign.get(name, ()) for name in names):
                yield chosen

    def own_choice(self, rule: Rule) -> dict[str, Any]:
        return {name: self._values(name)[0] for name in rule.arguments}

    def _values(self, name: str) -> list[Any]:
        return [WORDS[name]] if name in WORDS else [self.own[name], *self.foreign[name]]


@pytest.fixture
def tenants(app: Flask, tenants: Tenants) -> Tenants:
    app.test_client_class = QuickClient
    made = tenants
    with app.app_context():
        for tenant, name in ((made.own, "member"), (made.sister, ""), (made.other, "")):
            person = tenant.rater
            sign_ins.start(person, method=Method.PASSWORD, browser=f"{tenant.mark} browser")
            credential = f"{name}{tenant.mark}".encode()
            db.session.add(
                Passkey(
                    person_id=person,
                    credential_id=credential,
                    credential=credential,
                    name=f"{tenant.mark} key",
                    created_at=clock.now(),
                )
            )
            keeping.make_token(person_id=person, name=f"{tenant.mark} token", days=1)
            bundle_of(person, secret=str(app.secret_key), words=f"{tenant.mark} bundle")
            tokens.issue(
                purpose=Purpose.INVITATION,
                email=f"{tenant.mark.lower()}.new@example.org",
                name=f"{tenant.mark} newcomer",
                lifetime=timedelta(days=7),
                role=Role.MEMBER,
                organization_id=tenant.organization,
                clinic_id=tenant.clinic,
            )
        db.session.commit()
        return made


def ids_for(person_id: int, tenants: Tenants) -> Ids:
    """Every id in the database, sorted into the person's own and all others."""
    own: dict[str, int] = {}
    foreign: dict[str, list[int]] = {}

    def sort(name: str, model: Any, is_own: ColumnElement[bool]) -> None:
        mine = db.session.scalars(select(model.id).where(is_own).order_by(model.id)).all()
        every = db.session.scalars(select(model.id).order_by(model.id)).all()
        own[name] = mine[0] if mine else 0
        foreign[name] = [key for key in every if key not in mine]
        assert foreign[name], f"no foreign id for {name}"

    for name, model in OF_CLINIC.items():
        sort(name, model, model.clinic_id == tenants.own.clinic)  # type: ignore[attr-defined]
    for name, model in OF_PERSON.items():
        sort(name, model, model.person_id == person_id)  # type: ignore[attr-defined]
    colleagues = select(Grant.person_id).where(Grant.clinic_id == tenants.own.clinic)
    sort("person_id", Person, Person.id.in_(colleagues))
    sort("clinic_id", Clinic, Clinic.id == tenants.own.clinic)
    sort("organization_id", Organization, Organization.id == tenants.own.organization)
    return Ids(own, foreign)


def routes(app: Flask) -> list[tuple[Rule, str]]:
    """Every rule but files, with each method; what removes comes late, signing out last."""
    found = [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
    ]
    return sorted(
        found,
        key=lambda one: (
            one[0].endpoint in LAST,
            one[1] not in {"GET", "HEAD"},
            bool(re.search("remove|close|revoke|take|archive|leave", one[0].rule)),
            one[0].rule,
            one[1],
        ),
    )


def path_of(app: Flask, rule: Rule, chosen: dict[str, Any]) -> str:
    with app.test_request_context():
        return app.url_map.bind("").build(rule.endpoint, chosen)


def text_of(answer: TestResponse) -> str:
    return answer.get_data().decode(errors="replace")


def words_of_others(answer: TestResponse, tenants: Tenants) -> list[str]:
    text = (text_of(answer) + str(answer.headers)).lower()
    return [one.mark for one in (tenants.sister, tenants.other) if one.mark.lower() in text]


def rows_of_others(tenants: Tenants) -> dict[str, list[Any]]:
    """Every row that belongs to another clinic or to its rater."""
    clinics = [tenants.sister.clinic, tenants.other.clinic]
    people = [tenants.sister.rater, tenants.other.rater]
    found = {}
    for table in Base.metadata.sorted_tables:
        columns = table.columns
        query: Select[Any] = select(table).order_by(*table.primary_key)
        if "clinic_id" in columns:
            found[table.name] = query.where(columns.clinic_id.in_(clinics))
        elif "person_id" in columns and table.name != "audit_event":
            found[table.name] = query.where(columns.person_id.in_(people))
        elif table.name == "person":
            found[table.name] = query.where(columns.id.in_(people))
        elif table.name in {"clinic", "organization"}:
            ids = clinics if table.name == "clinic" else [tenants.other.organization]
            found[table.name] = query.where(columns.id.in_(ids))
    db.session.rollback()
    return {name: list(map(tuple, db.session.execute(query))) for name, query in found.items()}


def test_every_argument_of_a_route_is_known(app: Flask, cast: Cast, tenants: Tenants) -> None:
    with app.app_context():
        known = ids_for(cast.lead, tenants).foreign.keys() | WORDS.keys()
    assert {name for rule, _ in routes(app) for name in rule.arguments} - known == set()


def test_the_crawl_could_find_something(
    app: Flask, cast: Cast, tenants: Tenants, signed_in: SignedIn
) -> None:
    """The same look at the pages of somebody who may see the other clinics."""
    browser = signed_in(cast.administrator)
    for tenant in (tenants.sister, tenants.other):
        for path in (f"/clinics/{tenant.clinic}", f"/plans/{tenant.plan}"):
            assert words_of_others(browser.get(path), tenants) == [tenant.mark]
    with app.app_context():
        before = rows_of_others(tenants)
        assert min(map(len, (before["action"], before["grant"], before["sign_in"]))) >= 2
    browser.send(f"/assessments/{tenants.other.open_assessment}/reveal")
    with app.app_context():
        assert rows_of_others(tenants) != before


@pytest.mark.parametrize("name", ["member", "lead"])
def test_no_id_of_another_clinic_opens_anything(
    app: Flask, cast: Cast, tenants: Tenants, signed_in: SignedIn, name: str
) -> None:
    browser = signed_in(getattr(cast, name))
    token = {"X-CSRFToken": browser.csrf_token()}
    with app.app_context():
        ids = ids_for(getattr(cast, name), tenants)
        before = rows_of_others(tenants)
    findings, tries = [], 0
    for rule, method in routes(app):
        for chosen in ids.combinations(rule):
            path = path_of(app, rule, chosen)
            answer = browser.open(path, method=method, headers=token)
            tries += 1
            words = words_of_others(answer, tenants)
            if answer.status_code not in {403, 404} or words:
                findings.append((method, path, answer.status_code, words))
    assert findings == []
    assert tries > 300
    with app.app_context():
        assert rows_of_others(tenants) == before


@pytest.mark.parametrize("name", ["member", "lead"])
def test_no_page_of_ones_own_shows_or_changes_another_clinic(
    app: Flask, cast: Cast, tenants: Tenants, signed_in: SignedIn, name: str
) -> None:
    """Own ids in the address; every field that any form has holds ids of other clinics."""
    person = getattr(cast, name)
    with app.app_context():
        ids = ids_for(person, tenants)
        before = rows_of_others(tenants)
    findings, own_words, fields = [], 0, {"carried", "clinic_id", "organization_id", "person_id"}
    for rule, method in routes(app):
        browser = signed_in(person)
        sent: Any = None
        if method not in {"GET", "HEAD"}:
            sent = _foreign_fields(fields, ids, browser.csrf_token())
        query = {"clinic": ids.foreign["clinic_id"][0], "clinic_id": ids.foreign["clinic_id"][-1]}
        path = path_of(app, rule, ids.own_choice(rule))
        answer = browser.open(path, method=method, data=sent, query_string=query)
        text = text_of(answer)
        own_words += tenants.own.mark in text
        fields |= set(re.findall(r'<(?:input|select|textarea|button)[^>]*? name="([^"]+)"', text))
        if answer.status_code >= 500 or (words := words_of_others(answer, tenants)):
            findings.append((method, path, answer.status_code, words))
    assert findings == []
    assert own_words > 10
    with app.app_context():
        assert rows_of_others(tenants) == before


def _foreign_fields(fields: set[str], ids: Ids, token: str) -> MultiDict[str, str]:
    numbers = sorted({str(key) for every in ids.foreign.values() for key in every})
    sent = MultiDict((name, number) for name in sorted(fields) for number in numbers)
    sent.setlist("csrf_token", [token])
    return sent
