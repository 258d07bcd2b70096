"""Before the reveal no answer makes a difference to anything that anybody else can see.

Non-interference (Goguen & Meseguer 1982): the same program is looked at twice, and in between every
answer of the others is exchanged for another one. Whatever can be fetched, sent, asked of the API
or taken away as a bundle must stay the same, byte for byte, and every page must take the same SQL
statements, so that not even the time it takes tells anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from action_plans import service as plans
from action_plans import tasks
from action_plans.queries.plans import get_plan
from assess.answers import DONT_KNOW, AnswerValue
from assess.models import Answer, AnswerChange, BlockScore, Rating
from assess.rollup.models import AssessmentRollup
from core import clock, cookies
from core.db import db
from questionnaires import catalog
from research.bundling.gathering import gather
from research.commands import MACHINE
from research.selection import Selection
from research.tokens import keeping
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.action_plans.conftest import content
from tests.pages import CheckingClient, QuickClient
from tests.things import Things, bundle_of
from tests.whole_run import RELEASE

SignedIn = Callable[[int], CheckingClient]
Seen = dict[str, tuple[object, ...]]

INSTRUMENT = catalog.get("six_building_blocks")
KEYS = [milestone.key for milestone in INSTRUMENT.milestones]
NOW = datetime(2026, 8, 3, 15, 0, tzinfo=UTC)
# coaches and other clinics' members see parts of what these see; a release asks them as well
PEOPLE = ("lead", "researcher", "administrator", "member")
OTHERS = ("coach", "organization_administrator", "member_of_other_clinic")
# what they may send covers what the others may
SENDERS = {"lead", "administrator", "member", "device"}
# of files, and of pages behind secrets of somebody's account: no assessment is near them
NOT_LOOKED_AT = {"filename", "key", "first_run_code", "invitation_secret", "reset_secret"}
# they would let go of the sheet that the next look needs
NOT_SENT = {"assess.join_start", "assess.leave_device"}
# the same analysis asked for in other ways
QUERIES = {
    "research.trends": ("grain=milestones", "clock=wave&source=ratings&method=mixed"),
    "research.api_scores": ("grain=milestones",),
    "assess.running_page": ("show=rating",),
}
_VARYING = re.compile(
    rb'(?<=name="key" type="hidden" value=")[^"]+|(?<=data-mark=")[^"]+|'
    rb'(?<=name="csrf_token" value=")[^"]+|(?<=name="csrf-token" content=")[^"]+|"token":"[^"]+"'
)


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody with a browser, or a program with a token."""

    name: str
    browser: FlaskClient
    headers: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    """Open, with six raters and a paper form beside the member, after a revealed quarter."""
    app.test_client_class = QuickClient
    with clock.frozen_at(NOW), app.app_context():
        raters = [cast.member, cast.second_member, *seeding.add_members(cast.clinic, 5)]
        before = seeding.open_assessment(cast.clinic, "2026Q2")
        for person_id in raters[1:6]:  # so many that researchers may see them, too
            seeding.rate_all(before, person_id, 2)
        seeding.reveal(before)
        assessment = seeding.open_assessment(cast.clinic, "2026Q3")
        for person_id in raters:
            seeding.rate_all(assessment, person_id, 1)
        seeding.key_in(assessment, level=1)
        seeding.make_join_link(assessment, secret=str(app.secret_key))
    return assessment


@pytest.fixture
def aims(app: Flask, cast: Cast, assessment: int) -> Things:
    """One of everything that a route can name, with the plan made of the quarter before."""
    with clock.frozen_at(NOW), app.app_context():
        before = db.session.scalars(select(func.min(Rating.assessment_id))).one()
        plan = plans.start_plan(assessment_id=before, milestones=KEYS[:1], person_id=cast.lead)
        goal = get_plan(plan).goals[0].id
        action = tasks.add_action(
            plan_id=plan, goal_id=goal, content=content(), person_id=cast.lead
        )
        token = keeping.make_token(person_id=cast.researcher, name="a token", days=1)[0].id
        bundle = bundle_of(cast.researcher, secret=str(app.secret_key))
        db.session.commit()
        code = seeding.make_join_link(assessment, secret=str(app.secret_key))
        others = select(Rating.id).filter_by(assessment_id=assessment, person_id=cast.second_member)
        rating = db.session.scalars(others).one()
    more = {
        "plan_id": plan, "goal_id": goal, "action_id": action, "token_id": token,
        "bundle_id": bundle, "person_id": cast.second_member, "rating_id": rating, "code": code,
        "grant_id": 1, "invitation_id": 1, "passkey_id": 1, "sign_in_id": 1,
        "figure": "clinics", "picture": "run-chart",
    }  # fmt: skip
    of_assessment = things_of_assessment(app, assessment, cast)
    return Things(of_assessment.ids | {name: str(value) for name, value in more.items()})


