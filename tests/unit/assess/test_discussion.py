"""How the agenda counts what is left, where it goes on, and how it says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assess.answers import AnswerValue
from assess.meeting.discussion import Discussion, Item
from assess.meeting.pace import Pace
from assess.queries.agreements import Agreement
from assess.queries.meetings import MeetingState, Parked
from core import clock
from tests.unit.assess.test_agenda import result

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
AGREED = Agreement(AnswerValue.level(2), rationale="", dissent="", mark="x")
WAITS = Parked("Ask the pharmacy", NOON)


def talk(*items: Item, at: str | None = None, ended: datetime | None = None) -> Discussion:
    meeting = MeetingState(
        version=4,
        milestone=at,
        started_at=NOON,
        ended_at=ended,
        planned_until=NOON + timedelta(minutes=60),
        planned_each=900,
        timer_ends_at=None,
        timer_left=None,
        attendance="",
        present=(),
        parked={},
    )
    return Discussion(items, meeting, since="last quarter", raters=2)


def item(number: int, agreed: Agreement | None = None, parked: Parked | None = None) -> Item:
    return Item(result(number, [2, 3]), "Block", agreed, parked)


def test_it_goes_on_past_what_is_agreed_or_parked_and_round_past_the_end() -> None:
    one, two, three, four = item(0), item(1, agreed=AGREED), item(2, parked=WAITS), item(3)
    found = talk(one, two, three, four)
    assert found.following(one) is four
    assert found.following(four) is one
    assert (found.before(one), found.after(one)) == (None, two)
    assert found.progress_words == "1 of 4 milestones agreed"
    with clock.frozen_at(NOON + timedelta(minutes=30)):
        pace = found.pace
    assert pace == Pace(left=3, seconds=1800, planned=900)


def test_what_was_parked_comes_back_when_nothing_else_is_left() -> None:
    done, parked = item(0, agreed=AGREED), item(1, parked=WAITS)
    found = talk(done, parked, at=done.key)
    assert found.following() is None
    assert found.next_up is parked
    assert talk(done).next_up is None
    pace = talk(done).pace
    assert pace is not None
    assert (pace.words, pace.is_behind) == ("", False)


def test_a_meeting_that_ended_stands_nowhere() -> None:
    only = item(0)
    assert talk(only, at=only.key).at is only
    assert talk(only, at=only.key, ended=NOON).at is None
    assert talk(only, ended=NOON).pace is None
