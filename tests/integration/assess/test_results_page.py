"""The results page: hidden before the reveal, then scores, changes, spread and history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from accounts import service as accounts_service
from accounts.models import Clinic, Role
from assess import service
from assess.models import AgreedLevel, Assessment, State
from core import clock
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]

BLOCKS = catalog.get("six_building_blocks").blocks
TRACKING = next(block for block in BLOCKS if "rack" in block.title)


@pytest.fixture
def open_quarter(app: Flask, cast: Cast) -> int:
    """One finished rating at level 2 by the member, one just started by the second member."""
    with app.app_context():
        assessment_id = seeding.open_assessment(cast.clinic, "2026Q3")
        seeding.rate_all(assessment_id, cast.member, level=2)
        seeding.start_rating(assessment_id, cast.second_member)
        return assessment_id


@pytest.fixture
def two_quarters(app: Flask, cast: Cast) -> int:
    """Tracking rose from 1 to 3, the rest stayed at 2; two raters in the later quarter."""
    higher = {m.key: 3 if b is TRACKING else 2 for b in BLOCKS for m in b.milestones}
    lower = {m.key: 1 if b is TRACKING else 2 for b in BLOCKS for m in b.milestones}
    with app.app_context():
        earlier = seeding.open_assessment(cast.clinic, "2026Q2")
        seeding.rate_all(earlier, cast.member, level=lower)
        seeding.reveal(earlier)
        seeding.close(earlier)
        later = seeding.open_assessment(cast.clinic, "2026Q3")
        first = seeding.start_rating(later, cast.member)
        key = TRACKING.milestones[0].key
        seeding.rate(first, {**higher, key: 4}, notes={key: "Registry report of June"})
        seeding.finish(first)
        seeding.rate_all(later, cast.second_member, level=higher)
        seeding.reveal(later)
        return later


def page(client: CheckingClient, assessment_id: int) -> str:
    response = client.get(f"/assessments/{assessment_id}/results")
    assert response.status_code == 200
    return " ".join(response.get_data(as_text=True).split())


class TestBeforeTheReveal:
    def test_a_member_sees_own_ratings_and_no_scores(
        self, cast: Cast, signed_in: SignedIn, open_quarter: int
    ) -> None:
        text = page(signed_in(cast.member), open_quarter)
        assert "Results open when your team looks at them together" in text
        assert "Your own ratings" in text
        assert "Scores by block" not in text
        assert "Reveal results to the team" not in text

    def test_a_second_member_sees_nothing_of_the_first(
        self, cast: Cast, signed_in: SignedIn, open_quarter: int
    ) -> None:
        assert "2 Begun" not in page(signed_in(cast.second_member), open_quarter)

    def test_the_lead_sees_how_many_have_finished(
        self, cast: Cast, signed_in: SignedIn, open_quarter: int
    ) -> None:
        text = page(signed_in(cast.lead), open_quarter)
        assert "1 person has finished rating, 1 is still rating" in text
        assert "Reveal results to the team" in text
        assert "Scores by block" not in text

    def test_it_offers_no_reveal_when_nobody_has_finished(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        with app.app_context():
            assessment_id = seeding.open_assessment(cast.clinic)
        text = page(signed_in(cast.coach), assessment_id)
        assert "0 people have finished" in text
        assert "Reveal results to the team" not in text


class TestRevealAndClose:
    def test_the_lead_reveals(self, cast: Cast, signed_in: SignedIn, open_quarter: int) -> None:
        client = signed_in(cast.lead)
        response = client.send(f"/assessments/{open_quarter}/reveal", page="/help")
        assert response.status_code == 303
        assert "Scores by block" in page(signed_in(cast.member), open_quarter)

    def test_a_member_cannot_reveal(
        self, app: Flask, cast: Cast, signed_in: SignedIn, open_quarter: int
    ) -> None:
        response = signed_in(cast.member).send(f"/assessments/{open_quarter}/reveal", page="/help")
        assert response.status_code == 403
        with app.app_context():
            assert db.session.get_one(Assessment, open_quarter).state == State.OPEN

    def test_revealing_twice_says_so(
        self, cast: Cast, signed_in: SignedIn, two_quarters: int
    ) -> None:
        response = signed_in(cast.lead).send(f"/assessments/{two_quarters}/reveal", page="/help")
        assert response.status_code == 409

    def test_the_lead_closes_and_the_page_says_so(
        self, cast: Cast, signed_in: SignedIn, two_quarters: int
    ) -> None:
        client = signed_in(cast.lead)
        assert "Yes, close the assessment" in page(client, two_quarters)
        response = client.send(f"/assessments/{two_quarters}/close", page="/help")
        assert response.status_code == 303
        text = page(client, two_quarters)
        assert "This assessment is closed" in text
        assert "Yes, close the assessment" not in text

    def test_a_member_cannot_close(
        self, cast: Cast, signed_in: SignedIn, two_quarters: int
    ) -> None:
        response = signed_in(cast.member).send(f"/assessments/{two_quarters}/close", page="/help")
        assert response.status_code == 403


class TestResults:
    def test_the_largest_change_is_the_first_sentence(
        self, cast: Cast, signed_in: SignedIn, two_quarters: int
    ) -> None:
        text = page(signed_in(cast.member), two_quarters)
        assert f"“{TRACKING.title}” rose from 1.0 to 3.1 since last quarter." in text

    def test_it_names_the_basis_and_the_milestones_met(
        self, cast: Cast, signed_in: SignedIn, two_quarters: int
    ) -> None:
        text = page(signed_in(cast.member), two_quarters)
        assert "mean of 2 ratings" in text
        assert "0 of 26" in text

    def test_spread_and_evidence_stand_without_names(
        self, cast: Cast, signed_in: SignedIn, two_quarters: int
    ) -> None:
        text = page(signed_in(cast.coach), two_quarters)
        assert "From 3 to 4" in text
        assert "Registry report of June" in text
        main = text.split("<main", 1)[1]
        assert "Member" not in main

    def test_a_skipped_quarter_is_named_instead_of_last_quarter(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        with app.app_context():
            first = seeding.open_assessment(cast.clinic, "2025Q4")
            seeding.rate_all(first, cast.member, level=1)
            seeding.reveal(first)
            second = seeding.open_assessment(cast.clinic, "2026Q3")
            seeding.rate_all(second, cast.member, level=2)
            seeding.reveal(second)
        text = page(signed_in(cast.member), second)
        assert "6 blocks rose by 1.0 since Q4 2025." in text

    @pytest.mark.usefixtures("open_quarter")
    def test_ratings_of_an_open_quarter_stay_hidden_from_the_history(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        with app.app_context():
            later = seeding.open_assessment(cast.clinic, "2026Q4")
            seeding.rate_all(later, cast.member, level=3)
            seeding.reveal(later)
        text = page(signed_in(cast.member), later)
        assert "since last quarter." not in text
        assert "How each block has moved" not in text

    def test_too_few_answers_are_words_and_not_a_number(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        with app.app_context():
            assessment_id = seeding.open_assessment(cast.clinic)
            rating = seeding.start_rating(assessment_id, cast.member)
            seeding.rate(rating, {TRACKING.milestones[0].key: 3})
            seeding.finish(rating)
            seeding.reveal(assessment_id)
        text = page(signed_in(cast.member), assessment_id)
        assert f"No score yet: 1 of {len(TRACKING.milestones)} answered" in text
        assert "There is no overall score yet, because too few milestones are answered." in text

    def test_agreed_levels_win_over_ratings(
        self, app: Flask, cast: Cast, signed_in: SignedIn, two_quarters: int
    ) -> None:
        with app.app_context():
            agree_on(two_quarters, 4)
        text = page(signed_in(cast.member), two_quarters)
        assert "agreed by the team" in text
        assert "26 of 26" in text
        assert "Scores of Q2 2026: mean of 1 rating. Part of a change may come from that." in text

    def test_a_scale_of_twelve_shows_its_own_numbers(
        self, app: Flask, cast: Cast, signed_in: SignedIn
    ) -> None:
        with app.app_context():
            assessment_id = seeding.open_assessment(
                cast.clinic, questionnaire="six_building_blocks_maturity"
            )
            seeding.rate_all(assessment_id, cast.member, level=9)
            seeding.reveal(assessment_id)
        text = page(signed_in(cast.member), assessment_id)
        assert "every block with a score stands at 9.0." in text
        assert "1 to 12" in text


class TestCost:
    def test_no_more_than_12_statements_whatever_the_number_of_raters(
        self,
        app: Flask,
        cast: Cast,
        signed_in: SignedIn,
        two_quarters: int,
        count_statements: CountStatements,
    ) -> None:
        client = signed_in(cast.lead)
        with count_statements() as few:
            page(client, two_quarters)
        with app.app_context():
            clinic = db.session.get_one(Clinic, cast.clinic)
            for number in range(8):
                person = accounts_service.create_person(
                    email=f"more{number}@example.org", name=f"More {number}"
                )
                accounts_service.grant_role(person=person, role=Role.MEMBER, clinic=clinic)
                seeding.rate_late(two_quarters, person.id, level=1 + number % 4)
        with count_statements() as many:
            page(client, two_quarters)
        assert len(many) <= len(few) <= 12


def agree_on(assessment_id: int, level: int) -> None:
    assessment = db.session.get_one(Assessment, assessment_id)
    for block in BLOCKS:
        for milestone in block.milestones:
            db.session.add(
                AgreedLevel(
                    assessment_id=assessment_id,
                    organization_id=assessment.organization_id,
                    clinic_id=assessment.clinic_id,
                    milestone=milestone.key,
                    state="level",
                    level=level,
                    agreed_at=clock.now(),
                )
            )
    assessment.state = State.AGREED
    assessment.agreed_at = clock.now()
    db.session.flush()
    service.record_scores(assessment_id)
    db.session.commit()


class TestAccess:
    @pytest.mark.parametrize("who", ["member_of_other_clinic", "stranger", "researcher"])
    def test_others_do_not_learn_that_it_exists(
        self, cast: Cast, signed_in: SignedIn, two_quarters: int, who: str
    ) -> None:
        response = signed_in(cast.people[who]).get(f"/assessments/{two_quarters}/results")
        assert response.status_code in {403, 404}

    def test_an_unknown_assessment_is_a_page_of_its_own(
        self, cast: Cast, signed_in: SignedIn
    ) -> None:
        response = signed_in(cast.member).get("/assessments/999999/results")
        assert response.status_code == 404
