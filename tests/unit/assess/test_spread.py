"""How votes spread and what a second vote changed, in words."""

from __future__ import annotations

import pytest

from assess.findings import MilestoneResult
from assess.meeting.agenda import suggested_level
from assess.meeting.spread import (
    Spread,
    change_words,
    rated_spread,
    spread_of,
    voted_words,
    with_spread,
)
from questionnaires import catalog

MILESTONE = catalog.get("six_building_blocks").milestones[0]


def spread(*levels: int, dont_know: int = 0, not_applicable: int = 0) -> Spread:
    given: dict[tuple[str, int | None], int] = {
        ("level", level): levels.count(level) for level in levels
    }
    given["dont_know", None] = dont_know
    given["not_applicable", None] = not_applicable
    return spread_of(MILESTONE, given)


def test_levels_are_counted_along_the_whole_scale() -> None:
    found = spread(2, 2, 4, dont_know=1)
    assert [(one.value, one.band, one.count) for one in found.counts] == [
        (1, 1, 0),
        (2, 2, 2),
        (3, 3, 0),
        (4, 4, 1),
    ]
    assert (found.lowest, found.highest, found.given) == (2, 4, 4)


@pytest.mark.parametrize(
    ("levels", "words"),
    [((1, 4), "1 to 4"), ((2, 2, 2), "all at 2"), ((3,), "1 vote for 3"), ((), "no level")],
)
def test_the_range_in_words(levels: tuple[int, ...], words: str) -> None:
    assert spread(*levels).range_words == words


def test_the_sentence_of_change() -> None:
    assert change_words(spread(1, 4), spread(2, 3)) == "Before: 1 to 4. Now: 2 to 3."
    assert change_words(spread(1, 2), spread(2, 2)) == "Before: 1 to 2. Now: all at 2."
    assert change_words(spread(dont_know=2), spread(2)) == "Before: no level. Now: 1 vote for 2."


def test_who_gave_no_level() -> None:
    assert spread(1).other_words == ""
    assert spread(dont_know=2, not_applicable=1).other_words == (
        "2 did not know, 1 said it does not apply"
    )


@pytest.mark.parametrize(
    ("votes", "raters", "words"),
    [
        (0, 12, "Nobody has voted yet"),
        (1, 12, "1 of 12 has voted"),
        (7, 12, "7 of 12 have voted"),
        (3, 2, "3 have voted"),
    ],
)
def test_how_far_a_vote_has_come(votes: int, raters: int, words: str) -> None:
    assert voted_words(votes, raters) == words


def test_the_rules_of_the_agenda_read_a_second_vote_like_ratings() -> None:
    given = spread(1, 1, 4)
    first = MilestoneResult(MILESTONE, given.counts, 0, 0, None, "", None, ())
    again = with_spread(first, spread(2, 3, 3))
    assert suggested_level(first) == 1
    assert suggested_level(again) == 3
    assert rated_spread(again).range_words == "2 to 3"
