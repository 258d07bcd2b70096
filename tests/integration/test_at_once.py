"""What happens when two people, or one impatient finger, do the same thing at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Event

import pytest
from flask import Flask
from sqlalchemy import func, select

from action_plans.models import ActionPlan
from assess.answers import AnswerValue
from assess.models import (
    OVERALL,
    AnswerChange,
    Assessment,
    BlockScore,
    QuestionnaireVersion,
    Rating,
)
from assess.queries.ratings import get_answers
from assess.scoring import score_assessment
from core import tenancy
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")
FIRST = INSTRUMENT.milestones[0].key


@pytest.fixture
def at_once(signed_in: SignedIn) -> Callable[..., list[int]]:
    """at_once(path, fields, person, ...): the statuses of the same POST by each person at once."""

    def run(path: str, fields: dict[str, str], *people: int) -> list[int]:
        browsers = [signed_in(person) for person in people]
        tokens = [browser.csrf_token() for browser in browsers]
        start = Barrier(len(people))

        def send(browser: CheckingClient, token: str) -> int:
            start.wait()
            return browser.post(path, data={**fields, "csrf_token": token}).status_code

        with ThreadPoolExecutor(len(people)) as pool:
            return sorted(pool.map(send, browsers, tokens))

    return run


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_opening_twice_opens_once(
    app: Flask, cast: Cast, at_once: Callable[..., list[int]]
) -> None:
    from assess.quarters import Quarter
    from core import clock

    fields = {"questionnaire": INSTRUMENT.slug, "quarter": str(Quarter.of(clock.today()))}
    statuses = at_once(f"/clinics/{cast.clinic}/open", fields, *[cast.lead] * 3, cast.coach)
    assert statuses == [302, 409, 409, 409]
    assert count(app, Assessment) == 1


def test_two_clinics_open_the_first_assessments_of_a_questionnaire_at_once(
    app: Flask, cast: Cast
) -> None:
    start = Barrier(2)

    def open_first(clinic: int) -> int:
        with app.app_context(), tenancy.whole_program():
            start.wait()
            return seeding.open_assessment(clinic)

    with ThreadPoolExecutor(2) as pool:
        ids = set(pool.map(open_first, (cast.clinic, cast.other_clinic)))
    assert len(ids) == 2
    assert count(app, QuestionnaireVersion) == 1


def test_starting_twice_gives_one_sheet(
    app: Flask, cast: Cast, at_once: Callable[..., list[int]]
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
    assert at_once(f"/assessments/{assessment}/rate", {}, *[cast.member] * 4) == [302] * 4
    assert count(app, Rating) == 1


def test_showing_the_results_twice_shows_them_once(
    app: Flask, cast: Cast, at_once: Callable[..., list[int]]
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment, cast.member)
    people = (cast.lead, cast.lead, cast.coach)
    assert at_once(f"/assessments/{assessment}/reveal", {}, *people) == [303, 409, 409]


def test_writing_the_plan_twice_writes_one(
    app: Flask, cast: Cast, at_once: Callable[..., list[int]]
) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment, cast.member)
        seeding.reveal(assessment)
    fields = {"milestones": FIRST}
    people = (cast.lead, cast.lead, cast.coach)
    assert at_once(f"/assessments/{assessment}/plan", fields, *people) == [303] * 3
    assert count(app, ActionPlan) == 1


def test_all_finish_at_once_and_all_count(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    people = (cast.member, cast.second_member, cast.lead)
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        for level, person in enumerate(people, start=1):
            rating = seeding.start_rating(assessment, person)
            seeding.rate(rating, {one.key: level for one in INSTRUMENT.milestones})
    browsers = [signed_in(person) for person in people]
    tokens = [browser.csrf_token() for browser in browsers]
    start = Barrier(len(people))

    def finish(browser: CheckingClient, token: str) -> int:
        start.wait()
        path = f"/assessments/{assessment}/rate/finish"
        return browser.post(path, data={"csrf_token": token}).status_code

    with ThreadPoolExecutor(len(people)) as pool:
        assert list(pool.map(finish, browsers, tokens)) == [302] * 3
    with app.app_context():
        seeding.reveal(assessment)
        overall = db.session.scalars(select(BlockScore).filter_by(block="overall")).one()
        assert (overall.score, overall.raters) == (2.0, 3)


def test_an_answer_saved_while_its_sheet_is_finished_counts(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    """Two tabs of one person: one finishes while the other saves; all of it counts."""
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        rating = seeding.start_rating(assessment, cast.member)
        seeding.rate(rating, {one.key: 1 for one in INSTRUMENT.milestones})
    tabs = [signed_in(cast.member) for _ in range(2)]
    tokens = [tab.csrf_token() for tab in tabs]
    start = Barrier(2)

    def finish() -> int:
        start.wait()
        path = f"/assessments/{assessment}/rate/finish"
        return tabs[0].post(path, data={"csrf_token": tokens[0]}).status_code

    def save() -> int:
        answers = [
            {"milestone": one.key, "state": "level", "level": 3, "revision": 1}
            for one in INSTRUMENT.milestones
        ]
        start.wait()
        path = f"/ratings/{rating}/answers"
        return (
            tabs[1]
            .put(path, json={"answers": answers}, headers={"X-CSRFToken": tokens[1]})
            .status_code
        )

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(finish), pool.submit(save)]
        assert [one.result() for one in running] == [302, 200]
    with app.app_context():
        seeding.reveal(assessment)
        overall = db.session.scalars(select(BlockScore).filter_by(block="overall")).one()
        assert overall.score == 3.0


@dataclass(frozen=True, slots=True)
class Race:
    """What raters were told who went on saving while the ratings were revealed.

    `levels` and `revisions`: by rating and milestone, what was last acknowledged; `late`: how many
    answers were acknowledged to requests begun after the reveal was answered.
    """

    assessment: int
    levels: Mapping[int, Mapping[str, AnswerValue]]
    revisions: Mapping[int, Mapping[str, int]]
    refusals: list[int]
    late: int


@pytest.fixture
def race(app: Flask, cast: Cast, signed_in: SignedIn) -> Race:
    """Three finished raters change all answers, one by one, until they are refused."""
    people = (cast.member, cast.second_member, cast.lead)
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic)
        ratings = [seeding.rate_all(assessment, person, 1) for person in people]
    keys = [one.key for one in INSTRUMENT.milestones]
    levels = {rating: dict.fromkeys(keys, AnswerValue.level(1)) for rating in ratings}
    revisions = {rating: dict.fromkeys(keys, 1) for rating in ratings}
    browsers = [signed_in(person) for person in people]
    tokens = [browser.csrf_token() for browser in browsers]
    coach = signed_in(cast.coach)
    coach_token = coach.csrf_token()
    under_way, revealed = Barrier(len(people) + 1), Event()
    late: list[str] = []

    def save_until_refused(place: int) -> int:
        rating = ratings[place]
        for turn in range(2, 100 * len(keys)):
            key, level = keys[turn % len(keys)], turn % 4 + 1
            answer = {
                "milestone": key,
                "state": "level",
                "level": level,
                "revision": revisions[rating][key],
            }
            was_revealed = revealed.is_set()
            reply = browsers[place].put(
                f"/ratings/{rating}/answers",
                json={"key": f"turn {turn}", "answers": [answer]},
                headers={"X-CSRFToken": tokens[place]},
            )
            if reply.status_code != 200:
                return reply.status_code
            late.extend([key] if was_revealed else [])
            levels[rating][key] = AnswerValue.level(level)
            revisions[rating][key] = reply.json["saved"][key]  # type: ignore[index]
            if turn == 4:
                under_way.wait()
        raise AssertionError("nobody was refused")

    with ThreadPoolExecutor(len(people)) as pool:
        running = [pool.submit(save_until_refused, place) for place in range(len(people))]
        under_way.wait()
        fields = {"csrf_token": coach_token}
        assert coach.post(f"/assessments/{assessment}/reveal", data=fields).status_code == 303
        revealed.set()
        refusals = [one.result() for one in running]
    return Race(assessment, levels, revisions, refusals, len(late))


def test_what_was_acknowledged_before_the_reveal_is_in_the_scores(app: Flask, race: Race) -> None:
    expected = score_assessment(INSTRUMENT, list(race.levels.values()))
    with app.app_context():
        rows = db.session.scalars(select(BlockScore).filter_by(assessment_id=race.assessment)).all()
        scores = {row.block: (row.score, row.raters, row.answered) for row in rows}
    assert scores.pop(OVERALL) == (expected.overall, 3, expected.milestones_answered)
    assert scores == {one.block: (one.score, one.raters, one.answered) for one in expected.blocks}


def test_nothing_is_acknowledged_after_the_reveal(app: Flask, race: Race) -> None:
    assert race.refusals == [409, 409, 409]
    assert race.late == 0
    with app.app_context():
        for rating, levels in race.levels.items():
            stored = get_answers(rating)
            assert {key: one.value for key, one in stored.items()} == levels
            assert {key: one.revision for key, one in stored.items()} == race.revisions[rating]
            changes = select(func.count()).select_from(AnswerChange).filter_by(rating_id=rating)
            assert db.session.scalar(changes) == sum(race.revisions[rating].values())
