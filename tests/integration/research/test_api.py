"""What the API hands out: the numbers of the page, under codes, as it describes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from assess.answers import DONT_KNOW, AnswerValue
from assess.suppression import FEWEST_RATERS
from core.db import db
from questionnaires import catalog
from research.tokens import keeping
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.integration.assess.program_scores import Row, rows_of_case, store
from tests.pages import CheckingClient

Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(app: Flask, cast: Cast, client: CheckingClient) -> Ask:
    """ask("scores", "researcher", limit=2): the answer to this person's token."""
    tokens: dict[str, str] = {}

    def asking(path: str, who: str = "researcher", **query: Any) -> TestResponse:
        if who not in tokens:
            with app.app_context():
                _, tokens[who] = keeping.make_token(person_id=cast.people[who], name="test", days=1)
                db.session.commit()
        fields = urlencode(query, doseq=True)
        head = {"Authorization": f"Bearer {tokens[who]}"}
        answer = client.get(f"/api/v1/{path}?{fields}", headers=head)
        if answer.status_code == 200:
            check(client, path, answer.get_json())
        return answer

    return asking


def check(client: CheckingClient, path: str, content: Any) -> None:
    """The answer is what the description says it is."""
    described = client.get("/api/v1/openapi.json").get_json()
    answers = described["paths"][f"/{path}"]["get"]["responses"]
    schema = answers["200"]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": described["components"]}).validate(content)


@pytest.fixture
def published(app: Flask) -> None:
    with app.app_context():
        store(rows_of_case("s06_slide_like_20x6"))


def rows_of(ask: Ask, path: str, who: str = "researcher", **query: Any) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = ask(path, who, **query, **({"cursor": cursor} if cursor else {})).get_json()
        found += answer["items"]
        cursor = answer["next"]
    return found


def test_before_any_score_lists_are_empty(ask: Ask) -> None:
    for path in ("clinics", "assessments", "scores"):
        answer = ask(path).get_json()
        assert (answer["items"], answer["next"]) == ([], None)
    answer = ask("analysis")
    assert answer.status_code == 404
    assert answer.get_json()["detail"] == "There are no scores for this selection yet."


def test_questionnaires_come_with_their_wording(ask: Ask) -> None:
    items = ask("questionnaires").get_json()["items"]
    (found,) = [one for one in items if one["id"] == "six_building_blocks"][-1:]
    assert len(found["blocks"]) == 6
    assert sum(len(block["milestones"]) for block in found["blocks"]) == 26
    assert [level["value"] for level in found["blocks"][0]["levels"]] == [1, 2, 3, 4]


def test_the_analysis_is_that_of_the_page(ask: Ask, published: None) -> None:
    answer = ask("analysis").get_json()
    assert answer["headline"] == answer["selection"]["score"] == "overall"
    assert answer["clinics"] == 20
    anova = answer["results"]["overall"]["rm_anova"]
    assert anova["F"] == pytest.approx(3.4630, abs=0.01)
    assert (anova["n_subjects_used"], anova["n_times"]) == (20, 6)
    assert len(answer["results"]) == 7
    assert answer["selection"]["times"][0] == "2025Q1"


def test_every_score_comes_once_whatever_the_size_of_a_page(ask: Ask, published: None) -> None:
    every = rows_of(ask, "scores", limit=10_000)
    assert len(every) == 20 * 6 * 7
    assert rows_of(ask, "scores", limit=97) == every
    assert {row["measure"] for row in every} >= {"overall"}
    few = rows_of(ask, "scores", limit=1000, **{"from": "2025Q2", "to": "2025Q3"})
    assert len(few) == 20 * 2 * 7
    assert len(rows_of(ask, "assessments")) == 20 * 6
    assert len(rows_of(ask, "clinics", limit=3)) == 20


def test_waves_count_from_the_baseline(ask: Ask, published: None) -> None:
    rows = rows_of(ask, "scores", clock="wave", to="1")
    assert {(row["wave"], row["quarter"]) for row in rows} == {(0, "2025Q1"), (1, "2025Q2")}


