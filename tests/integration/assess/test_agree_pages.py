"""The team agrees a level per milestone; ratings stay what they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from assess.answers import AnswerValue
from assess.meeting.agreeing import AgreedMeanwhile, Decision, agree_level, finish_agreement, mark
from assess.meeting.holding import NotRevealed
from assess.meeting.parking import park
from assess.models import OVERALL, AgreedLevel, AgreedLevelChange, Assessment, BlockScore
from assess.queries.meetings import get_meeting
from assess.scoring import Basis
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
FIRST = KEYS[0]


@pytest.fixture
def revealed(app: Flask, cast: Cast) -> int:
    """An assessment that two people rated alike, but for the first milestone."""
    with app.app_context():
        assessment_id = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment_id, cast.member, 2)
        seeding.rate_all(assessment_id, cast.second_member, dict.fromkeys(KEYS, 2) | {FIRST: 4})
        seeding.reveal(assessment_id)
    return assessment_id


def scores(app: Flask, assessment_id: int, basis: Basis) -> dict[str, float | None]:
    with app.app_context():
        rows = db.session.execute(
            select(BlockScore.block, BlockScore.score).filter_by(
                assessment_id=assessment_id, basis=basis
            )
        )
        return {row.block: row.score for row in rows}


def agree(browser: CheckingClient, assessment_id: int, milestone: str, **fields: str):  # type: ignore[no-untyped-def]
    page = f"/assessments/{assessment_id}/agree/{milestone}"
    return browser.send(page, fields, page=page)


def test_the_disputed_milestone_is_first_on_the_agenda(
    cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    page = signed_in(cast.lead).get(f"/assessments/{revealed}/agree").get_data(as_text=True)
    places = [page.index(f"/agree/{key}") for key in KEYS]
    assert places[0] == min(places)
    assert "0 of 26 milestones agreed." in page
    assert "Agree at once on 25 milestones where everybody rated the same" in page


def test_a_meeting_ends_with_agreed_scores_and_untouched_ratings(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    lead = signed_in(cast.lead)
    page = f"/assessments/{revealed}/agree"
    assert lead.send(page, page=page).status_code == 302
    early = lead.send(f"{page}/finish", page=page)
    assert early.status_code == 409
    assert "1 milestone is left." in early.get_data(as_text=True)
    assert scores(app, revealed, Basis.AGREED) == {}
    done = agree(lead, revealed, FIRST, level="3", rationale="Minutes of March", seen="")
    assert done.location == page
    assert lead.send(f"{page}/finish", page=page).location == f"/assessments/{revealed}/results"
    first_block = catalog.get("six_building_blocks").blocks[0].id
    assert scores(app, revealed, Basis.AGREED)[first_block] == pytest.approx(7 / 3)
    assert scores(app, revealed, Basis.RATINGS)[first_block] == pytest.approx(7 / 3)
    with app.app_context():
        assert db.session.get_one(Assessment, revealed).state == "agreed"
        agreed = db.session.get_one(AgreedLevel, (revealed, FIRST))
        assert (agreed.level, agreed.rationale) == (3, "Minutes of March")
    assert (
        agree(lead, revealed, FIRST, level="4", seen=stored_mark(app, revealed)).status_code == 302
    )
    assert scores(app, revealed, Basis.AGREED)[first_block] == pytest.approx(8 / 3)
    assert scores(app, revealed, Basis.AGREED)[OVERALL] == pytest.approx((8 / 3 + 10) / 6)


def stored_mark(app: Flask, assessment_id: int) -> str:
    with app.app_context():
        return mark(db.session.get_one(AgreedLevel, (assessment_id, FIRST)).agreed_at)


def test_two_facilitators_do_not_overwrite_each_other(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    assert agree(signed_in(cast.lead), revealed, FIRST, level="2", seen="").status_code == 302
    late = agree(signed_in(cast.coach), revealed, FIRST, level="4", rationale="Mine", seen="")
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Agree again to replace it; the minutes keep both." in page
    assert "<dt>Agreed in another window</dt><dd>2 Begun</dd>" in page, "what stands is shown"
    assert "Agreed now" not in page, "and only once"
    assert "Mine" in page
    with app.app_context():
        assert db.session.get_one(AgreedLevel, (revealed, FIRST)).level == 2
    again = agree(
        signed_in(cast.coach), revealed, FIRST, level="4", seen=stored_mark(app, revealed)
    )
    assert again.status_code == 302


def test_agreeing_goes_on_past_what_is_agreed_or_parked_and_keeps_every_level(
    app: Flask, cast: Cast, revealed: int
) -> None:
    def agree_on(key: str, level: int, seen: str = "", onward: tuple[str, ...] = ()) -> str | None:
        decision = Decision(key, AnswerValue.level(level), seen=seen)
        return agree_level(
            assessment_id=revealed, decision=decision, person_id=cast.lead, onward=onward
        )

    with app.app_context():
        park(assessment_id=revealed, milestone=KEYS[1], reason="Ask the pharmacy")
        agree_on(KEYS[2], 2)
        assert agree_on(FIRST, 3, onward=tuple(KEYS[1:])) == KEYS[3]
        db.session.commit()
        meeting = get_meeting(revealed)
        assert meeting is not None
        assert meeting.milestone == KEYS[3]
        assert agree_on(KEYS[1], 1) is None
        agree_on(FIRST, 2, seen=mark(db.session.get_one(AgreedLevel, (revealed, FIRST)).agreed_at))
        db.session.commit()
        after = get_meeting(revealed)
        assert after is not None
        assert after.milestone == KEYS[3], "who agrees elsewhere does not move the meeting"
        assert dict(after.parked) == {}
        kept = db.session.execute(
            select(AgreedLevelChange.level, AgreedLevelChange.agreed_by)
            .filter_by(assessment_id=revealed, milestone=FIRST)
            .order_by(AgreedLevelChange.id)
        )
        assert list(map(tuple, kept)) == [(3, cast.lead), (2, cast.lead)]


def test_what_another_stored_while_we_waited_is_seen(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    agree(signed_in(cast.lead), revealed, FIRST, level="2", seen="")
    with app.app_context():
        loaded = db.session.get_one(AgreedLevel, (revealed, FIRST))
        seen = mark(loaded.agreed_at)
        later = loaded.agreed_at + timedelta(seconds=1)
        # behind the session's back, as another process would while this one waits for the lock
        db.session.execute(
            update(AgreedLevel).values(level=3, agreed_at=later),
            execution_options={"synchronize_session": False},
        )
        ours = Decision(FIRST, AnswerValue.level(4), seen=seen)
        with pytest.raises(AgreedMeanwhile):
            agree_level(assessment_id=revealed, decision=ours)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"rationale": "kept"}, "Choose the level that the team agrees on."),
        ({"level": "5", "rationale": "kept"}, "Choose a level from 1 to 4."),
        ({"level": "not_applicable", "rationale": "kept"}, "Choose a level from 1 to 4."),
        ({"level": "2", "dissent": "x" * 2001, "rationale": "kept"}, "no more than 2,000"),
    ],
)
def test_a_wrong_entry_is_named_and_the_text_stays(
    cast: Cast, signed_in: SignedIn, revealed: int, fields: dict[str, str], words: str
) -> None:
    answer = agree(signed_in(cast.lead), revealed, FIRST, **fields)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert "kept</textarea>" in page


def test_nothing_is_agreed_before_the_reveal_or_after_closing(
    app: Flask, cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    with app.app_context():
        hidden = seeding.open_assessment(cast.clinic, quarter="2026Q4")
    lead = signed_in(cast.lead)
    assert lead.get(f"/assessments/{hidden}/agree").location == f"/assessments/{hidden}/results"
    token = lead.csrf_token(f"/assessments/{revealed}/agree")
    fields = {"level": "2", "csrf_token": token}
    for early in (fields, {"csrf_token": token}):
        refused = lead.post(f"/assessments/{hidden}/agree/{FIRST}", data=early)
        assert refused.location == f"/assessments/{hidden}/results"
    with app.app_context(), pytest.raises(NotRevealed):
        finish_agreement(assessment_id=hidden)
    with app.app_context():
        seeding.close(revealed)
    refused = lead.post(f"/assessments/{revealed}/agree/{FIRST}", data=fields)
    assert refused.status_code == 409
    assert "closed" in refused.get_data(as_text=True)


@pytest.mark.parametrize("who", ["member", "researcher", "member_of_other_clinic"])
def test_members_and_strangers_do_not_agree_for_the_team(
    cast: Cast, signed_in: SignedIn, revealed: int, who: str
) -> None:
    answer = signed_in(cast.people[who]).get(f"/assessments/{revealed}/agree")
    assert answer.status_code in {403, 404}


def test_an_unknown_milestone_is_not_found(cast: Cast, signed_in: SignedIn, revealed: int) -> None:
    assert signed_in(cast.lead).get(f"/assessments/{revealed}/agree/x").status_code == 404


def test_no_more_than_12_statements(
    cast: Cast, signed_in: SignedIn, revealed: int, count_statements: CountStatements
) -> None:
    lead = signed_in(cast.lead)
    for path in ("", f"/{FIRST}"):
        with count_statements() as seen:
            assert lead.get(f"/assessments/{revealed}/agree{path}").status_code == 200
        assert len(seen) <= 12
