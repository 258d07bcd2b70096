"""Which finished sheets stand at the top throughout, on both databases, in one statement."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from assess.answers import DONT_KNOW, AnswerValue
from assess.findings import MilestoneResult
from assess.flags import FlagKind
from assess.queries.flags import get_team_flags
from assess.queries.heads import AssessmentHead, get_assessment_head
from assess.queries.results import get_results
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
TOP = AnswerValue.level(4)


def milestones(head: AssessmentHead) -> list[MilestoneResult]:
    return [one for block in get_results(head).milestones.values() for one in block]


def flagged(assessment_id: int) -> bool:
    head = get_assessment_head(assessment_id)
    flags = get_team_flags(head, milestones(head))
    return FlagKind.TOP in {flag.kind for flag in flags}


def test_only_a_finished_and_half_full_sheet_counts(
    app: Flask, cast: Cast, count_statements: CountStatements
) -> None:
    with app.app_context():
        *others, last = seeding.add_members(cast.clinic, 6)
        quarters = ("2026Q1", "2026Q2", "2026Q3", "2026Q4")
        nearly, full, short, unfinished = (
            seeding.open_assessment(cast.clinic, quarter) for quarter in quarters
        )
        for assessment_id in (nearly, full, short, unfinished):
            for person in others:
                seeding.rate_all(assessment_id, person, 2)
        seeding.rate_all(nearly, last, {**dict.fromkeys(KEYS, TOP), KEYS[3]: AnswerValue.level(3)})
        half = {**dict.fromkeys(KEYS, DONT_KNOW), **dict.fromkeys(KEYS[:13], TOP)}
        seeding.rate_all(full, last, half)
        seeding.rate_all(short, last, {**half, KEYS[12]: DONT_KNOW})
        seeding.rate(seeding.start_rating(unfinished, last), dict.fromkeys(KEYS, TOP))
        for assessment_id in (nearly, full, short, unfinished):
            seeding.reveal(assessment_id)
        assert [flagged(one) for one in (nearly, full, short, unfinished)] == [
            False,
            True,
            False,
            False,
        ]
        head = get_assessment_head(full)
        results = milestones(head)
        with count_statements() as seen:
            get_team_flags(head, results)
        assert len(seen) == 1


def test_the_agenda_asks_the_team_about_it_and_stands_in_nobodys_way(
    app: Flask, cast: Cast, signed_in: Callable[[int], CheckingClient]
) -> None:
    with app.app_context():
        assessment_id = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment_id, cast.member, 4)
        seeding.rate_all(assessment_id, cast.second_member, 2)
        seeding.reveal(assessment_id)
    page = signed_in(cast.lead).get(f"/assessments/{assessment_id}/agree").text
    assert "Every milestone was rated at the top level by somebody." in page
    assert "Ask together what a visitor would see that shows it." in page
    assert "Minutes of the meeting" not in page