def test_clinics_appear_by_code_even_to_who_sees_names(app: Flask, cast: Cast, ask: Ask) -> None:
    with app.app_context():
        for clinic in (cast.clinic, cast.sister_clinic, cast.other_clinic):
            assessment = seeding.open_assessment(clinic, "2026Q2")
            for number in range(FEWEST_RATERS):
                seeding.key_in(assessment, f"Form {number}")
            seeding.reveal(assessment)
    for who, codes in (
        ("administrator", ["N01", "N02", "S01"]),
        ("researcher", ["N01", "N02", "S01"]),
        ("coach", ["N01", "N02"]),
    ):
        for path in ("clinics", "assessments", "scores", "analysis"):
            answer = ask(path, who)
            assert answer.status_code == 200
            for name in ("Alder", "Birch", "Cedar", "North", "South"):
                assert name not in answer.text, (who, path)
        rows = ask("clinics", who).get_json()["items"]
        assert [row["code"] for row in rows] == codes
        assert {row["code"] for row in rows} >= {
            row["clinic"] for row in ask("scores", who).get_json()["items"]
        }
        # so few clinics would be known by anything else about them
        assert {row["organization"] for row in rows} == {"withheld"}


def test_a_milestone_that_one_person_rated_is_told_to_nobody(
    app: Flask, cast: Cast, ask: Ask
) -> None:
    block = catalog.get("six_building_blocks").blocks[0]
    alone, *others = (one.key for one in block.milestones)
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, "2026Q2")
        seeding.key_in(assessment, level=4)
        for person in seeding.add_members(cast.clinic, 5):
            answers = dict.fromkeys(others, AnswerValue.level(2)) | {alone: DONT_KNOW}
            seeding.rate_all(assessment, person, answers)
        seeding.reveal(assessment)
    for who in ("researcher", "administrator", "coach"):
        rows = rows_of(ask, "scores", who, score=block.id, grain="milestones")
        told = {row["measure"] for row in rows}
        assert block.id in told
        # the one, and another from which it would follow
        assert told == {block.id, *others} - {min(others)}


def test_attributes_show_from_three_clinics_up(app: Flask, ask: Ask) -> None:
    def rows(organization: str, clinics: int) -> list[Row]:
        return [(organization, f"Clinic {c}", "2026Q1", 2.0) for c in range(clinics)]

    with app.app_context():
        store([*rows("Program A", 4), *rows("Program B", 3), *rows("Program C", 2)])

    def shown(who: str) -> list[str]:
        rows = ask("clinics", who).get_json()["items"]
        return [str(row["organization"]) for row in rows]

    # the two of C stand with the three of the cast, who have no scores
    for who in ("researcher", "administrator"):
        assert shown(who).count("withheld") == 2
        assert len(set(shown(who))) == 3
    analysis = ask("analysis", "administrator", group="organization")
    assert "Program" not in analysis.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"foo": "1"}, "There is no field “foo” here."),
        ({"limit": "0"}, "“limit” cannot be “0”."),
        ({"limit": "10001"}, "It must be a whole number from 1 to 10,000."),
        ({"clock": "moon"}, "It may be “quarter” or “wave”."),
        ({"clock": ["wave", "quarter"]}, "“clock” may stand only once."),
        ({"cursor": "abc"}, "“cursor” must be the “next” of the answer before"),
        ({"organization": "north"}, "“organization” cannot be “north”."),
        ({"score": "nothing"}, "has no such score"),
        ({"from": "soon"}, "“from” cannot be “soon”."),
        ({"questionnaire": "a\0b"}, "There are no results of that questionnaire."),
    ],
)
def test_a_query_that_cannot_be_understood_is_refused(
    ask: Ask, published: None, query: dict[str, Any], words: str
) -> None:
    answer = ask("scores", **query)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert words in answer.get_json()["detail"]


def test_scores_cost_few_statements(
    ask: Ask, published: None, count_statements: CountStatements
) -> None:
    ask("scores")
    with count_statements() as statements:
        ask("scores")
    asked = [one for one in statements if not one.lstrip().startswith("SELECT set_config")]
    # who, four of counting in a transaction of their own, three of the study
    assert len(asked) <= 9, asked