@pytest.fixture
def lookers(
    app: Flask, cast: Cast, aims: Things, signed_in: SignedIn, database_url: str
) -> list[Looker]:
    """People, a device that joined by the link, and a program.

    Who looks is what differs, and the statements are the same on both databases: so on PostgreSQL
    of the people only the lead.
    """
    people = PEOPLE if database_url.startswith("sqlite") else PEOPLE[:1]
    people = (*people, *OTHERS) if RELEASE else people
    with clock.frozen_at(NOW):
        found = [Looker(name, signed_in(getattr(cast, name))) for name in people]
        device: CheckingClient = app.test_client()  # type: ignore[assignment]
        joining = aims.path(next(app.url_map.iter_rules("assess.join")))
        assert device.send(joining, page=joining).status_code == 303
        with app.app_context():
            secret = keeping.make_token(person_id=cast.administrator, name="mine", days=1)[1]
            db.session.commit()
    program = Looker("program", app.test_client(), {"Authorization": f"Bearer {secret}"})
    found += [Looker("device", device), program]
    with clock.frozen_at(NOW):
        for looker in found:  # the first request notes that the sign-in or the token was used
            looker.browser.get("/account", headers=looker.headers)
            looker.browser.get("/api/v1/questionnaires", headers=looker.headers)
    return found


def exchange_answers_of_others(app: Flask, assessment: int, cast: Cast, *, level: int = 4) -> None:
    """Every other rater now says something else about everything, and half of it not at all."""
    with app.app_context():
        _exchange(assessment, cast, level)


def _exchange(assessment: int, cast: Cast, level: int) -> None:
    own = select(Rating.id).filter_by(assessment_id=assessment, person_id=cast.member)
    mine = own.scalar_subquery()
    others = Answer.rating_id != mine
    is_here = Answer.rating_id.in_(select(Rating.id).filter_by(assessment_id=assessment))
    db.session.execute(
        update(Answer)
        .where(others, is_here)
        .values(level=level, state="level", note=f"evidence {level}")
    )
    gone = Answer.milestone.in_(KEYS[::2])
    db.session.execute(delete(Answer).where(others, is_here, gone))
    db.session.execute(delete(AnswerChange).where(AnswerChange.rating_id != mine))
    db.session.execute(
        update(Answer)
        .where(others, is_here, Answer.milestone == KEYS[1])
        .values(level=None, state=DONT_KNOW.state.value)
    )
    db.session.commit()


def _sheet(app: Flask, assessment: int) -> int:
    """The paper form."""
    with app.app_context():
        found = select(Rating.id).filter_by(assessment_id=assessment, source="paper")
        return db.session.scalars(found).one_or_none() or 0


def things_of_assessment(app: Flask, assessment: int, cast: Cast) -> Things:
    """What the routes of an assessment and of its clinic name."""
    return Things(
        {
            "assessment_id": str(assessment),
            "clinic_id": str(cast.clinic),
            "organization_id": str(cast.organization),
            "block_id": INSTRUMENT.blocks[0].id,
            "milestone": KEYS[1],
            "sheet_id": str(_sheet(app, assessment)),
            "kind": "svg",
        }
    )


