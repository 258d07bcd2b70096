"""No mean of a milestone, and none that follows from the block's score, rests on few raters."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assess.rollup.table import LevelCounts, RollupTable
from questionnaires import catalog
from research.bundle.content import AssessmentReading, MilestoneReading, ValueState
from research.bundle.milestones import milestones_of
from research.few import of_few_raters, values_of_many

INSTRUMENT = catalog.get("six_building_blocks")
KEYS = tuple(one.key for one in INSTRUMENT.milestones)
SECOND_LEVEL = 1


def shown(given: list[int], *, agreed: bool = False) -> set[str]:
    """The milestones whose mean is told when so many gave them a level."""
    counts = np.zeros((1, len(KEYS), 4), dtype=np.int32)
    counts[0, :, SECOND_LEVEL] = given
    part = LevelCounts(np.array([0]), KEYS, np.ones(len(KEYS), dtype=np.int64), counts)
    (values,) = values_of_many(part, INSTRUMENT, np.array([agreed]))
    assert set(values[~np.isnan(values)].tolist()) <= {2.0}
    return {key for key, value in zip(KEYS, values.tolist(), strict=True) if value == value}


def in_bundle(given: list[int]) -> set[str]:
    reading = AssessmentReading(
        1,
        {},
        None,
        {key: MilestoneReading(None, (0, n, 0, 0)) for key, n in zip(KEYS, given, strict=True)},
    )
    found = milestones_of(INSTRUMENT, reading, 8)
    return {key for key, one in found.items() if one.rated and one.rated.state is ValueState.LEVEL}


@given(st.lists(st.integers(0, 8), min_size=len(KEYS), max_size=len(KEYS)))
def test_what_is_left_out_of_a_block_rests_on_five_levels_or_none(given: list[int]) -> None:
    sizes = dict(zip(KEYS, given, strict=True))
    told, bundled = shown(given), in_bundle(given)
    assert all(sizes[key] >= 5 for key in told)
    assert bundled <= told
    for block in INSTRUMENT.blocks:
        left_out = [one.key for one in block.milestones if one.key not in told]
        levels = sum(sizes[key] for key in left_out)
        assert levels == 0 or levels >= 5 or len(left_out) == len(block.milestones)
        if levels:  # both leave out the same, otherwise the one would tell what the other hides
            assert {key for key in left_out if sizes[key]} == {
                one.key for one in block.milestones if one.key not in bundled and sizes[one.key]
            }


def test_one_mean_does_not_follow_from_the_others() -> None:
    block = INSTRUMENT.blocks[0]
    alone = block.milestones[1].key
    sizes = {key: 1 if key == alone else 7 for key in KEYS}
    told = shown(list(sizes.values()))
    assert len(KEYS) - len(told) == 2
    assert sorted(one.key for one in block.milestones if one.key not in told) == sorted(
        {alone, min(one.key for one in block.milestones if one.key != alone)}
    )


def test_what_a_team_agreed_on_is_told() -> None:
    assert shown([1] * len(KEYS), agreed=True) == set(KEYS)


def test_only_means_of_one_or_two_ratings_are_no_score() -> None:
    bases = ("agreed", "imported", "ratings")
    rows = [(0, 1), (1, 0), (2, 1), (2, 2), (2, 3)]
    count = np.arange(len(rows))
    table = RollupTable(
        assessment_ids=count,
        clinic_ids=count,
        quarters=count * 0,
        quarter_names=("2026Q1",),
        version_ids=count * 0,
        bases=np.array([basis for basis, _ in rows]),
        basis_names=bases,
        raters=np.array([raters for _, raters in rows]),
        keys=("overall",),
        scores=np.ones((len(rows), 1)),
        levels={},
    )
    assert of_few_raters(table).tolist() == [False, False, True, True, False]
