"""Which scores of an earlier version of a questionnaire may be compared with the present one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from questionnaires import catalog
from questionnaires.instrument import Instrument, MilestoneChange, VersionChange
from research.comparable import comparable_keys

FIRST = catalog.get("six_building_blocks")
KEYS = [milestone.key for milestone in FIRST.milestones]
ALL = {"overall", *(block.id for block in FIRST.blocks), *KEYS}


def same(key: str, *, comparable: bool = True) -> MilestoneChange:
    return MilestoneChange(key, (key,), "reworded", comparable)


def later(version: str, *changes: MilestoneChange) -> Instrument:
    history = (VersionChange(FIRST.version, changes),) if changes else ()
    return replace(FIRST, version=version, history=history)


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.4.0"])
def test_within_a_major_version_everything_is_comparable(version: str) -> None:
    assert set(comparable_keys(later(version), FIRST)) == ALL


def test_over_a_major_version_nothing_is_without_a_map() -> None:
    assert comparable_keys(later("2.0.0"), FIRST) == {}


def test_a_whole_map_makes_everything_comparable() -> None:
    newer = later("2.0.0", *map(same, KEYS))
    assert set(comparable_keys(newer, FIRST)) == ALL


def test_one_milestone_that_is_not_takes_its_block_and_the_overall_score_with_it() -> None:
    changes = [same(key, comparable=key != KEYS[0]) for key in KEYS]
    for version in ("2.0.0", "1.1.0"):
        found = set(comparable_keys(later(version, *changes), FIRST))
        assert ALL - found == {"overall", FIRST.blocks[0].id, KEYS[0]}


def test_a_split_milestone_is_not_comparable_and_an_added_one_is_new() -> None:
    split = MilestoneChange(KEYS[0], (KEYS[0], KEYS[1]), "split", True)
    added = MilestoneChange(None, (KEYS[2],), "added", False)
    found = comparable_keys(later("2.0.0", split, added, *map(same, KEYS[3:])), FIRST)
    assert not found.keys() & {*KEYS[:3], FIRST.blocks[0].id, "overall"}
    assert found[FIRST.blocks[1].id] == FIRST.blocks[1].id


def test_a_milestone_that_was_renamed_is_found_under_its_old_key() -> None:
    block = FIRST.blocks[0]
    renamed = replace(block.milestones[0], key="new-name")
    newer = replace(
        FIRST,
        version="2.0.0",
        blocks=(replace(block, milestones=(renamed, *block.milestones[1:])), *FIRST.blocks[1:]),
        history=(
            VersionChange(
                "1.0.0",
                (MilestoneChange(KEYS[0], ("new-name",), "moved", True), *map(same, KEYS[1:])),
            ),
        ),
    )
    found = comparable_keys(newer, FIRST)
    assert found["new-name"] == KEYS[0]
    assert found[block.id] == block.id
