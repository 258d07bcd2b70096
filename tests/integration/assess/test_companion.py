"""The page on which the team follows its meeting: what it shows when, and to whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from assess.answers import AnswerValue
from assess.meeting import revotes, state
from assess.meeting.agreeing import Decision, agree_level, finish_agreement
from assess.meeting.parking import park
from assess.models import Rating
from assess.queries.revotes import get_revotes
from assess.raters import Rater
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
INSTRUMENT = catalog.get("six_building_blocks")
FIRST, SECOND, THIRD = INSTRUMENT.milestones[:3]


@pytest.fixture
def rated(app: Flask, cast: Cast) -> int:
    """An assessment that three people rated 1, 2 and 4; last quarter the team agreed on 3."""
    with app.app_context():
        earlier = seeding.open_assessment(cast.clinic, "2026Q2")
        seeding.rate_all(earlier, cast.member)
        seeding.reveal(earlier)
        for one in INSTRUMENT.milestones:
            agree(earlier, one.key, 3)
        finish_agreement(assessment_id=earlier)
        assessment = seeding.open_assessment(cast.clinic)
        for person, level in ((cast.member, 1), (cast.second_member, 2), (cast.lead, 4)):
            seeding.rate_all(assessment, person, level)
    return assessment


@pytest.fixture
def revealed(app: Flask, rated: int) -> int:
    with app.app_context():
        seeding.reveal(rated)
    return rated


@pytest.fixture
def talking(app: Flask, revealed: int) -> int:
    """The meeting is at the first milestone."""
    with app.app_context():
        state.go_to(assessment_id=revealed, milestone=FIRST.key, seen_at=None)
        db.session.commit()
    return revealed


@pytest.fixture
def voting(app: Flask, talking: int) -> int:
    """The team votes again on it."""
    with app.app_context():
        revotes.open_revote(assessment_id=talking, milestone=FIRST.key, person_id=None)
        db.session.commit()
    return talking


def agree(
    assessment: int, milestone: str, level: int, rationale: str = "", dissent: str = ""
) -> None:
    decision = Decision(milestone, AnswerValue.level(level), rationale, dissent)
    agree_level(assessment_id=assessment, decision=decision)
    db.session.commit()


def page_of(browser: CheckingClient, assessment: int) -> str:
    answer = browser.get(f"/assessments/{assessment}/meeting")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def others_vote(app: Flask, cast: Cast, assessment: int, level: int) -> None:
    """Two more, so that the votes can be shown."""
    with app.app_context():
        seeding.vote(assessment, FIRST.key, dict.fromkeys((cast.second_member, cast.lead), level))


def send_vote(
    browser: CheckingClient, assessment: int, level: str, number: str = "1"
) -> TestResponse:
    companion = f"/assessments/{assessment}/meeting"
    return browser.send(
        f"{companion}/{FIRST.key}/vote", {"level": level, "number": number}, page=companion
    )


def test_before_the_reveal_there_is_nothing_to_read(
    cast: Cast, signed_in: SignedIn, rated: int
) -> None:
    for person in (cast.member, cast.lead, cast.coach):
        page = page_of(signed_in(person), rated)
        assert "The results are not shown yet" in page
        main = page[page.index("<main") : page.index("</main")].replace("Q3 2026", "")
        assert "<svg" not in main
        words = main.replace(f"/assessments/{rated}/", "").replace("h1>", "").replace("h1 ", "")
        assert not any(digit in words.partition("data-await")[2] for digit in "0123456789")


def test_before_the_meeting_starts_the_page_says_so(
    cast: Cast, signed_in: SignedIn, revealed: int
) -> None:
    page = page_of(signed_in(cast.member), revealed)
    assert "The meeting has not started" in page
    assert "This page moves on by itself." in page
    assert 'data-version="0"' in page
    assert "You chose" not in page


def test_the_page_shows_the_milestone_and_only_ones_own_answer(
    cast: Cast, signed_in: SignedIn, talking: int
) -> None:
    page = page_of(signed_in(cast.member), talking)
    assert f">{FIRST.title}</h1>" in page
    assert "You chose <strong>1 Not started</strong>. Only you see this." in page
    assert "Your ratings go from 1 to 4." in page
    assert "Last quarter your team agreed on 3 Partly in place." in page
    assert FIRST.levels[1] in page
    assert "0 of 26 milestones agreed" in page
    assert "Vote again" not in page
    coach = page_of(signed_in(cast.coach), talking)
    assert "You chose" not in coach
    assert "Your ratings go from 1 to 4." in coach
    assert "Lead the meeting" in coach
    assert "Lead the meeting" not in page


def test_what_was_agreed_and_what_is_parked(
    app: Flask, cast: Cast, signed_in: SignedIn, talking: int
) -> None:
    with app.app_context():
        agree(talking, FIRST.key, 2, "The audit shows it.", "The front desk says 3.")
        park(assessment_id=talking, milestone=THIRD.key, reason="")
        db.session.commit()
    member = signed_in(cast.member)
    with app.app_context():
        now = state.find_meeting(talking)
        assert now is not None
        state.go_to(assessment_id=talking, milestone=SECOND.key, seen_at=now.milestone)
        db.session.commit()
    page = page_of(member, talking)
    assert f">{SECOND.title}</h1>" in page
    assert "Agreed last: 2 Begun" in page
    for words in ("The audit shows it.", "The front desk says 3.", "1 of 26 milestones agreed"):
        assert words in page
    assert f"Parked for later: {THIRD.title}" in page
    with app.app_context():
        state.go_to(assessment_id=talking, milestone=FIRST.key, seen_at=SECOND.key)
        db.session.commit()
    assert "Your team agreed on 2 Begun" in page_of(member, talking)


def test_after_the_end_the_results_are_linked(
    app: Flask, cast: Cast, signed_in: SignedIn, talking: int
) -> None:
    with app.app_context():
        for one in INSTRUMENT.milestones:
            agree(talking, one.key, 2)
        finish_agreement(assessment_id=talking)
        db.session.commit()
    page = page_of(signed_in(cast.member), talking)
    assert "The meeting has ended" in page
    assert f"/assessments/{talking}/results" in page
    assert f"/assessments/{talking}/minutes" in page
    with app.app_context():
        seeding.close(talking)
    assert "The meeting has ended" in page_of(signed_in(cast.member), talking)


def test_a_vote_is_seen_by_its_voter_alone_until_it_is_revealed(
    app: Flask, cast: Cast, signed_in: SignedIn, voting: int
) -> None:
    member, lead = signed_in(cast.member), signed_in(cast.lead)
    assert "Nobody sees your vote." in page_of(member, voting)
    answer = send_vote(member, voting, "3")
    assert (answer.status_code, answer.location) == (303, f"/assessments/{voting}/meeting#vote")
    page = page_of(member, voting)
    assert "Your vote: <strong>3 Partly in place</strong>. You can change it" in page
    assert 'value="3" aria-pressed="true"' in page
    assert "1 of 3 has voted." in page
    other = page_of(lead, voting)
    assert 'aria-pressed="true"' not in other
    assert "1 of 3 has voted." in other
    assert send_vote(member, voting, "2").status_code == 303
    others_vote(app, cast, voting, 2)
    facilitated = f"/assessments/{voting}/agree/{FIRST.key}"
    lead.send(f"{facilitated}/revote/reveal", {"number": "1"}, page=facilitated)
    for browser in (member, lead):
        shown = page_of(browser, voting)
        assert "Before: 1 to 4. Now: all at 2." in shown
        assert "Second vote" in shown
        assert 'aria-pressed="true"' not in shown


def test_a_vote_that_comes_too_late_is_told_so(
    app: Flask, cast: Cast, signed_in: SignedIn, voting: int
) -> None:
    member = signed_in(cast.member)
    assert send_vote(member, voting, "2").status_code == 303
    token = member.csrf_token(f"/assessments/{voting}/meeting")
    others_vote(app, cast, voting, 3)
    with app.app_context():
        revotes.reveal_revote(assessment_id=voting, milestone=FIRST.key, number=1)
        db.session.commit()
    late = member.post(
        f"/assessments/{voting}/meeting/{FIRST.key}/vote",
        data={"level": "4", "number": "1", "csrf_token": token},
    )
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Your vote did not count" in page
    assert "<title>Error: " in page
    with app.app_context():
        latest = get_revotes(voting, FIRST).latest
        assert latest is not None
        assert latest.range_words == "2 to 3"


@pytest.mark.parametrize("level", ["", "5", "not_applicable", "unanswered", "x"])
def test_an_impossible_vote_is_refused_in_words(
    cast: Cast, signed_in: SignedIn, voting: int, level: str
) -> None:
    answer = send_vote(signed_in(cast.member), voting, level)
    assert answer.status_code == 422
    assert "Choose a level" in answer.get_data(as_text=True)


def test_who_has_no_vote_follows_only(cast: Cast, signed_in: SignedIn, voting: int) -> None:
    coach = signed_in(cast.coach)
    page = page_of(coach, voting)
    assert "Nobody has voted yet." in page
    assert 'name="level"' not in page
    path = f"/assessments/{voting}/meeting/{FIRST.key}/vote"
    assert coach.send(path, {"level": "2", "number": "1"}).status_code == 403
    for stranger in (cast.member_of_other_clinic, cast.researcher, cast.stranger):
        browser = signed_in(stranger)
        assert browser.get(f"/assessments/{voting}/meeting").status_code in {403, 404}
        assert browser.send(path, {"level": "2", "number": "1"}).status_code in {403, 404}


def test_a_device_that_joined_follows_and_votes_as_its_rating(
    app: Flask, cast: Cast, client: CheckingClient, rated: int
) -> None:
    with app.app_context():
        code = seeding.make_join_link(rated, secret=str(app.secret_key))
    client.send(f"/j/{code}", page=f"/j/{code}")
    assert "The results are not shown yet" in page_of(client, rated)
    with app.app_context():
        seeding.rate(newest := newest_rating(rated), {FIRST.key: 2})
        seeding.finish(newest)
        seeding.reveal(rated)
        revotes.open_revote(assessment_id=rated, milestone=FIRST.key, person_id=None)
        db.session.commit()
    for path in ("/rate", "/rate/done"):
        html = client.get(f"/assessments/{rated}{path}").get_data(as_text=True)
        assert f'href="/assessments/{rated}/meeting"' in html, path
    assert f'href="/assessments/{rated}/meeting"' in client.get(f"/j/{code}").get_data(as_text=True)
    page = page_of(client, rated)
    assert "You chose <strong>2 Begun</strong>" in page
    for absent in ("/clinics/", "/results", "Lead the meeting"):
        assert absent not in page
    assert send_vote(client, rated, "3").status_code == 303
    assert send_vote(client, rated, "4").status_code == 303
    assert "Your vote: <strong>4" in page_of(client, rated)
    assert 'name="device"' in page, "a device that is let go meanwhile is told so"
    with app.app_context():
        (now,) = get_revotes(rated, FIRST).rounds
        assert now.votes == 1
        finish_all(rated)
    ended = page_of(client, rated)
    assert "The meeting has ended" in ended
    assert "/results" not in ended


def finish_all(assessment: int) -> None:
    for one in INSTRUMENT.milestones:
        agree(assessment, one.key, 2)
    finish_agreement(assessment_id=assessment)
    db.session.commit()


def test_a_device_that_was_let_go_follows_nothing(
    app: Flask, client: CheckingClient, rated: int
) -> None:
    with app.app_context():
        code = seeding.make_join_link(rated, secret=str(app.secret_key))
    client.send(f"/j/{code}", {"is_shared": "y"}, page=f"/j/{code}")
    client.send(f"/assessments/{rated}/rate/leave", page=f"/assessments/{rated}/rate")
    with app.app_context():
        seeding.reveal(rated)
        state.start(assessment_id=rated, person_id=None)
        db.session.commit()
    answer = client.get(f"/assessments/{rated}/meeting")
    assert answer.status_code == 401
    assert "Rating on this device has ended" in answer.get_data(as_text=True)


def test_the_minutes_name_who_wants_to_be_named_and_count_devices(
    app: Flask, cast: Cast, signed_in: SignedIn, client: CheckingClient, rated: int
) -> None:
    with app.app_context():
        code = seeding.make_join_link(rated, secret=str(app.secret_key))
    client.send(f"/j/{code}", page=f"/j/{code}")
    with app.app_context():
        seeding.reveal(rated)
        state.start(assessment_id=rated, person_id=None, attendance="9 people")
        db.session.commit()
    companion = f"/assessments/{rated}/meeting"
    member, coach = signed_in(cast.member), signed_in(cast.coach)
    for browser in (member, coach, client):
        said = browser.send(f"{companion}/here", {"here": "yes"}, page=companion)
        assert said.location == f"{companion}#here"
    assert "The minutes say that you were here." in page_of(member, rated)
    assert "count you as here, without your name" in page_of(client, rated)
    words = "Coach, Member and 1 without an account. 9 people"
    for path in ("agree", "minutes"):
        assert words in coach.get(f"/assessments/{rated}/{path}").get_data(as_text=True)
    coach.send(f"{companion}/here", {"here": "no"}, page=companion)
    assert "Member and 1 without" in coach.get(f"/assessments/{rated}/minutes").text
    with app.app_context():
        finish_all(rated)
    assert member.send(f"{companion}/here", {"here": "no"}).status_code == 409


def test_no_more_than_10_statements(
    app: Flask, cast: Cast, signed_in: SignedIn, voting: int, count_statements: CountStatements
) -> None:
    member = signed_in(cast.member)
    with count_statements() as seen:
        page_of(member, voting)
    assert len(seen) <= 10
    token = member.csrf_token(f"/assessments/{voting}/meeting")
    fields = {"level": "2", "number": "1", "csrf_token": token}
    with count_statements() as seen:
        member.post(f"/assessments/{voting}/meeting/{FIRST.key}/vote", data=fields)
    assert len(seen) <= 10


def test_a_vote_of_one_device_is_not_that_of_a_person(app: Flask, cast: Cast, voting: int) -> None:
    with app.app_context():
        rating = newest_rating(voting)
        for rater in (Rater(person_id=cast.member), Rater(rating_id=rating)):
            revotes.vote(
                assessment_id=voting,
                milestone=FIRST.key,
                number=1,
                rater=rater,
                value=AnswerValue.level(2),
            )
        db.session.commit()
        assert [one.votes for one in get_revotes(voting, FIRST).rounds] == [2]


def newest_rating(assessment: int) -> int:
    found = db.session.scalars(
        select(Rating.id).filter_by(assessment_id=assessment).order_by(Rating.id.desc())
    ).first()
    assert found is not None
    return found