def pages(app: Flask, things: Things) -> Iterator[tuple[Rule, str]]:
    """Every address of the program that these things have, some of them asked in several ways."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and set(rule.arguments) <= things.ids.keys():
            path = things.path(rule)
            yield rule, path
            yield from ((rule, f"{path}?{query}") for query in QUERIES.get(rule.endpoint, ()))


def look(app: Flask, things: Things, looker: Looker, count_statements: CountStatements) -> Seen:
    """What somebody sees of every page: status, headers, content, and how it was put together."""
    seen: Seen = {}
    for _rule, path in pages(app, things):
        if path.endswith((".pdf", ".svg")) and looker.name not in {"lead", "researcher"}:
            continue  # slow to make, and the same for everybody who gets it
        with count_statements() as statements:
            answer = looker.browser.get(path, headers=looker.headers)
        seen[f"{looker.name}: GET {path}"] = (*told(answer), len(statements))
    return seen


def send_everything(app: Flask, things: Things, looker: Looker) -> Seen:
    """What the answers to everything say that somebody can send, or that is refused."""
    seen: Seen = {}
    token = re.search(
        r'csrf[-_]token" (?:content|value)="([^"]+)', looker.browser.get("/help").text
    )
    for rule in app.url_map.iter_rules():
        of_accounts = rule.endpoint.startswith("accounts.")  # they print secrets, ever new ones
        if of_accounts or rule.endpoint in NOT_SENT or not rule.arguments <= things.ids.keys():
            continue
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            path = things.path(rule)
            fields = {"csrf_token": token[1] if token else "", "reason": "why", "selection": ""}
            answer = looker.browser.open(path, method=method, data=fields, headers=looker.headers)
            seen[f"{looker.name}: {method} {path}"] = told(answer)
    return seen


def told(answer: TestResponse) -> tuple[object, ...]:
    """Everything that an answer says but its tokens, its cookie and the moment it came."""
    headers = [one for one in answer.headers if one[0] not in {"Set-Cookie", "Date"}]
    return answer.status_code, headers, _VARYING.sub(b"", answer.get_data())


@pytest.fixture(autouse=True)
def the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Excel sheet has a number of its own, and cookies come anew after a while: not here."""
    monkeypatch.setattr(cookies, "FRESH_SECONDS", 24 * 3600)
    monkeypatch.setattr("secrets.token_hex", lambda size: "0" * 2 * size)


def different(before: Seen, after: Seen) -> list[str]:
    return [what for what, seen in before.items() if after[what] != seen]


def test_no_answer_of_others_makes_a_difference_before_the_reveal(
    app: Flask,
    cast: Cast,
    assessment: int,
    aims: Things,
    lookers: list[Looker],
    count_statements: CountStatements,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    assert named - aims.ids.keys() == NOT_LOOKED_AT

    def look_around() -> Seen:
        found: Seen = {}
        for looker in lookers:
            found |= look(app, aims, looker, count_statements)
        return found

    def send_around() -> Seen:
        found: Seen = {}
        with monkeypatch.context() as patched:  # answers come as always, and nothing is kept
            patched.setattr(db.session, "commit", db.session.rollback)
            for looker in (one for one in lookers if one.name in SENDERS):
                found |= send_everything(app, aims, looker)
        return found

    with clock.frozen_at(NOW):
        before, bundle = look_around(), taken_away(app)
        exchange_answers_of_others(app, assessment, cast)
        assert different(before, look_around()) == []
        assert taken_away(app) == bundle
        sent = send_around()
        exchange_answers_of_others(app, assessment, cast, level=2)
        assert different(sent, send_around()) == []
    assert sum(seen[0] == 200 for seen in before.values()) > 30 * len(lookers)
    assert sum(seen[0] != 403 for seen in sent.values()) > 40


def taken_away(app: Flask) -> str:
    """All that the data bundle of the whole program is made of."""
    with app.app_context():
        gathered = gather(MACHINE, Selection(), url="")
    assert gathered is not None
    content = gathered.content
    return repr((content.assessments, content.clinics, content.analyses))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_look_would_find_a_difference_after_the_reveal(
    app: Flask,
    cast: Cast,
    assessment: int,
    signed_in: SignedIn,
    count_statements: CountStatements,
) -> None:
    """The test above can fail: with the results shown, the same exchange does change pages."""
    things = things_of_assessment(app, assessment, cast)
    with clock.frozen_at(NOW):
        lead = Looker("lead", signed_in(cast.lead))
        with app.app_context():
            seeding.reveal(assessment)
        before = look(app, things, lead, count_statements)
        exchange_answers_of_others(app, assessment, cast)
        after = look(app, things, lead, count_statements)
    assert f"lead: GET /assessments/{assessment}/results" in different(before, after)


def test_no_total_is_stored_before_the_reveal(app: Flask, cast: Cast, assessment: int) -> None:
    """Scores come into being with the reveal, so no copy, export or later page can tell of them."""

    def stored() -> tuple[int, ...]:
        return tuple(
            db.session.scalar(
                select(func.count()).select_from(model).filter_by(assessment_id=assessment)
            )
            or 0
            for model in (BlockScore, AssessmentRollup)
        )

    with app.app_context():
        rating = seeding.start_rating(assessment, cast.member)
        assert stored() == (0, 0)
        seeding.rate(rating, {KEYS[0]: AnswerValue.level(1)})
        assert stored() == (0, 0)
        seeding.reveal(assessment)
        assert stored() == (len(INSTRUMENT.blocks) + 1, 1)
