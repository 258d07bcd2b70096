"""What is typed for an item of a paper form, and where two entries of one form differ."""

from __future__ import annotations

import re

import pytest

from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerValue, StoredAnswer
from assess.paper.comparing import AnotherForm, differences
from assess.paper.reading import key_of, read_key
from questionnaires import catalog

LEVELS = catalog.get("six_building_blocks")
TWELVE = catalog.get("six_building_blocks_maturity")
NINTH = LEVELS.milestones[8]
FOURTEENTH = LEVELS.milestones[13]
TWELFTHS = TWELVE.milestones[0]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1", AnswerValue.level(1)),
        (" 4 ", AnswerValue.level(4)),
        ("02", AnswerValue.level(2)),
        ("d", DONT_KNOW),
        ("D", DONT_KNOW),
        ("n", NOT_APPLICABLE),
        ("", UNANSWERED),
        ("  ", UNANSWERED),
    ],
)
def test_keys_of_an_item_that_may_not_apply(typed: str, expected: AnswerValue) -> None:
    assert read_key(typed, FOURTEENTH) == expected


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("7", "Item 9: “7” is not 1-4 or D."),
        ("0", "Item 9: “0” is not 1-4 or D."),
        ("-1", "Item 9: “-1” is not 1-4 or D."),
        ("³", "Item 9: “³” is not 1-4 or D."),
        ("three", "Item 9: “three” is not 1-4 or D."),
        ("a\0b\n", "Item 9: “ab” is not 1-4 or D."),
        ("n", "Item 9: it applies to every clinic. Enter 1-4 or D."),
    ],
)
def test_a_mistake_names_its_item_and_what_may_stand_there(typed: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        read_key(typed, NINTH)


def test_a_mistake_on_an_item_that_may_not_apply_offers_n() -> None:
    with pytest.raises(ValueError, match="Item 14: “5” is not 1-4, N or D"):
        read_key("5", FOURTEENTH)


@pytest.mark.parametrize("level", range(1, 13))
def test_a_scale_to_twelve_takes_two_digits(level: int) -> None:
    assert read_key(str(level), TWELFTHS) == AnswerValue.level(level)
    assert read_key(f"{level:02}", TWELFTHS) == AnswerValue.level(level)


@pytest.mark.parametrize("typed", ["13", "00", "001"])
def test_other_numbers_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="is not 1-12 or D"):
        read_key(typed, TWELFTHS)


@pytest.mark.parametrize("value", [*map(AnswerValue.level, (1, 4)), DONT_KNOW, NOT_APPLICABLE])
def test_an_answer_is_shown_as_it_is_typed(value: AnswerValue) -> None:
    assert read_key(key_of(value), FOURTEENTH) == value
    assert key_of(UNANSWERED) == ""


def stored(levels: dict[int, AnswerValue]) -> dict[str, StoredAnswer]:
    keys = [one.key for one in LEVELS.milestones]
    return {keys[at - 1]: StoredAnswer(keys[at - 1], value, "", 1) for at, value in levels.items()}


def given(levels: dict[int, AnswerValue]) -> dict[str, AnswerValue]:
    return {key: one.value for key, one in stored(levels).items()}


def test_entries_are_compared_item_by_item() -> None:
    first = stored({1: AnswerValue.level(2), 2: DONT_KNOW, 3: UNANSWERED, 5: AnswerValue.level(1)})
    second = given({1: AnswerValue.level(3), 2: DONT_KNOW, 4: AnswerValue.level(4)})
    found = differences(LEVELS, first, second)
    assert [(one.milestone.number, one.first, one.second) for one in found] == [
        (1, AnswerValue.level(2), AnswerValue.level(3)),
        (4, UNANSWERED, AnswerValue.level(4)),
        (5, AnswerValue.level(1), UNANSWERED),
    ]


@pytest.mark.parametrize(("apart", "is_shown"), [(8, True), (9, False)])
def test_entries_that_differ_in_more_than_a_third_show_nothing(apart: int, is_shown: bool) -> None:
    first = stored(dict.fromkeys(range(1, 27), AnswerValue.level(2)))
    second = given({at: AnswerValue.level(3 if at <= apart else 2) for at in range(1, 27)})
    if is_shown:
        assert len(differences(LEVELS, first, second)) == apart
    else:
        with pytest.raises(AnotherForm, match="Too many answers differ"):
            differences(LEVELS, first, second)
