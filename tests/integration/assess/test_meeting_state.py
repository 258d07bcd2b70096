"""Where a meeting stands is the same for all its screens, and nobody moves it behind another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from assess.following import steps
from assess.meeting import parking, state
from assess.meeting.holding import NotRevealed
from assess.queries.meetings import MeetingState, get_meeting
from core import clock
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
FIRST, SECOND, THIRD, *_ = (one.key for one in catalog.get("six_building_blocks").milestones)
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def revealed(app: Flask, cast: Cast) -> int:
    with app.app_context():
        assessment_id = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment_id, cast.member, 2)
        seeding.reveal(assessment_id)
    return assessment_id


def meeting(assessment_id: int) -> MeetingState:
    db.session.commit()
    found = get_meeting(assessment_id)
    assert found is not None
    return found


def test_every_change_that_screens_show_has_a_version_of_its_own(app: Flask, revealed: int) -> None:
    """A step more is a version more; what changes nothing leaves it."""
    changes: list[Callable[[], object]] = [
        lambda: state.start(assessment_id=revealed, person_id=None, attendance="9 people"),
        lambda: state.go_to(assessment_id=revealed, milestone=FIRST, seen_at=None),
        lambda: state.start_timer(assessment_id=revealed),
        lambda: state.pause_timer(assessment_id=revealed),
        lambda: state.stop_timer(assessment_id=revealed),
        lambda: parking.park(assessment_id=revealed, milestone=SECOND, reason="Ask the pharmacy"),
        lambda: parking.unpark(assessment_id=revealed, milestone=SECOND),
        lambda: steps.close(assessment_id=revealed, reason=""),
        lambda: steps.reopen(assessment_id=revealed, reason="We forgot one"),
    ]
    with app.app_context():
        seen = []
        for change in changes:
            change()
            seen.append(meeting(revealed).version)
        state.go_to(assessment_id=revealed, milestone=FIRST, seen_at=None)
        parking.unpark(assessment_id=revealed, milestone=SECOND)
        assert seen == sorted(set(seen))
        assert meeting(revealed).version == seen[-1]
        assert meeting(revealed).attendance == "9 people"


def test_without_a_meeting_there_is_nothing_to_touch(app: Flask, revealed: int) -> None:
    with app.app_context():
        assert state.touch(revealed) is None
        assert get_meeting(revealed) is None


def test_two_facilitators_do_not_drag_each_other_away(app: Flask, revealed: int) -> None:
    with app.app_context():
        state.go_to(assessment_id=revealed, milestone=FIRST, seen_at=None)
        with pytest.raises(state.MovedMeanwhile) as moved:
            state.go_to(assessment_id=revealed, milestone=SECOND, seen_at=None)
        assert moved.value.milestone == FIRST
        state.go_to(assessment_id=revealed, milestone=SECOND, seen_at=FIRST)
        assert meeting(revealed).milestone == SECOND


def test_a_running_timer_begins_again_with_the_next_milestone(app: Flask, revealed: int) -> None:
    with app.app_context():
        with clock.frozen_at(NOON):
            state.start(assessment_id=revealed, person_id=None, minutes=26 * 4)
            state.go_to(assessment_id=revealed, milestone=FIRST, seen_at=None)
            assert meeting(revealed).timer_ends_at is None
            state.start_timer(assessment_id=revealed)
        with clock.frozen_at(NOON + timedelta(minutes=3)):
            assert meeting(revealed).seconds_left == 60
            state.go_to(assessment_id=revealed, milestone=SECOND, seen_at=FIRST)
            # 101 minutes for 26, in half minutes
            assert meeting(revealed).seconds_left == 210
        with clock.frozen_at(NOON + timedelta(hours=1)):
            assert meeting(revealed).seconds_left == 0
            state.go_to(assessment_id=revealed, milestone=None, seen_at=SECOND)
        assert meeting(revealed).timer_ends_at is None


def test_a_timer_pauses_and_goes_on_where_it_stood(app: Flask, revealed: int) -> None:
    with app.app_context():
        with clock.frozen_at(NOON):
            state.go_to(assessment_id=revealed, milestone=FIRST, seen_at=None)
            state.pause_timer(assessment_id=revealed)
            assert meeting(revealed).timer_left is None, "it did not run"
            state.start_timer(assessment_id=revealed)
        with clock.frozen_at(NOON + timedelta(minutes=1)):
            state.pause_timer(assessment_id=revealed)
        assert (meeting(revealed).timer_left, meeting(revealed).timer_ends_at) == (120, None)
        with clock.frozen_at(NOON + timedelta(minutes=9)):
            state.start_timer(assessment_id=revealed)
            assert (meeting(revealed).seconds_left, meeting(revealed).timer_left) == (120, None)
            state.pause_timer(assessment_id=revealed)
            state.go_to(assessment_id=revealed, milestone=SECOND, seen_at=FIRST)
            assert (meeting(revealed).timer_left, meeting(revealed).timer_ends_at) == (None, None)


def test_the_plan_stays_until_somebody_sets_another_one(app: Flask, revealed: int) -> None:
    with app.app_context():
        with clock.frozen_at(NOON):
            state.start(assessment_id=revealed, person_id=None)
        with clock.frozen_at(NOON + timedelta(minutes=20)):
            state.start(assessment_id=revealed, person_id=None, attendance="9", minutes=None)
            found = meeting(revealed)
            assert (found.plan_left, found.planned_each) == (40 * 60, 60 * 60 // 26)
            state.start(assessment_id=revealed, person_id=None, minutes=90)
            found = meeting(revealed)
            assert (found.plan_left, found.planned_each) == (90 * 60, 90 * 60 // 26)
        for minutes in (0, state.MOST_MINUTES + 1):
            with pytest.raises(state.SettingsRefused):
                state.start(assessment_id=revealed, person_id=None, minutes=minutes)


def test_parking_goes_on_to_the_first_that_is_open(app: Flask, revealed: int) -> None:
    with app.app_context():
        parking.park(assessment_id=revealed, milestone=SECOND, reason="")
        state.go_to(assessment_id=revealed, milestone=FIRST, seen_at=None)
        onward = parking.park(
            assessment_id=revealed, milestone=FIRST, reason="No log", onward=[SECOND, THIRD]
        )
        assert onward == THIRD == meeting(revealed).milestone
        assert [(key, one.reason) for key, one in meeting(revealed).parked.items()] == [
            (SECOND, ""),
            (FIRST, "No log"),
        ]


def test_nothing_begins_before_the_reveal(app: Flask, cast: Cast) -> None:
    with app.app_context():
        hidden = seeding.open_assessment(cast.clinic)
        with pytest.raises(NotRevealed):
            state.start(assessment_id=hidden, person_id=None)


def test_screens_ask_cheaply_and_are_told_only_what_is_new(
    app: Flask,
    cast: Cast,
    signed_in: SignedIn,
    revealed: int,
    count_statements: CountStatements,
) -> None:
    member, path = signed_in(cast.member), f"/assessments/{revealed}/meeting/state"
    assert member.get(path).json == {
        "version": 0,
        "milestone": None,
        "timer_ends_at": None,
        "ended": False,
    }
    with app.app_context(), clock.frozen_at(NOON):
        state.go_to(assessment_id=revealed, milestone=FIRST, seen_at=None)
        state.start_timer(assessment_id=revealed)
        db.session.commit()
    answer = member.get(path)
    assert answer.json is not None
    assert answer.json["milestone"] == FIRST
    assert answer.json["timer_ends_at"] == "2026-09-01T12:03:00+00:00"
    assert answer.headers["Cache-Control"] == "no-store"
    with count_statements() as seen:
        again = member.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert len(seen) <= 2
    stale = member.get(path, headers={"If-None-Match": '"1"'})
    assert stale.status_code == 200


def test_before_the_reveal_there_is_nothing_to_follow(
    app: Flask, cast: Cast, signed_in: SignedIn
) -> None:
    with app.app_context():
        hidden = seeding.open_assessment(cast.clinic)
    for who in ("member", "lead", "coach", "stranger"):
        browser = signed_in(cast.people[who])
        assert browser.get(f"/assessments/{hidden}/meeting/state").status_code in {403, 404}
