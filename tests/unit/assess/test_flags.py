"""What is flagged for the talk: large steps without evidence, splits, not knowing, top sheets."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assess.findings import LevelCount, MilestoneResult
from assess.flags import FlagKind, milestone_flags, team_flags
from questionnaires import catalog

MILESTONES = catalog.get("six_building_blocks").milestones
TWELVE_STEPS = catalog.get("six_building_blocks_maturity").milestones[0]


def result(
    levels: Sequence[int],
    *,
    last: float | None = None,
    notes: Sequence[str] = (),
    dont_know: int = 0,
    not_applicable: int = 0,
    number: int = 0,
    twelve_steps: bool = False,
) -> MilestoneResult:
    milestone = TWELVE_STEPS if twelve_steps else MILESTONES[number]
    scale = milestone.scale
    return MilestoneResult(
        milestone=milestone,
        counts=tuple(
            LevelCount(value, scale.band_of(value).level, levels.count(value))
            for value in scale.values()
        ),
        dont_know=dont_know,
        not_applicable=not_applicable,
        agreed=None,
        rationale="",
        last=last,
        notes=tuple(notes),
    )


def kinds(one: MilestoneResult) -> list[FlagKind]:
    return [flag.kind for flag in milestone_flags(one)]


@pytest.mark.parametrize(
    ("levels", "last", "flagged"),
    [
        ([3, 3, 3], 1.0, True),
        ([3, 3, 1], 1.0, True),
        ([3, 3, 1, 1], 1.0, False),  # half is not more than half
        ([4, 2, 2], 1.0, False),  # one hopeful rater
        ([3, 3, 3], 1.4, False),
        ([4, 4, 4], 1.6, True),
        ([3, 3, 3], None, False),
        ([], 1.0, False),
        ([1, 1, 1], 3.0, False),  # falling is no reason for doubt
    ],
)
def test_two_levels_up_without_evidence(
    levels: list[int], last: float | None, flagged: bool
) -> None:
    assert (FlagKind.JUMP in kinds(result(levels, last=last))) is flagged


def test_evidence_settles_a_large_step() -> None:
    assert kinds(result([4, 4], last=1.0, notes=["Registry report of June"])) == []


def test_the_flag_names_the_quarter_it_compares_with() -> None:
    (flag,) = milestone_flags(result([4, 4], last=1.0), since="Q1 2026")
    assert "since Q1 2026" in flag.text


@pytest.mark.parametrize(
    ("levels", "flagged"),
    [
        ([1, 1, 3, 3], True),
        ([2, 2, 4, 4], True),
        ([1, 2, 4, 4], True),
        ([1, 3, 3, 3], False),  # it would point at one person
        ([1, 1, 2, 2], False),
        ([1, 1, 4], False),
        ([], False),
    ],
)
def test_a_wide_split_has_two_raters_on_each_side(levels: list[int], flagged: bool) -> None:
    assert (FlagKind.SPLIT in kinds(result(levels))) is flagged


@pytest.mark.parametrize(
    ("levels", "dont_know", "not_applicable", "flagged"),
    [
        ([2] * 4, 2, 0, True),
        ([2] * 5, 2, 0, False),
        ([2] * 2, 2, 2, True),
        ([2], 1, 0, False),
        ([], 2, 0, True),
        ([], 0, 0, False),
    ],
)
def test_many_do_not_know(
    levels: list[int], dont_know: int, not_applicable: int, flagged: bool
) -> None:
    one = result(levels, dont_know=dont_know, not_applicable=not_applicable)
    assert (FlagKind.UNKNOWN in kinds(one)) is flagged


def test_on_a_scale_of_twelve_steps_two_levels_are_six() -> None:
    assert kinds(result([7, 7], last=2.0, twelve_steps=True)) == []
    assert kinds(result([8, 8], last=2.0, twelve_steps=True)) == [FlagKind.JUMP]
    assert kinds(result([2, 2, 7, 7], twelve_steps=True)) == []
    assert kinds(result([2, 2, 8, 8], twelve_steps=True)) == [FlagKind.SPLIT]


def test_sheets_at_the_top_are_flagged_in_a_team_large_enough() -> None:
    (flag,) = team_flags([result([1, 4])], finished=5, top_sheets=1)
    assert flag.kind is FlagKind.TOP
    assert "At least one rating" in flag.text
    assert team_flags([result([4, 4])], finished=5, top_sheets=0) == ()


def test_in_a_small_team_no_sheet_is_told_of_only_what_the_counts_show() -> None:
    everywhere = [result([4, 2], number=number) for number in range(4)]
    (flag,) = team_flags(everywhere, finished=2, top_sheets=1)
    assert "rating puts" not in flag.text
    below = [*everywhere[:-1], result([3, 2], number=3)]
    assert team_flags(below, finished=2, top_sheets=1) == ()


def test_a_few_answers_at_the_top_say_nothing() -> None:
    hardly = [result([4]), *(result([], number=number) for number in range(1, 4))]
    assert team_flags(hardly, finished=1, top_sheets=0) == ()
    assert team_flags([], finished=0, top_sheets=0) == ()


@pytest.mark.parametrize("levels", [[1, 1, 4, 4], [3, 4, 2, 2, 1]])
def test_no_flag_names_a_number_of_raters_at_a_level(levels: list[int]) -> None:
    for flag in milestone_flags(result(levels, last=1.0)):
        assert not any(sign.isdigit() for sign in flag.text + flag.ask)
