"""How the agenda counts what is left, where it goes on, and how it says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assess.answers import AnswerValue
from assess.meeting.discussion import Discussion, Item, split_words, time_words, timer_words
from assess.queries.agreements import Agreement
from assess.queries.meetings import MeetingState, Parked
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
        minutes_each=3,
        timer_ends_at=None,
        attendance="",
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
    assert found.pace_words == "About 9 minutes left at 3 minutes each"


def test_what_was_parked_comes_back_when_nothing_else_is_left() -> None:
    done, parked = item(0, agreed=AGREED), item(1, parked=WAITS)
    found = talk(done, parked, at=done.key)
    assert found.following() is None
    assert found.next_up is parked
    assert talk(done).next_up is None
    assert talk(done).pace_words == ""


def test_a_meeting_that_ended_stands_nowhere() -> None:
    only = item(0)
    assert talk(only, at=only.key).at is only
    assert talk(only, at=only.key, ended=NOON).at is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1, "1 minute"), (57, "57 minutes"), (60, "1 hour"), (138, "2 hours 18 minutes")],
)
def test_minutes_are_said_as_people_say_them(minutes: int, words: str) -> None:
    assert time_words(minutes) == words


def test_a_timer_is_a_sentence_and_a_split_a_list() -> None:
    assert [timer_words(left) for left in (0, 59, 90, 180)] == [
        "Time is up",
        "Less than a minute left",
        "About 2 minutes left",
        "About 3 minutes left",
    ]
    assert (split_words((2, 3)), split_words((1, 2, 4))) == ("2 and 3", "1, 2 and 4")
