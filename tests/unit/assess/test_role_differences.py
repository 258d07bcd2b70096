"""Sentences on how far apart job roles see things, from the counts the page may show."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from accounts.job_roles import JOB_ROLES
from assess.agreement.role_differences import _CALLED, MOST_SENTENCES, Difference, role_differences
from assess.answers import DONT_KNOW, AnswerValue
from assess.job_roles import EVERYONE_ELSE, ByRole, RoleCount, by_role
from questionnaires import catalog

FOUR = catalog.get("six_building_blocks")
TWELVE = catalog.get("six_building_blocks_maturity")
TRACKING = FOUR.blocks[2]


def results(
    levels: Mapping[str, Mapping[str, int]], instrument: object = FOUR, others: int = 2
) -> ByRole:
    """Five of each job role; `levels` by role and milestone key, all other milestones `others`."""
    assert instrument in (FOUR, TWELVE)
    chosen = FOUR if instrument is FOUR else TWELVE
    return by_role(
        chosen,
        dict.fromkeys(levels, 5),
        [
            RoleCount(one.key, role, AnswerValue.level(given.get(one.key, others)), 5)
            for role, given in levels.items()
            for one in chosen.milestones
        ],
    )


def all_at(block: object, level: int) -> dict[str, int]:
    found = next(one for one in (*FOUR.blocks, *TWELVE.blocks) if one is block)
    return {one.key: level for one in found.milestones}


def sentences(found: ByRole) -> list[str]:
    return [one.sentence for one in role_differences(found)]


def test_a_block_two_levels_apart() -> None:
    found = results({"Front desk": all_at(TRACKING, 1), "Physician": all_at(TRACKING, 3)})
    assert sentences(found) == [
        "The front desk sees “Tracking and monitoring patient care” two levels lower than "
        "physicians (1.0 against 3.0)."
    ]


def test_one_milestone_of_a_block_that_is_alike_otherwise() -> None:
    first = TRACKING.milestones[0]
    found = results({"Nurse": {first.key: 4}, "Medical assistant": {first.key: 3}})
    assert sentences(found) == [
        f"Medical assistants see “{first.title}” one level lower than nurses (3.0 against 4.0)."
    ]


def test_a_named_group_speaks_before_everyone_else() -> None:
    below = Difference("X", EVERYONE_ELSE, 1.0, "Front desk", 3.0, 2.0).sentence
    above = Difference("X", "Front desk", 1.0, EVERYONE_ELSE, 3.0, 2.0).sentence
    start = "The front desk sees “X” two levels"
    assert below == f"{start} higher than everyone else (3.0 against 1.0)."
    assert above == f"{start} lower than everyone else (1.0 against 3.0)."


def test_less_than_a_level_is_no_sentence() -> None:
    half = [one.key for one in TRACKING.milestones][::2]
    mixed = dict.fromkeys(half, 2)
    assert sentences(results({"Nurse": mixed, "Front desk": {}})) == []


def test_on_twelve_steps_three_are_a_level() -> None:
    block = TWELVE.blocks[2]
    near = results({"Nurse": all_at(block, 7), "Front desk": all_at(block, 5)}, TWELVE, others=6)
    assert sentences(near) == []
    far = results({"Nurse": all_at(block, 10), "Front desk": all_at(block, 5)}, TWELVE, others=6)
    assert sentences(far) == [
        f"The front desk sees “{block.title}” one and a half levels lower than nurses "
        "(5.0 against 10.0)."
    ]


def test_blocks_come_first_then_the_widest_and_not_all() -> None:
    low = dict.fromkeys((one.key for one in FOUR.milestones), 1)
    high = {one.key: 2 for one in FOUR.milestones} | all_at(TRACKING, 4)
    found = role_differences(results({"Nurse": low, "Pharmacist": high}))
    assert len(found) == MOST_SENTENCES
    assert found[0].subject == TRACKING.title
    assert [one.subject for one in found[1:]] == [
        block.title for block in FOUR.blocks if block is not TRACKING
    ]


def test_a_hidden_milestone_is_left_out_of_the_blocks_mean() -> None:
    first, *rest = TRACKING.milestones
    counts = [
        RoleCount(one.key, role, AnswerValue.level(level), 5)
        for role, level in (("Nurse", 3), ("Front desk", 1))
        for one in rest
    ]
    few = [
        RoleCount(first.key, "Nurse", AnswerValue.level(1), 4),
        RoleCount(first.key, "Front desk", AnswerValue.level(4), 5),
        RoleCount(TRACKING.milestones[1].key, "Nurse", DONT_KNOW, 1),
    ]
    (one,) = role_differences(by_role(FOUR, {"Nurse": 6, "Front desk": 5}, counts + few))
    assert (one.subject, one.lower_mean, one.higher_mean) == (TRACKING.title, 1.0, 3.0)


def test_one_group_alone_has_nobody_to_differ_from() -> None:
    assert role_differences(results({"Nurse": all_at(TRACKING, 1)})) == ()


def test_every_job_role_has_a_name_for_sentences() -> None:
    assert set(JOB_ROLES) < _CALLED.keys()


@pytest.mark.parametrize(
    ("levels", "words"),
    [(1.0, "one level"), (1.3, "one and a half levels"), (1.8, "two levels"),
     (3.0, "three levels")],
)  # fmt: skip
def test_levels_are_said_to_the_nearest_half(levels: float, words: str) -> None:
    sentence = Difference("X", "Dietitian", 1.0, "Nurse", 2.0, levels).sentence
    assert sentence.startswith(
        f"People with the job role “Dietitian” see “X” {words} lower than nurses"
    )
