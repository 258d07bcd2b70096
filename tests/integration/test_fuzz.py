"""Tens of thousands of broken forms and JSON bodies over all unsafe routes.

Nothing may answer 500, and nobody may change what their role does not let them change. What each
role may change at all stands in a table of its own, not in the permission table it checks.

`BLOCKWISE_FUZZ=50000 ./run test tests/integration/test_fuzz.py -n 2` sends that many; a plain run
of all tests sends fewer, so that it stays quick.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.routing import Rule

from core import tenancy
from core.db import Base, db
from core.transactions import SAFE_METHODS
from tests import databases
from tests.cast import Cast, create_cast
from tests.compiled import compile_once
from tests.pages import sign_in
from tests.things import Things, things_of

REQUESTS = int(os.environ.get("BLOCKWISE_FUZZ", "4500"))
A_ROUND = 25
"""Requests of one visitor between two looks at the database, which is then put back."""
SEED = 20261122

# Written by anybody, because they are about the asking itself.
ANYBODY = {"attempt", "audit_event", "audit_head", "job", "kept_form"}
OWN_ACCOUNT = {"sign_in", "person", "passkey", "recovery_code", "identity", "token"}
RATING = {
    "rating", "answer", "answer_change", "block_score", "joined_device", "revote_answer", "meeting",
}  # fmt: skip
LEADING = {
    "assessment", "questionnaire_version", "agreed_level", "join_link", "action_plan", "goal",
    "action", "action_update", "token", "grant", "assessment_step", "asked_person", "reminder",
    "reminder_round", "agreed_level_change", "parked_milestone", "revote",
}  # fmt: skip
TAKING_AWAY = {"data_bundle", "data_bundle_part", "api_token"}
MAY_WRITE = {
    # by join link, and by the link with which somebody chooses a new password
    "visitor": ANYBODY | {"sign_in", "token", "person"} | RATING,
    "stranger": ANYBODY | OWN_ACCOUNT | RATING,
    "researcher": ANYBODY | OWN_ACCOUNT | RATING | TAKING_AWAY,
    "member": ANYBODY | OWN_ACCOUNT | RATING | {"action", "action_update"},
    "member_of_other_clinic": ANYBODY | OWN_ACCOUNT | RATING | {"action", "action_update"},
    "lead": ANYBODY | OWN_ACCOUNT | RATING | LEADING,
    "coach": ANYBODY | OWN_ACCOUNT | RATING | LEADING | TAKING_AWAY,
    "organization_administrator": ANYBODY
    | OWN_ACCOUNT
    | RATING
    | LEADING
    | TAKING_AWAY
    | {"clinic", "organization"},
    "administrator": ANYBODY
    | OWN_ACCOUNT
    | RATING
    | LEADING
    | TAKING_AWAY
    | {"clinic", "organization"},
}
"""Tables in which each visitor may change anything at all."""
OF_NORTH = ("member", "lead", "coach", "organization_administrator")
"""Whose reach ends at North Health: nothing of South Health may change by their hand."""


class Forms(HTMLParser):
    """Collects the forms of a page: their address and what they would send."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._fields = self.found.setdefault(values.get("action") or "", {})
        name = values.get("name")
        if self._fields is not None and name and tag in {"input", "textarea", "select", "button"}:
            self._fields.setdefault(name, values.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None


@dataclass(frozen=True, slots=True)
class Target:
    """One unsafe route with the fields its own pages send to it."""

    rule: Rule
    method: str
    fields: tuple[tuple[str, str], ...]


class World:
    """The application with the cast, things of two clinics, and a browser for each visitor."""

    def __init__(self, app: Flask, path: Path) -> None:
        self.app = app
        self.path = path
        self.kept = path.with_suffix(".kept")
        with app.app_context():
            self.cast: Cast = create_cast()
        self.own = things_of(app, self.cast.clinic, self.cast.member, self.cast.lead)
        self.foreign = things_of(
            app, self.cast.other_clinic, self.cast.member_of_other_clinic, self.cast.administrator
        )
        self.cookies = {name: self._cookie(person) for name, person in self.cast.people.items()}
        self.targets = self._targets()
        self._keep()

    def browser(self, visitor: str) -> tuple[FlaskClient, str]:
        """A browser of this visitor and a CSRF token that goes with it."""
        client = FlaskClient(self.app, self.app.response_class)
        if visitor in self.cookies:
            client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self.cookies[visitor])
        found = Forms()
        found.feed(client.get("/account" if visitor in self.cookies else "/sign-in").text)
        token = next(form["csrf_token"] for form in found.found.values() if "csrf_token" in form)
        return client, token

    def put_back(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        shutil.copy(self.kept, self.path)

    def content(self) -> dict[str, frozenset[str]]:
        """All rows of all tables; some hold lists, so each row is kept as text."""
        with self.app.app_context():
            return {
                name: frozenset(repr(tuple(row)) for row in db.session.execute(select(table)))
                for name, table in Base.metadata.tables.items()
            }

    def rows_of_south(self) -> frozenset[str]:
        """Everything that says it is South Health's."""
        south = self.cast.other_organization
        with self.app.app_context():
            return frozenset(
                repr((name, *row))
                for name, table in Base.metadata.tables.items()
                if "organization_id" in table.c
                for row in db.session.execute(select(table).where(table.c.organization_id == south))
            )

    def _cookie(self, person: int) -> str:
        client = FlaskClient(self.app, self.app.response_class)
        sign_in(client, self.app, person)
        cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        return cookie.value

    def _keep(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()  # the last one to leave brings the log into the file
        shutil.copy(self.path, self.kept)

    def _targets(self) -> Sequence[Target]:
        pages = Forms()
        for visitor in ("administrator", "lead", "member"):
            client, _ = self.browser(visitor)
            for rule in self.app.url_map.iter_rules():
                # files hold no forms
                is_file = rule.endpoint == "static" or "." in rule.rule.rpartition("/")[2]
                if not is_file and "GET" in (rule.methods or ()):
                    answer = client.get(self.own.path(rule))
                    if answer.mimetype == "text/html":
                        pages.feed(answer.text)
        sent = {self._endpoint(path): fields for path, fields in pages.found.items()}
        return [
            Target(rule, method, tuple(sorted(sent.get(rule.endpoint, {}).items())))
            for rule in self.app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - SAFE_METHODS)
            if rule.endpoint != "accounts.sign_out"  # the browser is still needed
        ]

    def _endpoint(self, path: str) -> str:
        adapter = self.app.url_map.bind("localhost")
        try:
            return str(adapter.match(path.split("?")[0], method="POST")[0])
        except Exception:
            return path


@pytest.fixture(scope="module")
def world(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    from app import create_app

    path = tmp_path_factory.mktemp("fuzz") / "blockwise.db"
    shutil.copy(sqlite_file, path)
    app = create_app(databases.settings_for(f"sqlite:///{path}"))
    compile_once(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with tenancy.whole_program():
        yield World(app, path)
    with app.app_context():
        db.engine.dispose()


ODD = (
    "", " ", "0", "-1", "1", "2", "3", "4", "12", "999999999999999999999", "1e9", "NaN", "on", "x",
    "\0", "a\0b", "é", "\u202e", "𝟛", "'; drop table person; --", "<script>alert(1)</script>",
    "=1+1", "2026-11-22", "2026-02-30", "11/22/2026", "2026Q4", "2026Q9", "not_applicable",
    "dont_know", "level", "member", "lead", "administrator", "someone@example.org", "@", "a@b",
    "http://evil.example/", "//evil.example", "/clinics", "{}", "[]", "null", "x" * 3000,
    "email,name,role,clinic\na@example.org,A,lead,N01\n", "\ufeffname;code\n", "206-555-0134",
)  # fmt: skip
words = st.one_of(st.sampled_from(ODD), st.text(max_size=40))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def batches(draw: st.DrawFn, milestones: Sequence[str]) -> Any:
    """A body of the autosave that is nearly right."""
    answers = draw(
        st.lists(
            st.fixed_dictionaries(
                {"milestone": st.sampled_from([*milestones, "nothing"])},
                optional={
                    "state": st.sampled_from(["level", "dont_know", "unanswered", "x", 1, None]),
                    "level": st.one_of(st.integers(-1, 14), json_values),
                    "note": st.one_of(words, json_values),
                    "revision": st.one_of(st.integers(0, 3), json_values),
                    "keep": json_values,
                },
            ),
            max_size=4,
        )
    )
    return draw(
        st.one_of(
            st.just({"answers": answers}),
            st.fixed_dictionaries({"answers": st.just(answers), "key": json_values}),
            json_values,
        )
    )


@st.composite
def bodies(draw: st.DrawFn, target: Target, milestones: Sequence[str]) -> dict[str, Any]:
    """What is sent: the page's own form with some fields broken, or something else altogether."""
    kind = draw(st.sampled_from(["form"] * 6 + ["json"] * 2 + ["file", "bytes", "nothing"]))
    if target.method == "PUT" and kind == "form":
        kind = "json"
    if kind == "json":
        return {"json": draw(st.one_of(json_values, batches(milestones)))}
    if kind == "bytes":
        return {
            "data": draw(st.binary(max_size=60)),
            "content_type": draw(
                st.sampled_from(
                    ["application/json", "text/plain", "multipart/form-data; boundary=x",
                     "application/x-www-form-urlencoded; charset=utf-7", "a/b"]
                )
            ),
        }  # fmt: skip
    if kind == "nothing":
        return {}
    fields = dict(target.fields)
    for name in draw(st.lists(st.sampled_from(sorted(fields) or ["name"]), max_size=3)):
        fields[name] = draw(words)
    for name in draw(st.lists(st.sampled_from(sorted(fields) or ["name"]), max_size=2)):
        fields.pop(name, None)
    if draw(st.booleans()):
        fields[draw(words) or "x"] = draw(words)
    if kind == "file":
        name = draw(st.sampled_from(["file", "upload", *fields]))
        fields.pop(name, None)
        return {"data": {**fields, name: (io.BytesIO(draw(st.binary(max_size=200))), "a.csv")}}
    return {"data": fields}


@st.composite
def requests(draw: st.DrawFn, world: World) -> tuple[Target, str, dict[str, Any]]:
    """A route, its address with own, foreign or impossible ids, and a body."""
    target = draw(st.sampled_from(world.targets))
    things = draw(st.sampled_from([world.own, world.own, world.own, world.foreign, None]))
    if things is None:
        numbers = {
            name: str(draw(st.integers(0, 40)))
            for name in target.rule.arguments
            if world.own.ids[name].isdigit()
        }
        things = Things(world.own.ids | numbers)
    milestones = [world.own.ids["milestone"], "x"]
    return target, things.path(target.rule), draw(bodies(target, milestones))


@pytest.mark.parametrize("visitor", sorted(MAY_WRITE))
def test_no_broken_request_breaks_anything_or_writes_without_permission(
    world: World, visitor: str
) -> None:
    world.put_back()
    before = world.content()
    south = world.rows_of_south()
    share = max(A_ROUND, REQUESTS // len(MAY_WRITE))
    client, token = world.browser(visitor)
    sent = 0

    def look() -> None:
        after = world.content()
        changed = {name for name, rows in after.items() if rows != before[name]}
        assert changed <= MAY_WRITE[visitor], (visitor, changed - MAY_WRITE[visitor])
        if visitor in OF_NORTH:
            assert world.rows_of_south() == south, visitor
        if changed:
            world.put_back()

    @seed(SEED)
    @settings(
        max_examples=share,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(world))
    def one(request: tuple[Target, str, dict[str, Any]]) -> None:
        nonlocal sent, client, token
        target, path, body = request
        try:
            answer = client.open(path, method=target.method, headers={"X-CSRFToken": token}, **body)
        except UnicodeError:
            return  # nobody could put that into a request
        sent += 1
        assert answer.status_code < 500, (visitor, target.method, path, body)
        if sent % A_ROUND == 0:
            look()
            client, token = world.browser(visitor)

    one()
    look()
    assert sent >= share * 0.9
