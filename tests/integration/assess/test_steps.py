"""Closing, reopening, moving and hiding again: each with a reason, and only while it is sound."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from action_plans import service as plans
from assess.answers import AnswerValue
from assess.brought_in import bringing
from assess.following import steps
from assess.following.models import AssessmentStep
from assess.meeting import agreeing
from assess.models import Assessment, BlockScore
from assess.paper import comparing
from assess.quarters import Quarter
from core import clock
from core.audit import AuditEvent
from core.db import db
from core.errors import Conflict
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.pages import CheckingClient, text_of

SignedIn = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")
FIRST = INSTRUMENT.milestones[0].key
WHY = "Two of us were on leave."


def state_of(app: Flask, key: int) -> str:
    with app.app_context():
        return db.session.get_one(Assessment, key).state


def step_names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(AssessmentStep.step).order_by(AssessmentStep.id)))


def no_plan(_assessment: int) -> bool:
    return False


@pytest.fixture
def rated(app: Flask, cast: Cast) -> int:
    with app.app_context():
        key = seeding.open_assessment(cast.clinic, "2026Q3")
        seeding.rate_all(key, cast.member)
        return key


@pytest.fixture
def shown(app: Flask, rated: int) -> int:
    with app.app_context():
        seeding.reveal(rated)
    return rated


class TestClose:
    def test_before_the_reveal_it_takes_a_reason_and_shows_the_results(
        self, app: Flask, cast: Cast, signed_in: SignedIn, rated: int
    ) -> None:
        lead, path = signed_in(cast.lead), f"/assessments/{rated}/close"
        assert "Closing reveals the results" in text_of(lead, path)
        refused = lead.send(path, {}, page=path)
        assert refused.status_code == 422
        assert refused.get_data(as_text=True).count("Say why in a few words.") == 2
        assert state_of(app, rated) == "open"
        assert lead.send(path, {"reason": WHY}, page=path).status_code == 303
        assert state_of(app, rated) == "closed"
        text = text_of(signed_in(cast.member), f"/assessments/{rated}/results")
        assert f"“{WHY}”" in text
        assert "Overall score 2.0" in text

    def test_after_the_reveal_nobody_has_to_explain_it(
        self, app: Flask, cast: Cast, signed_in: SignedIn, shown: int
    ) -> None:
        assert signed_in(cast.lead).send(f"/assessments/{shown}/close").status_code == 303
        assert state_of(app, shown) == "closed"

    def test_the_verb_asks_for_the_reason_too(self, app: Flask, rated: int) -> None:
        with app.app_context(), pytest.raises(steps.ReasonMissing):
            steps.close(assessment_id=rated, reason=" ")


class TestReopen:
    @pytest.mark.parametrize("is_agreed", [False, True])
    def test_it_goes_back_to_where_the_team_was_and_ratings_stay(
        self, app: Flask, cast: Cast, signed_in: SignedIn, shown: int, is_agreed: bool
    ) -> None:
        with app.app_context():
            if is_agreed:
                for one in INSTRUMENT.milestones:
                    decision = agreeing.Decision(one.key, AnswerValue.level(3))
                    agreeing.agree_level(assessment_id=shown, decision=decision)
                agreeing.finish_agreement(assessment_id=shown)
            db.session.commit()
            seeding.close(shown)
        lead, path = signed_in(cast.lead), f"/assessments/{shown}/reopen"
        assert lead.send(path, {}, page=path).status_code == 422
        assert lead.send(path, {"reason": WHY}, page=path).status_code == 303
        assert state_of(app, shown) == ("agreed" if is_agreed else "revealed")
        assert lead.send(path, {"reason": WHY}).status_code == 409
        other = signed_in(cast.second_member)
        assert f"“{WHY}”" in text_of(other, f"/assessments/{shown}/results")
        assert other.send(f"/assessments/{shown}/rate").status_code == 409
        with app.app_context():
            query = select(AuditEvent).where(AuditEvent.action == "assessment.reopened")
            event = db.session.scalars(query).one()
            assert (event.person_id, WHY in str(event.after)) == (cast.lead, False)

    def test_what_was_taken_over_from_earlier_records_stays_closed(
        self, app: Flask, shown: int
    ) -> None:
        with app.app_context():
            seeding.close(shown)
            db.session.get_one(Assessment, shown).source = "imported"
            with pytest.raises(Conflict, match="earlier records"):
                steps.reopen(assessment_id=shown, reason=WHY)


class TestHideAgain:
    def test_rating_goes_on_and_every_score_is_gone(
        self, app: Flask, cast: Cast, signed_in: SignedIn, shown: int
    ) -> None:
        lead, path = signed_in(cast.lead), f"/assessments/{shown}/hide"
        assert "What was seen cannot be unseen" in text_of(lead, path)
        assert lead.send(path, {"reason": WHY}, page=path).status_code == 303
        assert state_of(app, shown) == "open"
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(BlockScore)) == 0
            seeding.rate_all(shown, cast.second_member)
            seeding.reveal(shown)
        assert step_names(app) == ["opened", "revealed", "hidden_again", "revealed"]
        text = text_of(signed_in(cast.member), f"/assessments/{shown}/results")
        assert f"“{WHY}”" in text
        assert "could recognize ratings that were finished after that." in text

    def test_looking_after_each_rating_is_not_possible(
        self, app: Flask, cast: Cast, signed_in: SignedIn, rated: int
    ) -> None:
        lead, progress = signed_in(cast.lead), f"/assessments/{rated}/progress"
        with app.app_context():
            sheet = seeding.key_in(rated)
            seeding.reveal(rated)
        assert "Hide the results again" in text_of(lead, progress)
        with app.app_context():
            steps.hide_again(assessment_id=rated, reason=WHY, has_plan=no_plan)
            with pytest.raises(bringing.SeenBefore):
                bringing.remove_sheet(rating_id=sheet)
            with pytest.raises(bringing.SeenBefore):
                comparing.compare(rating_id=sheet, second={})
            bringing.remove_sheet(rating_id=seeding.key_in(rated, "Paper form 2"))
            seeding.rate_all(rated, cast.second_member)
            seeding.reveal(rated)
            with pytest.raises(steps.CannotHide, match="once"):
                steps.hide_again(assessment_id=rated, reason=WHY, has_plan=no_plan)
        assert "Hide the results again" not in text_of(lead, progress)

    def test_not_once_the_team_has_worked_with_it(
        self, app: Flask, cast: Cast, signed_in: SignedIn, shown: int
    ) -> None:
        lead, path = signed_in(cast.lead), f"/assessments/{shown}/hide"
        with app.app_context():
            plan = plans.start_plan(assessment_id=shown, milestones=[FIRST], person_id=cast.lead)
            db.session.commit()
            assert plan
        refused = lead.send(path, {"reason": WHY}, page=path)
        assert refused.status_code == 409
        assert "begun an action plan" in refused.get_data(as_text=True)
        with app.app_context():
            decision = agreeing.Decision(FIRST, AnswerValue.level(2))
            agreeing.agree_level(assessment_id=shown, decision=decision)
            with pytest.raises(steps.CannotHide, match="agreed on a level"):
                steps.hide_again(assessment_id=shown, reason=WHY, has_plan=no_plan)
            seeding.close(shown)
            with pytest.raises(steps.CannotHide, match="revealed and not agreed"):
                steps.hide_again(assessment_id=shown, reason=WHY, has_plan=no_plan)


class TestMove:
    def test_it_counts_for_the_other_quarter_with_both_named(
        self, app: Flask, cast: Cast, signed_in: SignedIn, rated: int
    ) -> None:
        lead, path = signed_in(cast.lead), f"/assessments/{rated}/move"
        lead.get(path)
        assert lead.send(path, {"quarter": "2026Q2"}, page=path).status_code == 422
        fields = {"quarter": "2026Q2", "reason": WHY}
        assert lead.send(path, fields, page=path).status_code == 303
        text = text_of(lead, f"/assessments/{rated}/progress")
        assert f"From Q3 2026 to Q2 2026. {WHY}" in text
        assert step_names(app) == ["opened", "moved"]

    def test_not_to_a_quarter_that_is_taken_and_not_after_the_reveal(
        self, app: Flask, cast: Cast, rated: int
    ) -> None:
        with app.app_context():
            seeding.open_assessment(cast.clinic, "2026Q2")
            with pytest.raises(Conflict, match="already has an assessment in Q2 2026"):
                steps.move(assessment_id=rated, quarter=Quarter(2026, 2), reason=WHY)
            seeding.reveal(rated)
            with pytest.raises(Conflict, match="so it stays"):
                steps.move(assessment_id=rated, quarter=Quarter(2026, 1), reason=WHY)


def test_assessments_from_before_steps_were_kept_tell_what_they_know(
    app: Flask, cast: Cast, signed_in: SignedIn, shown: int
) -> None:
    with app.app_context():
        for step in db.session.scalars(select(AssessmentStep)):
            db.session.delete(step)
        db.session.commit()
    text = text_of(signed_in(cast.lead), f"/assessments/{shown}/progress")
    today = f"{clock.now():%b} {clock.now().day}, {clock.now().year}"
    assert f"{today} Opened {today} Results revealed to the team" in text


@pytest.mark.parametrize("who", ["member", "researcher", "member_of_other_clinic"])
@pytest.mark.parametrize("verb", ["close", "reopen", "hide", "move"])
def test_only_those_who_run_the_clinic_take_steps(
    cast: Cast, signed_in: SignedIn, rated: int, who: str, verb: str
) -> None:
    browser, path = signed_in(cast.people[who]), f"/assessments/{rated}/{verb}"
    assert browser.get(path).status_code in {403, 404}
    assert browser.send(path, {"reason": WHY}).status_code in {403, 404}
