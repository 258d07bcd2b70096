"""The facilitator's pages work without scripts, name what is wrong, and move nobody unasked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from assess.meeting import state
from assess.queries.meetings import get_meeting
from core import clock
from core.db import db
from questionnaires import catalog
from tests import seeding
from tests.cast import Cast
from tests.conftest import CountStatements
from tests.meeting_team import rate_as_team
from tests.pages import CheckingClient

SignedIn = Callable[[int], CheckingClient]
KEYS = [one.key for one in catalog.get("six_building_blocks").milestones]
WIDE_SCALE = "six_building_blocks_maturity"


@pytest.fixture
def meeting(app: Flask, cast: Cast) -> int:
    """Two have rated, and the team talks about the first milestone of the questionnaire."""
    with app.app_context():
        assessment_id = seeding.open_assessment(cast.clinic)
        seeding.rate_all(assessment_id, cast.member, 2)
        seeding.rate_all(assessment_id, cast.second_member, 3)
        seeding.reveal(assessment_id)
        state.go_to(assessment_id=assessment_id, milestone=KEYS[0], seen_at=None)
        db.session.commit()
    return assessment_id


def test_it_starts_at_the_first_on_the_agenda(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        assessment = rate_as_team(cast)
    lead, page = signed_in(cast.lead), f"/assessments/{assessment}/agree"
    to_meeting = f"/assessments/{assessment}/meeting"
    wrong = {"attendance": "MRN 12345678 came along", "minutes": "0"}
    refused = lead.send(to_meeting, wrong, page=page)
    assert refused.status_code == 422
    text = refused.get_data(as_text=True)
    assert text.count("Enter a whole number from 1 to 480.") == 2
    assert "MRN 12345678 came along" in text
    right = {"attendance": "12 people", "minutes": "104", "shown": ""}
    started = lead.send(to_meeting, right, page=page)
    assert started.location is not None
    assert started.location.startswith(f"{page}/")
    shown = lead.get(started.location).get_data(as_text=True)
    assert "1 of 26 on the agenda, 0 agreed" in shown
    assert "26 left in 1 hour 44 minutes: about 4 minutes each." in shown
    assert "You are behind" not in shown
    # from now on the same form changes the settings and leaves the meeting where it is
    again = {"attendance": "13 people", "minutes": "104", "shown": "104"}
    assert lead.send(to_meeting, again, page=page).location == page
    agenda = lead.get(page).get_data(as_text=True)
    assert "Here today: 13 people" in agenda
    assert 'name="shown" type="hidden" value="104"' in agenda
    with clock.frozen_at(clock.now() + timedelta(minutes=80)):
        assert "<strong>You are behind.</strong> 26 left in 24 minutes" in lead.get(page).text
    with clock.frozen_at(clock.now() + timedelta(hours=6)):  # the team meets again
        later = lead.get(page).text
        assert "26 left. The planned time is over." in later
        assert 'name="minutes" required type="number" value="60"' in later


def test_a_page_elsewhere_says_where_the_meeting_is_and_moves_it_only_when_asked(
    app: Flask, cast: Cast, signed_in: SignedIn, meeting: int
) -> None:
    lead, page = signed_in(cast.lead), f"/assessments/{meeting}/agree/{KEYS[5]}"
    title = catalog.get("six_building_blocks").milestones[0].title
    assert f"The meeting is at “{title}”" in lead.get(page).get_data(as_text=True)
    move = f"/assessments/{meeting}/meeting/move"
    dragged = lead.send(move, {"at": KEYS[3], "milestone": KEYS[5]}, page=page)
    assert dragged.status_code == 409
    assert title in dragged.get_data(as_text=True)
    assert lead.send(move, {"at": KEYS[0], "milestone": KEYS[5]}, page=page).location == page
    assert "The meeting is at" not in lead.get(page).get_data(as_text=True)
    assert lead.send(move, {"at": KEYS[5], "milestone": "x"}, page=page).status_code == 404


def test_without_scripts_the_timer_is_a_sentence(
    app: Flask, cast: Cast, signed_in: SignedIn, meeting: int
) -> None:
    lead, page = signed_in(cast.lead), f"/assessments/{meeting}/agree/{KEYS[0]}"
    timer = f"/assessments/{meeting}/meeting/timer"
    assert lead.send(timer, {"timer": "start", "page": KEYS[0]}, page=page).location == page
    assert "About 3 minutes left" in lead.get(page).get_data(as_text=True)
    lead.send(timer, {"timer": "pause", "page": KEYS[0]}, page=page)
    assert " left, paused" in lead.get(page).get_data(as_text=True)
    assert " left, paused" in lead.get(f"/assessments/{meeting}/meeting").get_data(as_text=True)
    assert lead.send(timer, {"timer": "stop", "page": "//evil"}, page=page).location == (
        f"/assessments/{meeting}/agree"
    )
    assert "Start the timer" in lead.get(page).get_data(as_text=True)


def test_what_is_parked_waits_on_the_agenda(
    app: Flask, cast: Cast, signed_in: SignedIn, meeting: int
) -> None:
    lead, agenda = signed_in(cast.lead), f"/assessments/{meeting}/agree"
    page = f"{agenda}/{KEYS[0]}"
    refused = lead.send(f"{page}/park", {"reason": "x" * 501}, page=page)
    assert (refused.status_code, "Use no more than 500" in refused.get_data(as_text=True)) == (
        422,
        True,
    )
    onward = lead.send(f"{page}/park", {"reason": "Ask the pharmacy"}, page=page)
    assert onward.location not in {page, agenda}
    assert "Ask the pharmacy" in lead.get(agenda).get_data(as_text=True)
    assert lead.send(f"{page}/unpark", page=page).location == agenda
    with app.app_context():
        found = get_meeting(meeting)
        assert found is not None
        assert dict(found.parked) == {}


def test_a_reason_to_park_is_not_lost_when_another_agreed_meanwhile(
    cast: Cast, signed_in: SignedIn, meeting: int
) -> None:
    lead, coach = signed_in(cast.lead), signed_in(cast.coach)
    page = f"/assessments/{meeting}/agree/{KEYS[0]}"
    lead.send(page, {"level": "2"}, page=page)
    refused = coach.send(f"{page}/park", {"reason": "Ask the pharmacy"}, page=page)
    assert refused.status_code == 409
    assert "agreed in another window, so it is not parked. You typed: “Ask the" in refused.text
    assert "Agreed now: <strong>2 Begun</strong>" in refused.text


def test_a_level_at_once_counts_more_than_the_one_chosen_beside_it(
    cast: Cast, signed_in: SignedIn, meeting: int
) -> None:
    lead, page = signed_in(cast.lead), f"/assessments/{meeting}/agree/{KEYS[0]}"
    assert lead.send(page, {"level": "4", "at-once": "2"}, page=page).status_code == 302
    assert "Agreed now: <strong>2 Begun</strong>" in lead.get(page).get_data(as_text=True)


def test_levels_to_twelve_fit_as_well(app: Flask, cast: Cast, signed_in: SignedIn) -> None:
    with app.app_context():
        assessment = seeding.open_assessment(cast.clinic, questionnaire=WIDE_SCALE)
        seeding.rate_all(assessment, cast.member, 5)
        seeding.rate_all(assessment, cast.second_member, 11)
        seeding.reveal(assessment)
    key = catalog.get(WIDE_SCALE).milestones[0].key
    page = signed_in(cast.lead).get(f"/assessments/{assessment}/agree/{key}")
    text = page.get_data(as_text=True)
    assert 'data-key="12"' in text
    assert "Split between 5 and 11: in doubt, the lower." in text


def test_a_running_meeting_costs_no_more_than_12_statements(
    app: Flask, cast: Cast, signed_in: SignedIn, count_statements: CountStatements
) -> None:
    with app.app_context():
        assessment = rate_as_team(cast)
        state.go_to(assessment_id=assessment, milestone=KEYS[0], seen_at=None)
        db.session.commit()
    lead = signed_in(cast.lead)
    for path in ("", f"/{KEYS[0]}"):
        with count_statements() as seen:
            text = lead.get(f"/assessments/{assessment}/agree{path}").get_data(as_text=True)
        assert len(seen) <= 12
    assert "Front desk" in text
