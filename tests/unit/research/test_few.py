"""No mean of a milestone, and none that follows from the block's score, rests on few raters."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.rollup.table import LevelCounts, RollupTable
from questionnaires import catalog
from research.bundle.content import AssessmentReading, MilestoneReading, ValueState
from research.bundle.milestones import milestones_of
from research.few import scores_of_few, scores_of_many, values_of_many

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


@settings(deadline=None)
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


def rollups(bases: list[int], raters: list[int], given: list[list[int]]) -> RollupTable:
    """One assessment each, with a score of every block; `given` has the levels by milestone."""
    rows = np.arange(len(bases))
    counts = np.zeros((len(bases), len(KEYS), 4), dtype=np.int32)
    counts[:, :, SECOND_LEVEL] = given
    keys = (*(block.id for block in INSTRUMENT.blocks), "overall")
    return RollupTable(
        assessment_ids=rows,
        clinic_ids=rows,
        quarters=rows * 0,
        quarter_names=("2026Q1",),
        version_ids=rows * 0 + 1,
        bases=np.array(bases),
        basis_names=("agreed", "imported", "ratings"),
        raters=np.array(raters),
        keys=keys,
        scores=np.ones((len(bases), len(keys))),
        levels={1: LevelCounts(rows, KEYS, np.ones(len(KEYS), dtype=np.int64), counts)},
    )


def test_only_means_of_one_or_two_ratings_are_no_score() -> None:
    raters = [1, 0, 1, 2, 3]
    table = rollups([0, 1, 2, 2, 2], raters, [[count] * len(KEYS) for count in raters])
    scores, withheld = scores_of_many(table, {1: INSTRUMENT})
    assert withheld.tolist() == [False, False, True, True, False]
    assert np.isnan(scores).all(axis=1).tolist() == withheld.tolist()


def test_a_block_of_which_most_know_nothing_is_no_score_either() -> None:
    """Six rate; to the last block two gave a level, to the others all but one."""
    last = INSTRUMENT.blocks[-1]
    few = [2 if key in {one.key for one in last.milestones} else 5 for key in KEYS]
    scores, withheld = scores_of_many(rollups([2, 0], [6, 6], [few, few]), {1: INSTRUMENT})
    assert withheld.tolist() == [True, False]
    hidden = np.flatnonzero(np.isnan(scores[0])).tolist()
    places = [block.id for block in INSTRUMENT.blocks]
    assert len(hidden) == 2  # one alone would follow from the overall score
    assert places.index(last.id) in hidden
    assert not np.isnan(scores[1]).any()


def test_what_all_blocks_withhold_the_overall_score_does_not_tell() -> None:
    assert scores_of_few({"a": 2, "b": 1}) == {"a", "b", "overall"}
    assert scores_of_few({"a": 2}) == {"a", "overall"}
    assert scores_of_few({"a": 3, "b": 4}) == set()
