"""The Six Building Blocks wording keeps its promises: complete, short, plain, American, current."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from questionnaires import catalog
from questionnaires.instrument import Block, Instrument, Milestone

INSTRUMENT = catalog.get("six_building_blocks", "1.0.0")
MOST_WORDS = 25
HIGHEST_GRADE = 8.5

BRITISH = re.compile(
    r"\b(?:\w*behaviour\w*|programmes?|centres?|centred|organis\w+|recognis\w+|standardis\w+|"
    r"summaris\w+|prioritis\w+|counsell\w+|labelled|practis\w+|colour\w*|favour\w*|diar(?:y|ies)|"
    r"licence|judgement|whilst|corridor)\b",
    re.IGNORECASE,
)
LABELS_FOR_PEOPLE = re.compile(
    r"\b(?:addicts?|abus(?:e|er|ers|ing)|users?|clean|dirty|(?:opioid|high-risk) patients?)\b",
    re.IGNORECASE,
)
KEPT_UP = re.compile(r"\b(?:past|last|each|every|in) (?:\w+ )?(?:months?|quarters?)\b", re.I)
OUTDATED = re.compile(r"(?:obtain|get|apply for|need|hold) (?:an? |the )?\S*waiver|waivered", re.I)


@pytest.mark.parametrize(
    ("block_id", "milestones", "challenges"),
    [
        ("leadership-consensus", 3, 3),
        ("policies-agreements-workflows", 4, 1),
        ("tracking-monitoring", 5, 3),
        ("planned-visits", 6, 5),
        ("complex-needs", 6, 3),
        ("measuring-success", 2, 2),
    ],
)
def test_block_is_complete(block_id: str, milestones: int, challenges: int) -> None:
    block = INSTRUMENT.block(block_id)
    assert len(block.milestones) == milestones
    assert len(block.challenges) == challenges
    assert block.why
    assert all(challenge.approaches for challenge in block.challenges)


def test_the_whole_has_26_milestones_and_104_level_descriptions() -> None:
    assert [block.number for block in INSTRUMENT.blocks] == [1, 2, 3, 4, 5, 6]
    assert [milestone.number for milestone in INSTRUMENT.milestones] == list(range(1, 27))
    assert len(list(_descriptions(INSTRUMENT))) == 104
    assert sum(len(block.challenges) for block in INSTRUMENT.blocks) == 17


def test_scale_words_and_rule_are_those_of_the_design() -> None:
    scale = INSTRUMENT.scales["levels"]
    assert [scale.label(value) for value in scale.values()] == [
        "Not started",
        "Begun",
        "Partly in place",
        "Consistently in place",
    ]
    assert (scale.met, scale.under_way, scale.strong) == (4, 2, 3)
    scoring = INSTRUMENT.scoring
    assert (scoring.block, scoring.overall) == ("mean", "mean_of_blocks")
    assert scoring.minimum_answered == 0.5


@pytest.mark.parametrize("milestone", INSTRUMENT.milestones, ids=lambda milestone: milestone.key)
def test_milestone_says_what_it_means_and_how_to_get_there(milestone: Milestone) -> None:
    assert list(milestone.levels) == [1, 2, 3, 4]
    assert milestone.meaning.count(". ") == 0, "the meaning is one sentence"
    assert milestone.meaning.endswith(".")
    assert milestone.evidence
    assert len(milestone.tips) >= 3
    assert milestone.resources
    for value, description in milestone.levels.items():
        assert len(description.split()) <= MOST_WORDS, f"level {value} is too long"
        assert description.endswith(".")


def test_every_level_description_is_distinct() -> None:
    descriptions = list(_descriptions(INSTRUMENT))
    assert len(set(descriptions)) == len(descriptions)


@pytest.mark.parametrize("milestone", INSTRUMENT.milestones, ids=lambda milestone: milestone.key)
def test_the_highest_level_is_kept_up_over_time(milestone: Milestone) -> None:
    assert KEPT_UP.search(milestone.levels[4]), "level 4 names no period or interval"


@pytest.mark.parametrize("block", INSTRUMENT.blocks, ids=lambda block: block.id)
def test_block_reads_at_about_grade_eight(block: Block) -> None:
    descriptions = [text for milestone in block.milestones for text in milestone.levels.values()]
    assert _grade(descriptions) <= HIGHEST_GRADE
    assert _grade(list(_texts_of(block))) <= HIGHEST_GRADE


def test_spelling_is_american() -> None:
    assert BRITISH.findall(INSTRUMENT.document) == []


def test_no_word_labels_a_person() -> None:
    texts = [text for block in INSTRUMENT.blocks for text in _texts_of(block)]
    assert [found for text in texts for found in LABELS_FOR_PEOPLE.findall(text)] == []


def test_advice_is_current() -> None:
    texts = [text for block in INSTRUMENT.blocks for text in _texts_of(block)]
    assert [text for text in texts if OUTDATED.search(text)] == []
    treatment = INSTRUMENT.milestone("oud-treatment-link").currency or ""
    assert "X-waiver ended on December 29, 2022" in treatment
    sharing = INSTRUMENT.milestone("information-sharing-resolved").currency or ""
    assert "February 16, 2026" in sharing
    assert "November 2022" in (INSTRUMENT.milestone("policy-aligned").currency or "")


def test_not_applicable_is_rare_and_explained() -> None:
    allowed = {milestone.key for milestone in INSTRUMENT.milestones if milestone.na_allowed}
    assert allowed == {"ehr-visit-templates", "information-sharing-resolved"}
    for key in allowed:
        assert (INSTRUMENT.milestone(key).na_reason or "").startswith("When ")


def test_license_says_it_is_neither_copy_nor_original() -> None:
    assert INSTRUMENT.license.id == "CC-BY-4.0"
    assert "not a copy" in INSTRUMENT.license.statement
    assert "not the original instrument" in INSTRUMENT.license.statement


def test_grade_grows_with_harder_text() -> None:
    easy = _grade(["The cat sat. It was fat."])
    hard = _grade(["Organizational characteristics determine the sustainability of interventions."])
    assert easy < HIGHEST_GRADE < hard


def _descriptions(instrument: Instrument) -> Iterator[str]:
    for milestone in instrument.milestones:
        yield from milestone.levels.values()


def _texts_of(block: Block) -> Iterator[str]:
    yield from (block.title, block.why)
    for milestone in block.milestones:
        yield from (milestone.title, milestone.meaning, milestone.evidence or "")
        yield from milestone.levels.values()
        yield from milestone.tips
        yield milestone.currency or ""
    for challenge in block.challenges:
        yield challenge.title
        yield from challenge.approaches


def _grade(texts: list[str]) -> float:
    """Flesch-Kincaid grade level; a compound such as "long-term" is one word of two parts."""
    sentences = [part for text in texts for part in re.split(r"(?<=[.!?:;])\s+", text) if part]
    words = [word for text in texts for word in re.findall(r"[\w'/-]+", text)]
    syllables = sum(_syllables(part) for word in words for part in word.split("-"))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    count = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le")
    return max(count - (1 if silent and count > 1 else 0), 1)
