"""The same raters beside all: only where nobody's answers can be read or worked out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.answers import DONT_KNOW, AnswerValue
from assess.quarters import Quarter
from questionnaires import catalog
from research.raters import RatedAgain, Sheet, changed_raters, compare, rated_again

START = Quarter(2025, 1)
INSTRUMENT = catalog.get("six_building_blocks")
People = list[int | None]


def sheets(*quarters: People, clinic: int = 1) -> list[Sheet]:
    """Who rated in each quarter; None is somebody without an account."""
    return [
        Sheet(1000 * clinic + 100 * place + number, clinic, START + place, 1, person)
        for place, people in enumerate(quarters)
        for number, person in enumerate(people)
    ]


def shown(*quarters: People) -> list[int]:
    """The places of quarters that may be compared with the one before."""
    return [one.after - START for one in rated_again(sheets(*quarters))]


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], True),
        ([1, 2, 3, 4], [1, 2, 3, 4], False),  # too few
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], False),  # the sixth would be all minus same
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5], False),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, None], False),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9, None], True),
        ([None] * 6, [None] * 6, False),
    ],
)
def test_a_pair_of_quarters_shows_when_all_groups_are_large(
    before: People, after: People, may: bool
) -> None:
    assert bool(shown(before, after)) is may


def test_two_comparisons_may_not_tell_together_what_neither_tells_alone() -> None:
    ten: People = list(range(1, 11))
    # same with the first quarter: 1 to 5; with the third: 1 to 6; the difference is one person
    first: People = [1, 2, 3, 4, 5]
    assert shown(first, ten, [1, 2, 3, 4, 5, *range(21, 26)]) == [1, 2]
    eleven: People = [*ten, 11]
    assert shown(first, eleven, [1, 2, 3, 4, 5, 6]) == [1]


# as bits of a number, which is quicker to draw than a list
people = st.integers(0, 2**14 - 1).map(lambda bits: [at for at in range(14) if bits >> at & 1])


@given(st.lists(people, min_size=2, max_size=4))
def test_no_group_that_can_be_worked_out_is_small(quarters: list[People]) -> None:
    found = rated_again(sheets(*quarters))
    by_rating = {one.rating_id: one.person_id for one in sheets(*quarters)}

    def names(ratings: tuple[int, ...]) -> set[int | None]:
        return {by_rating[rating] for rating in ratings}

    for one in found:
        groups = [(one.same_before, one.all_before), (one.same_after, one.all_after)]
        for same, every in groups:
            assert len(same) >= 5
            assert len(every) - len(same) not in range(1, 5)
    for one, other in pairwise(found):
        if one.after == other.before:
            a, b = names(one.same_after), names(other.same_before)
            sizes = (len(a - b), len(b - a), len(a & b), len(names(one.all_after) - a - b))
            assert not any(0 < size < 5 for size in sizes)


def test_a_quarter_with_mostly_new_raters_is_named() -> None:
    old: People = [1, 2, 3, 4]
    new: People = [1, 11, 12, 13]
    times = [START, START + 1, START + 2]
    assert changed_raters(sheets(old, old, new), times) == (START + 2,)
    assert changed_raters(sheets(old, [None] * 4, old), times) == ()
    assert changed_raters(sheets(old, [1, 2, 13, 14], old), times) == ()


def test_scores_of_the_same_raters_stand_beside_those_of_all() -> None:
    before: People = [1, 2, 3, 4, 5]
    after: People = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    both = [*sheets(before, after), *sheets(before, after, clinic=2)]
    keys = [milestone.key for milestone in INSTRUMENT.milestones]
    answers = {
        one.rating_id: dict.fromkeys(keys, AnswerValue.level(2 if (one.person_id or 0) <= 5 else 4))
        for one in both
    }
    versions = dict.fromkeys(answers, INSTRUMENT)
    pairs: tuple[RatedAgain, ...] = rated_again(both)
    times = [START, START + 1]
    for key in ("overall", INSTRUMENT.blocks[0].id, keys[0]):
        (found,) = compare(pairs, times, answers, versions, key)
        assert (found.clinics, found.same, found.every) == (2, (2.0, 2.0), (2.0, 3.0))
    assert compare(pairs, times, answers, versions, "overall", smallest=3) == ()


def test_who_gave_a_score_no_level_is_no_company_for_those_who_did() -> None:
    everybody: People = [1, 2, 3, 4, 5]
    both = sheets(everybody, everybody)
    block, other = INSTRUMENT.blocks[:2]
    answers = {
        one.rating_id: {
            milestone.key: AnswerValue.level(3) if of is other or one.person_id == 1 else DONT_KNOW
            for of in INSTRUMENT.blocks
            for milestone in of.milestones
        }
        for one in both
    }
    versions = dict.fromkeys(answers, INSTRUMENT)
    times = [START, START + 1]
    for key in (block.id, block.milestones[0].key):
        assert compare(rated_again(both), times, answers, versions, key) == ()
    for key in (other.id, other.milestones[0].key, "overall"):
        assert len(compare(rated_again(both), times, answers, versions, key)) == 1
