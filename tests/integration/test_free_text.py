"""Boxes for free text ask before they take what looks like a patient's identifier."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from wtforms import HiddenField, StringField

from action_plans import forms as plan_forms
from action_plans.queries.plans import get_plan
from assess import forms as rating_forms
from assess.meeting import agree_form
from assess.queries.ratings import get_answers
from core.audit import AuditEvent
from core.db import db
from core.free_text import Asking, FreeTextField
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.action_plans.conftest import plan_with_one_action
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
BLOCK = catalog.get("six_building_blocks").blocks[0]
FIRST, SECOND, _ = (milestone.key for milestone in BLOCK.milestones)
PHONE = "Ask at 206-555-0134"
BIRTHDAY = "DOB 03/14/1956"


@pytest.fixture
def assessment(app: Flask, cast: Cast) -> int:
    with app.app_context():
        return seeding.open_assessment(cast.clinic)


@pytest.fixture
def rating(app: Flask, cast: Cast, assessment: int) -> int:
    with app.app_context():
        return seeding.start_rating(assessment, cast.member)


def note(app: Flask, rating: int, milestone: str = FIRST) -> str:
    with app.app_context():
        stored = get_answers(rating).get(milestone)
        return stored.note if stored else ""


def kept_events(app: Flask) -> list[AuditEvent]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEvent).filter_by(action="free_text.kept")))


def box(html: str) -> dict[str, str]:
    found = re.search(r'type="checkbox" id="[^"]+" name="([^"]+-keep)" value="(\w+)"', html)
    assert found, "the page offers no box to keep the text"
    return {found[1]: found[2]}


def test_the_autosave_asks_and_keeps_what_its_author_stands_by(
    app: Flask, cast: Cast, signed_in: SignedIn, rating: int
) -> None:
    browser = signed_in(cast.member)
    headers = {"X-CSRFToken": browser.csrf_token()}

    def put(text: str, **more: object):  # type: ignore[no-untyped-def]
        answer = {"milestone": FIRST, "state": "level", "level": 2, "note": text, **more}
        return browser.put(
            f"/ratings/{rating}/answers", json={"answers": [answer]}, headers=headers
        )

    refused = put(PHONE, revision=0)
    assert refused.status_code == 422
    [problem] = refused.get_json()["problems"]
    assert (problem["milestone"], problem["field"]) == (FIRST, "note")
    assert "“206-555-0134” looks like a phone number" in problem["message"]
    assert note(app, rating) == ""
    assert put(f"{PHONE}, {BIRTHDAY}", keep=problem["keep"], revision=0).status_code == 422
    assert put(PHONE, keep=problem["keep"], revision=0).status_code == 200
    assert note(app, rating) == PHONE
    [event] = kept_events(app)
    assert event.person_id == cast.member
    assert event.chain == f"organization {cast.organization}"
    assert json.loads(event.after or "") == {"looks_like": ["a phone number"]}
    # what stands there is not asked about again
    assert put(f"{PHONE} before noon", revision=1).status_code == 200
    assert len(kept_events(app)) == 1


def test_a_note_posted_without_scripts_comes_back_with_a_box(
    app: Flask, cast: Cast, signed_in: SignedIn, assessment: int, rating: int
) -> None:
    browser = signed_in(cast.member)
    page = f"/assessments/{assessment}/rate/{BLOCK.id}"
    typed = {f"note-{FIRST}": BIRTHDAY, f"level-{SECOND}": "3"}
    back = browser.send(page, typed, page=page)
    html = back.get_data(as_text=True)
    assert back.status_code == 422
    assert "looks like a date of birth" in html
    assert BIRTHDAY in html
    assert note(app, rating) == ""
    assert browser.send(page, typed | box(html), page=page).status_code == 302
    assert note(app, rating) == BIRTHDAY
    assert len(kept_events(app)) == 1


def test_a_plan_asks_too_and_logs_the_override_for_its_organization(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        situation = plan_with_one_action(cast)
        db.session.commit()
    browser = signed_in(cast.lead)
    page = f"/plans/{situation.plan}/goals/{situation.goal}"
    typed = {"target_level": "2", "measure": PHONE}
    back = browser.send(page, typed, page=page)
    html = back.get_data(as_text=True)
    assert back.status_code == 422
    assert PHONE in html
    answer = browser.send(page, typed | box(html), page=page)
    assert answer.status_code in {302, 303}
    with app.app_context():
        assert get_plan(situation.plan).goals[0].measure == PHONE
    [event] = kept_events(app)
    assert event.chain == f"organization {cast.organization}"
    assert PHONE not in json.dumps([event.subject, event.after])


def test_the_agreement_asks_too(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q4")
        seeding.rate_all(assessment, cast.member)
        seeding.reveal(assessment)
    page = f"/assessments/{assessment}/agree/{FIRST}"
    back = signed_in(cast.lead).send(page, {"level": "2", "dissent": PHONE}, page=page)
    assert back.status_code == 422
    assert "looks like a phone number" in back.get_data(as_text=True)


def test_every_box_for_free_text_is_one_that_asks() -> None:
    """A plain field in a form of a clinic's work would take anything."""
    plain = [
        f"{module.__name__}.{name}.{field}"
        for module in (plan_forms, agree_form, rating_forms)
        for name, form in vars(module).items()
        if isinstance(form, type)
        for field, unbound in vars(form).items()
        if getattr(unbound, "field_class", None)
        and issubclass(unbound.field_class, StringField)
        and not issubclass(unbound.field_class, (Asking, HiddenField))
    ]
    assert plain == []
    assert issubclass(rating_forms.NoteField, FreeTextField)


def test_saving_takes_no_statement_more_for_it(
    cast: Cast, signed_in: SignedIn, rating: int, count_statements: CountStatements
) -> None:
    browser = signed_in(cast.member)
    headers = {"X-CSRFToken": browser.csrf_token()}
    answer = {"milestone": FIRST, "state": "level", "level": 2, "note": "Minutes", "revision": 0}
    with count_statements() as seen:
        reply = browser.put(
            f"/ratings/{rating}/answers", json={"answers": [answer]}, headers=headers
        )
    assert reply.status_code == 200
    assert len(seen) <= 7
