"""Published questionnaires never change: clinics answered exactly this text.

A correction is a new version (patch for a typo, minor when levels stay comparable, major when
they do not), a new file beside the old one and a new line here.
"""

from __future__ import annotations

from questionnaires import catalog

PUBLISHED = {
    "six_building_blocks/1.0.0.yaml": (
        "1a8a8f97463f1376c24419943148d3939f4b34029418cb5ef534584b93810b68"
    ),
    "six_building_blocks_maturity/1.0.0.yaml": (
        "364e4b96307a7588f6665019dc9c64e173d200c5c123f2ffbf026daa6f173a9e"
    ),
}


def test_every_published_file_is_sound() -> None:
    for slug, version, path in catalog.published():
        instrument = catalog.load(path)
        assert (instrument.slug, instrument.version) == (slug, version)


def test_published_files_are_those_that_were_released() -> None:
    found = {f"{s}/{v}.yaml": catalog.load(path).sha256 for s, v, path in catalog.published()}
    assert found == PUBLISHED


def test_the_maturity_rubric_differs_in_everything_that_is_content() -> None:
    usual, rubric = catalog.get("six_building_blocks"), catalog.get("six_building_blocks_maturity")
    assert [len(block.milestones) for block in usual.blocks] == [3, 4, 5, 6, 6, 2]
    assert [len(block.milestones) for block in rubric.blocks] == [3, 4, 3, 3, 4, 2]
    assert sum(len(milestone.levels) for milestone in usual.milestones) == 104
    assert sum(len(milestone.levels) for milestone in rubric.milestones) == 76
    assert len(rubric.scales["maturity"].values()) == 12
    assert [band.high - band.low for band in rubric.scales["maturity"].bands] == [2, 2, 2, 2]
    assert usual.scoring != rubric.scoring
    words = [len(text.split()) for m in rubric.milestones for text in m.levels.values()]
    assert max(words) <= 30
    assert all(2 <= len(milestone.tips) <= 4 for milestone in rubric.milestones)
    assert all(block.challenges for block in rubric.blocks)
