"""What is left of a meeting's time for each milestone, when a team is behind, and the words."""

from __future__ import annotations

import pytest

from assess.meeting.pace import (
    Pace,
    clock_words,
    seconds_each,
    time_words,
    timer_words,
)
from assess.meeting.presence import Present, attendance_words
from core.lists import listed

SHARE = 60 * 60 // 26  # of an hour for 26 milestones


@pytest.mark.parametrize(
    ("left", "minutes", "is_behind", "words"),
    [
        (26, 60, False, "26 left in 1 hour: about 2½ minutes each"),
        (20, 41, False, "20 left in 41 minutes: about 2 minutes each"),
        (20, 31, False, "20 left in 31 minutes: about 1½ minutes each"),
        (20, 30, True, "20 left in 30 minutes: about 1½ minutes each"),
        (20, 20, True, "20 left in 20 minutes: about a minute each"),
        (20, 10, True, "20 left in 10 minutes: less than a minute each"),
        (1, 0, True, "1 left. The planned time is over"),
        (3, -12, True, "3 left. The planned time is over"),
        (0, -12, False, ""),
    ],
)
def test_a_team_is_behind_when_less_than_two_thirds_of_the_time_is_left_for_each(
    left: int, minutes: int, is_behind: bool, words: str
) -> None:
    pace = Pace(left, minutes * 60, SHARE)
    assert (pace.is_behind, pace.words) == (is_behind, words)


@pytest.mark.parametrize(
    ("seconds", "left", "each"),
    [
        (3600, 26, 120),  # 138 seconds, in half minutes
        (3600, 15, 240),
        (3600, 2, 600),  # ten minutes at most
        (600, 26, 60),  # one minute at least
        (-60, 3, 60),
        (900, 0, 600),
        (None, 26, 180),  # nobody planned an end
    ],
)
def test_the_timer_counts_an_even_share_of_what_is_left(
    seconds: int | None, left: int, each: int
) -> None:
    assert seconds_each(seconds, left) == each


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
    assert [clock_words(seconds) for seconds in (0, 65, 600)] == ["0:00", "1:05", "10:00"]
    assert (listed(("2", "3")), listed(("1", "2", "4"))) == ("2 and 3", "1, 2 and 4")


def test_the_minutes_name_who_wanted_to_be_named() -> None:
    assert attendance_words("", Present()) == ""
    assert attendance_words("9 people", Present(("Ana", "Bo"), 3)) == (
        "Ana, Bo and 3 without an account. 9 people"
    )
    assert attendance_words("", Present(devices=1)) == "1 without an account"
