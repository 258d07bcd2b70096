"""The autosave contract over HTTP (DESIGN, section 6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from assess.answers import AnswerValue
from assess.models import BlockScore
from assess.queries.ratings import get_answers
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
Put = Callable[..., TestResponse]

INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND, THIRD = (milestone.key for milestone in INSTRUMENT.blocks[0].milestones)
ALWAYS_APPLIES = next(one for one in INSTRUMENT.milestones if not one.na_allowed)


@pytest.fixture
def put(signed_in: SignedIn, cast: Cast, rating: int) -> Put:
    client = signed_in(cast.member)
    token = client.csrf_token("/help")

    def send(
        *answers: object, key: str | None = "one", rating: int = rating, **settings: Any
    ) -> TestResponse:
        body = settings.pop("body", {"key": key, "answers": list(answers)})
        return client.put(
            f"/ratings/{rating}/answers",
            json=body,
            headers={"X-CSRFToken": settings.pop("token", token)},
        )

    return send


def answer(milestone: str = FIRST, level: object = 3, **more: object) -> dict[str, object]:
    state = "level" if level is not None else "unanswered"
    return {"milestone": milestone, "state": state, "level": level, "revision": 0, **more}


def test_a_batch_is_saved_and_the_reply_carries_the_revisions(
    app: Flask, put: Put, rating: int
) -> None:
    reply = put(answer(note="Minutes of May"), answer(SECOND, 2))
    assert reply.status_code == 200
    assert reply.get_json() == {"saved": {FIRST: 1, SECOND: 1}, "conflicts": []}
    with app.app_context():
        assert get_answers(rating)[FIRST].value == AnswerValue.level(3)
        assert get_answers(rating)[FIRST].note == "Minutes of May"


def test_repeating_a_request_changes_nothing(app: Flask, put: Put, rating: int) -> None:
    first = put(answer(), answer(SECOND, 2)).get_json()
    put(answer(level=4, revision=1), key="two")
    assert put(answer(), answer(SECOND, 2)).get_json() == first
    with app.app_context():
        assert get_answers(rating)[FIRST].value == AnswerValue.level(4)


def test_a_conflict_carries_both_texts_and_the_others_are_saved(put: Put) -> None:
    put(answer(level=2, note="From the phone"))
    reply = put(answer(level=4, note="From the desk"), answer(SECOND, 3), key="two")
    assert reply.status_code == 200
    assert reply.get_json() == {
        "saved": {SECOND: 1},
        "conflicts": [
            {
                "milestone": FIRST,
                "status": 409,
                "revision": 1,
                "mine": {
                    "state": "level",
                    "level": 4,
                    "words": "4 Consistently in place",
                    "note": "From the desk",
                },
                "theirs": {
                    "state": "level",
                    "level": 2,
                    "words": "2 Begun",
                    "note": "From the phone",
                },
            }
        ],
    }


def test_an_answer_can_be_cleared(app: Flask, put: Put, rating: int) -> None:
    put(answer())
    assert put(answer(level=None, revision=1), key="two").get_json()["saved"] == {FIRST: 2}
    with app.app_context():
        assert not get_answers(rating)[FIRST].value.answered


@pytest.mark.parametrize(
    ("sent", "milestone", "field", "words"),
    [
        (answer(level=5), FIRST, "level", "Choose a level from 1 to 4"),
        (answer("no-such-milestone"), "no-such-milestone", "milestone", "no such milestone"),
        (answer(note="x" * 2007), FIRST, "note", "7 characters too long"),
        (
            {"milestone": ALWAYS_APPLIES.key, "state": "not_applicable"},
            ALWAYS_APPLIES.key,
            "level",
            ALWAYS_APPLIES.title,
        ),
    ],
)
def test_an_impossible_answer_is_named_with_its_fix(
    app: Flask, put: Put, rating: int, sent: object, milestone: str, field: str, words: str
) -> None:
    reply = put(answer(THIRD), sent)
    assert reply.status_code == 422
    (problem,) = reply.get_json()["problems"]
    assert (problem["milestone"], problem["field"]) == (milestone, field)
    assert words in problem["message"]
    with app.app_context():
        assert get_answers(rating) == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "list named"),
        ({}, "list named"),
        ({"answers": {}}, "list named"),
        ({"answers": ["x"]}, "milestone"),
        ({"answers": [{"milestone": 3}]}, "milestone"),
        ({"answers": [{"milestone": FIRST}]}, "state"),
        ({"answers": [answer(level="3")]}, "whole-number"),
        ({"answers": [answer(level=True)]}, "whole-number"),
        ({"answers": [answer(level=None, state="level")]}, "whole-number"),
        ({"answers": [answer(state="dont_know")]}, "none for the others"),
        ({"answers": [answer(revision=-1)]}, "revision"),
        ({"answers": [answer(revision="1")]}, "revision"),
        ({"answers": [answer(note=3)]}, "note"),
        ({"answers": [], "key": ""}, "key"),
        ({"answers": [], "key": "k" * 65}, "key"),
        ({"answers": [answer()] * 501}, "at most 500"),
    ],
)
def test_a_body_of_another_shape_is_refused_in_words(put: Put, body: object, words: str) -> None:
    reply = put(body=body)
    assert reply.status_code == 422
    assert words in reply.get_json()["message"]


def test_a_batch_larger_than_the_questionnaire_names_every_answer_too_many(
    app: Flask, put: Put, rating: int
) -> None:
    whole = [answer(one.key) for one in INSTRUMENT.milestones]
    more = [answer("unknown"), answer(FIRST, 4)]
    reply = put(*whole, *more)
    assert reply.status_code == 422
    assert [one["milestone"] for one in reply.get_json()["problems"]] == ["unknown", FIRST]
    with app.app_context():
        assert get_answers(rating) == {}


def test_what_is_not_json_is_refused_as_json(signed_in: SignedIn, cast: Cast, rating: int) -> None:
    client = signed_in(cast.member)
    reply = client.put(
        f"/ratings/{rating}/answers",
        data="{not json",
        content_type="application/json",
        headers={"X-CSRFToken": client.csrf_token("/help")},
    )
    assert reply.status_code == 422
    assert "This is not JSON" in reply.json["message"]  # type: ignore[index]


def test_a_note_of_half_a_megabyte_is_named_as_the_problem(put: Put) -> None:
    reply = put(answer(note="x" * 500_000))
    assert reply.status_code == 422
    assert [one["field"] for one in reply.json["problems"]] == ["note"]  # type: ignore[index]


def test_ten_megabytes_are_refused_unread_in_words(app: Flask, put: Put, rating: int) -> None:
    reply = put(answer(note="x" * 10_000_000))
    assert reply.status_code == 413
    assert reply.get_json()["message"]
    with app.app_context():
        assert get_answers(rating) == {}


def test_odd_text_is_stored_and_never_breaks_the_database(
    app: Flask, put: Put, rating: int
) -> None:
    assert put(answer(note="nul \0 half \ud83d pair 😀")).status_code == 200
    with app.app_context():
        assert get_answers(rating)[FIRST].note == "nul  half ? pair 😀"


def test_a_milestone_with_odd_text_is_refused(put: Put) -> None:
    assert put(answer("\ud83d\0")).status_code == 422


def test_a_closed_assessment_answers_409(app: Flask, put: Put, assessment: int) -> None:
    with app.app_context():
        seeding.close(assessment)
    reply = put(answer())
    assert reply.status_code == 409
    assert "closed" in reply.get_json()["message"]


def test_without_a_session_the_answer_is_401_as_json(client: CheckingClient, rating: int) -> None:
    reply = client.put(f"/ratings/{rating}/answers", json={"answers": [answer()]})
    assert reply.status_code == 401
    assert reply.get_json()["error"] == "sign_in"


def test_without_a_csrf_token_nothing_is_saved(app: Flask, put: Put, rating: int) -> None:
    assert put(answer(), token="").status_code == 400
    with app.app_context():
        assert get_answers(rating) == {}


def test_an_unknown_rating_is_404(put: Put, rating: int) -> None:
    assert put(answer(), rating=rating + 1).status_code == 404


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("second_member", 403),
        ("lead", 403),
        ("coach", 403),
        ("researcher", 403),
        ("administrator", 403),
        ("member_of_other_clinic", 404),
        ("stranger", 403),
    ],
)
def test_nobody_changes_another_persons_answers(
    app: Flask, signed_in: SignedIn, cast: Cast, rating: int, person: str, status: int
) -> None:
    client = signed_in(getattr(cast, person))
    reply = client.put(
        f"/ratings/{rating}/answers",
        json={"answers": [answer()]},
        headers={"X-CSRFToken": client.csrf_token("/help")},
    )
    assert reply.status_code == status
    with app.app_context():
        assert get_answers(rating) == {}


@pytest.mark.parametrize("finished", [False, True])
def test_saving_takes_as_many_statements_however_many_answers_wait(
    app: Flask,
    put: Put,
    assessment: int,
    rating: int,
    cast: Cast,
    finished: bool,
    count_statements: CountStatements,
) -> None:
    put(answer(level=1))
    if finished:
        with app.app_context():
            seeding.finish(rating)
    counts = []
    batches = (
        [answer(level=2, revision=1)],
        [answer(level=3, revision=2)],
        [
            answer(one.key, 4, revision=3 if one.key == FIRST else 0)
            for one in INSTRUMENT.milestones
        ],
    )
    for number, batch in enumerate(batches):
        with count_statements() as seen:
            assert put(*batch, key=str(number)).status_code == 200
        counts.append(len(seen))
        if number == 0:
            with app.app_context():
                seeding.rate_all(assessment, cast.second_member, 3)
    with app.app_context():
        # where raters save at the same time, one more keeps those out who show the results
        shares = db.engine.dialect.name == "postgresql"
    assert counts == [6 if shares else 5] * 3


def test_finished_raters_who_save_at_once_leave_true_scores(
    app: Flask, signed_in: SignedIn, cast: Cast, assessment: int
) -> None:
    people = [cast.member, cast.second_member, cast.lead]
    with app.app_context():
        ratings = [seeding.rate_all(assessment, person, 1) for person in people]
    clients = [signed_in(person) for person in people]
    tokens = [client.csrf_token("/help") for client in clients]
    start = Barrier(len(people))

    def save(rater: int) -> list[int]:
        start.wait()
        return [
            clients[rater]
            .put(
                f"/ratings/{ratings[rater]}/answers",
                json={"answers": [answer(milestone.key, level=4, revision=1)]},
                headers={"X-CSRFToken": tokens[rater]},
            )
            .status_code
            for milestone in INSTRUMENT.milestones[:8]
        ]

    with ThreadPoolExecutor(len(people)) as pool:
        statuses = [status for done in pool.map(save, range(len(people))) for status in done]
    assert statuses == [200] * 24
    with app.app_context():
        assert _stored_scores(assessment) == {}, "before the reveal there is no score to be seen"
        seeding.reveal(assessment)
        assert _stored_scores(assessment)[INSTRUMENT.blocks[0].id] == 4.0


def _stored_scores(assessment: int) -> dict[str, float | None]:
    rows = db.session.execute(
        select(BlockScore.block, BlockScore.score).where(BlockScore.assessment_id == assessment)
    )
    return {row.block: row.score for row in rows}
