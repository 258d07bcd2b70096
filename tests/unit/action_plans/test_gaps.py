"""Gaps are read off milestone results with the questionnaire's own words and scale."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from action_plans.gaps import gap_of, level_words, standing_of, step_of, steps_of, targets_of
from action_plans.plan import default_due
from action_plans.rules import is_open
from assess.answers import DONT_KNOW, NOT_APPLICABLE, AnswerValue
from assess.findings import LevelCount, MilestoneResult
from assess.quarters import Quarter
from questionnaires import catalog

BLOCK = catalog.get("six_building_blocks").blocks[2]
MILESTONE = BLOCK.milestones[0]
RUBRIC = catalog.get("six_building_blocks_maturity").blocks[0].milestones[0]


def result(*levels: int, **changes: object) -> MilestoneResult:
    base = MilestoneResult(
        milestone=MILESTONE,
        counts=tuple(LevelCount(value, value, levels.count(value)) for value in range(1, 5)),
        dont_know=0,
        not_applicable=0,
        agreed=None,
        rationale="",
        last=None,
        notes=(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_gap_rests_on_the_ratings_until_the_team_agrees() -> None:
    gap = gap_of(BLOCK, result(1, 1, 2, 4, dont_know=1))
    assert (gap.value, gap.spread, gap.raters, gap.unknown) == (2.0, 3, 5, 1)
    assert not gap.agreed
    agreed = gap_of(BLOCK, result(1, 1, 2, 4, agreed=AnswerValue.level(1)))
    assert (agreed.value, agreed.agreed, agreed.spread) == (1, True, 3)


def test_not_applicable_counts_when_nobody_gave_a_level_or_the_team_said_so() -> None:
    assert gap_of(BLOCK, result(not_applicable=2)).not_applicable
    assert not gap_of(BLOCK, result(2, not_applicable=2)).not_applicable
    assert gap_of(BLOCK, result(2, agreed=NOT_APPLICABLE)).not_applicable


def test_a_team_that_does_not_know_has_something_to_find_out() -> None:
    gap = gap_of(BLOCK, result(agreed=DONT_KNOW))
    assert gap.value is None
    assert is_open(gap)
    assert not is_open(gap_of(BLOCK, result()))


def test_steps_carry_the_milestones_own_words() -> None:
    steps = steps_of(MILESTONE)
    assert [step.level for step in steps] == [1, 2, 3, 4]
    assert steps[1].description == MILESTONE.levels[2]
    assert step_of(MILESTONE, 3) == steps[2]
    with pytest.raises(KeyError):
        step_of(MILESTONE, 5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "Not known yet"),
        (2.0, "2 Begun"),
        (1.4, "1 Not started (average 1.4)"),
        (3.98, "3 Partly in place (average 4.0)"),
    ],
)
def test_levels_in_words(value: float | None, words: str) -> None:
    assert level_words(MILESTONE, value) == words


def test_a_rubric_of_twelve_has_four_levels() -> None:
    assert [step.low for step in steps_of(RUBRIC)] == [1, 4, 7, 10]
    assert standing_of(RUBRIC, 6).level == 2
    assert [step.level for step in targets_of(RUBRIC, 6)] == [3, 4]
    assert level_words(RUBRIC, 6.0).endswith("(6)")
    assert level_words(RUBRIC, 6.5).endswith("(average 6.5)")


def test_targets_lie_above_the_value() -> None:
    assert [step.level for step in targets_of(MILESTONE, 2.0)] == [3, 4]
    assert [step.level for step in targets_of(MILESTONE, None)] == [1, 2, 3, 4]
    assert [step.level for step in targets_of(MILESTONE, 4.0)] == [4]


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 10, 5), date(2026, 11, 2)),  # four weeks on
        (date(2026, 12, 20), date(2026, 12, 31)),  # the quarter ends before
        (date(2026, 9, 1), date(2026, 10, 29)),  # written ahead of the quarter
        (date(2027, 1, 10), date(2027, 2, 7)),  # the quarter is over: never a day in the past
    ],
)
def test_a_new_action_is_due_within_the_quarter_if_it_can(today: date, due: date) -> None:
    assert default_due(Quarter(2026, 4), today) == due
