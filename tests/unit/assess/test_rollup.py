"""A rollup says what the scores say, to the last bit, and its counts are all of the levels."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.answers import DONT_KNOW, NOT_APPLICABLE, UNANSWERED, AnswerValue
from assess.rollup.making import (
    imported_rollup,
    rollups_of,
    unpack_counts,
    unpack_scores,
)
from assess.rollup.table import LevelCounts
from assess.scoring import Basis, milestone_value, score_assessment
from tests.unit.assess.test_scoring import (
    INSTRUMENT,
    KEYS,
    TWELVE,
    levels,
    questionnaire,
    rules,
)

FROM_TWO = replace(TWELVE, minimum=2)


def sheets(random: np.random.Generator, most: int) -> list[dict[str, AnswerValue]]:
    """Up to so many raters with levels, silence and the other answers mixed."""
    kinds = [NOT_APPLICABLE, DONT_KNOW, UNANSWERED, *map(AnswerValue.level, (1, 2, 3, 4))]
    return [
        {key: kinds[random.integers(len(kinds))] for key in KEYS if random.random() < 0.8}
        for _ in range(random.integers(most + 1))
    ]


@settings(deadline=None)
@given(drawn=st.integers(0, 2**32), rule=rules)
def test_the_scores_are_those_of_the_assessment_to_the_bit(
    drawn: int, rule: dict[str, Any]
) -> None:
    random = np.random.default_rng(drawn)
    ratings, agreed = sheets(random, 5), next(iter(sheets(random, 1)), {})
    instrument = questionnaire(**rule)
    scores = [score_assessment(instrument, ratings)]
    if agreed:
        scores.append(score_assessment(instrument, ratings, agreed))
    rollups = rollups_of(instrument, ratings, agreed, scores)
    assert [one.basis for one in rollups] == [one.basis for one in scores]
    for rollup, one in zip(rollups, scores, strict=True):
        assert unpack_scores(rollup.scores) == (*(b.score for b in one.blocks), one.overall)
        assert rollup.raters == one.raters
    assert [one.basis for one in rollups if one.is_preferred] == [scores[-1].basis]


@settings(deadline=None)
@given(drawn=st.integers(0, 2**32))
def test_the_counts_give_back_the_value_of_every_milestone_to_the_bit(drawn: int) -> None:
    ratings = sheets(np.random.default_rng(drawn), 7)
    (rollup,) = rollups_of(INSTRUMENT, ratings, None, [score_assessment(INSTRUMENT, ratings)])
    counts = unpack_counts(INSTRUMENT, rollup.level_counts)
    table = LevelCounts(
        np.array([0]),
        tuple(counts),
        np.ones(len(counts), int),
        np.array([[*counts.values()]], dtype=np.int32),
    )
    found = dict(zip(counts, table.values()[0].tolist(), strict=True))
    for key, value in found.items():
        expected = milestone_value(key, ratings)
        assert (expected is None and value != value) or value == expected


def test_counts_stand_in_the_order_of_the_questionnaire_lowest_level_first() -> None:
    agreed = levels("134-?..4")
    ratings = [levels("1111....", list(agreed)), levels("2111...4", list(agreed))]
    scores = [
        score_assessment(INSTRUMENT, ratings),
        score_assessment(INSTRUMENT, ratings, agreed),
    ]
    said, together = rollups_of(INSTRUMENT, ratings, agreed, scores)
    assert unpack_counts(INSTRUMENT, said.level_counts) == {
        "a1": (1, 1, 0, 0), "a2": (2, 0, 0, 0), "a3": (2, 0, 0, 0), "b1": (2, 0, 0, 0),
        "b2": (0, 0, 0, 0), "b3": (0, 0, 0, 0), "b4": (0, 0, 0, 0), "c1": (0, 0, 0, 1),
    }  # fmt: skip
    found = unpack_counts(INSTRUMENT, together.level_counts)
    assert [found[key] for key in ("a1", "b1", "c1")] == [(1, 0, 0, 0), (0,) * 4, (0, 0, 0, 1)]
    assert together.raters == 2


def test_a_scale_need_not_start_at_one() -> None:
    instrument = questionnaire((2,), scale=FROM_TWO)
    answers = {"a1": AnswerValue.level(2), "a2": AnswerValue.level(12)}
    (rollup,) = rollups_of(instrument, [answers], None, [score_assessment(instrument, [answers])])
    assert unpack_counts(instrument, rollup.level_counts) == {
        "a1": (1,) + (0,) * 10,
        "a2": (0,) * 10 + (1,),
    }


def test_imported_scores_have_no_levels_and_may_lack_blocks() -> None:
    rollup = imported_rollup(INSTRUMENT, {"c": 2.5}, 3.25)
    assert (rollup.basis, rollup.is_preferred, rollup.raters) == (Basis.IMPORTED, True, 0)
    assert unpack_scores(rollup.scores) == (None, None, 2.5, 3.25)
    assert unpack_counts(INSTRUMENT, rollup.level_counts) == {}


def test_bytes_that_are_no_rollup_are_refused() -> None:
    with pytest.raises(struct.error):
        unpack_counts(INSTRUMENT, b"\0\0")
