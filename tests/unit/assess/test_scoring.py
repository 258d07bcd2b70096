"""Scoring against a slow second implementation in exact fractions, and against its promises."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.answers import (
    DONT_KNOW,
    NOT_APPLICABLE,
    UNANSWERED,
    Answers,
    AnswerState,
    AnswerValue,
)
from assess.scoring import AssessmentScores, Basis, BlockScore, score_assessment
from questionnaires.instrument import (
    Band,
    Block,
    Instrument,
    License,
    Milestone,
    Scale,
    Scoring,
)

FOUR = Scale(
    id="levels",
    minimum=1,
    maximum=4,
    bands=tuple(Band(level=n, low=n, high=n, label=f"Level {n}") for n in range(1, 5)),
    met=4,
    under_way=2,
    strong=3,
)
TWELVE = replace(
    FOUR,
    maximum=12,
    bands=tuple(Band(level=n, low=3 * n - 2, high=3 * n, label=f"Band {n}") for n in range(1, 5)),
    met=10,
    under_way=4,
    strong=7,
)


def questionnaire(
    sizes: Sequence[int] = (3, 4, 1), *, scale: Scale = FOUR, **scoring: Any
) -> Instrument:
    """A questionnaire with blocks a, b, c ... whose milestones are called a1, a2 ..."""
    blocks = []
    number = 0
    for position, size in enumerate(sizes):
        name = "abcdefgh"[position]
        milestones = []
        for index in range(1, size + 1):
            number += 1
            milestones.append(
                Milestone(
                    key=f"{name}{index}",
                    number=number,
                    title="Title",
                    meaning="Meaning",
                    scale=scale,
                    levels=MappingProxyType(dict.fromkeys(range(1, 5), "Text")),
                    na_allowed=True,
                    na_reason=None,
                    evidence=None,
                    tips=(),
                    resources=(),
                    currency=None,
                )
            )
        blocks.append(
            Block(
                id=name,
                number=position + 1,
                title=name,
                why="Why",
                milestones=tuple(milestones),
                challenges=(),
            )
        )
    rules: dict[str, Any] = {
        "block": "mean",
        "overall": "mean_of_blocks",
        "minimum_answered": 0.5,
    } | scoring
    return Instrument(
        slug="test",
        version="1.0.0",
        title="Test",
        language="en-US",
        summary="Summary",
        help="Help",
        license=License(id="CC-BY-4.0", holder="Us", statement="Ours"),
        sources=(),
        scales=MappingProxyType({"levels": scale}),
        scoring=Scoring(**rules),
        blocks=tuple(blocks),
        resources=MappingProxyType({}),
        history=(),
        sha256="0" * 64,
        document="",
    )


INSTRUMENT = questionnaire()
KEYS = [milestone.key for milestone in INSTRUMENT.milestones]


def levels(text: str, keys: Sequence[str] = KEYS) -> dict[str, AnswerValue]:
    """ "34-?." reads: 3, 4, not applicable, don't know, unanswered."""
    words = {"-": NOT_APPLICABLE, "?": DONT_KNOW, ".": UNANSWERED}
    return {
        key: words[sign] if sign in words else AnswerValue.level(int(sign))
        for key, sign in zip(keys, text, strict=True)
    }


answer = st.one_of(
    st.integers(1, 4).map(AnswerValue.level),
    st.sampled_from([NOT_APPLICABLE, DONT_KNOW, UNANSWERED]),
)
rater = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, answer))
team = st.lists(rater, max_size=5)
rules = st.fixed_dictionaries(
    {
        "block": st.sampled_from(["mean", "median", "sum"]),
        "overall": st.sampled_from(["mean_of_blocks", "mean_of_milestones"]),
        "minimum_answered": st.sampled_from([0.0, 0.5, 1.0]),
    }
)


# The second implementation: slow, in exact fractions, written from DESIGN §2 and not from the code.


def slow_value(key: str, sources: Sequence[Answers]) -> Fraction | None:
    given = [source[key].value for source in sources if key in source]
    numbers = [number for number in given if number is not None]
    return Fraction(sum(numbers), len(numbers)) if numbers else None


def slow_score(
    instrument: Instrument,
    keys: Sequence[str],
    sources: Sequence[Answers],
    how: str,
    minimum: float,
) -> Fraction | None:
    values = []
    applicable = 0
    for key in keys:
        value = slow_value(key, sources)
        if value is not None:
            values.append(value)
            applicable += 1
        elif not any(s.get(key, UNANSWERED).state is AnswerState.NOT_APPLICABLE for s in sources):
            applicable += 1
    if not values or Fraction(len(values)) < Fraction(minimum) * applicable:
        return None
    values.sort()
    if how == "median":
        middle = len(values) // 2
        return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
    return sum(values, Fraction(0)) / (1 if how == "sum" else len(values))


def slow_blocks(
    instrument: Instrument, ratings: Sequence[Answers], agreed: Answers | None
) -> list[tuple[Fraction | None, int, list[Fraction]]]:
    """Per block: its score, milestones met, the raters' own scores."""
    sources = [agreed] if agreed else ratings
    how, minimum = instrument.scoring.block, instrument.scoring.minimum_answered
    found = []
    for block in instrument.blocks:
        keys = [milestone.key for milestone in block.milestones]
        values = [slow_value(key, sources) for key in keys]
        met = len([value for value in values if value is not None and value >= 4])
        own = [slow_score(instrument, keys, [one], how, minimum) for one in ratings]
        score = slow_score(instrument, keys, sources, how, minimum)
        found.append((score, met, [one for one in own if one is not None]))
    return found


def slow_overall(
    instrument: Instrument, ratings: Sequence[Answers], agreed: Answers | None
) -> Fraction | None:
    if instrument.scoring.overall == "mean_of_milestones":
        keys = [milestone.key for milestone in instrument.milestones]
        minimum = instrument.scoring.minimum_answered
        return slow_score(instrument, keys, [agreed] if agreed else ratings, "mean", minimum)
    blocks = [score for score, _, _ in slow_blocks(instrument, ratings, agreed)]
    scores = [score for score in blocks if score is not None]
    if not scores or len(scores) < Fraction(len(blocks), 2):
        return None
    return sum(scores, Fraction(0)) / len(scores)


def same(fast: float | None, slow: Fraction | None) -> bool:
    if fast is None or slow is None:
        return fast is None and slow is None
    return math.isclose(fast, slow, rel_tol=1e-12)


@given(rules, team, st.none() | rater)
def test_scores_equal_those_of_the_slow_implementation(
    scoring: dict[str, Any], ratings: list[Answers], agreed: Answers | None
) -> None:
    instrument = questionnaire(**scoring)
    scores = score_assessment(instrument, ratings, agreed)
    slow = slow_blocks(instrument, ratings, agreed)
    for fast, (score, met, own) in zip(scores.blocks, slow, strict=True):
        assert same(fast.score, score)
        assert fast.met == met
        if len(own) < 2:
            assert fast.sd is None
        else:
            assert fast.sd == pytest.approx(statistics.stdev(map(float, own)), abs=1e-12)
    assert same(scores.overall, slow_overall(instrument, ratings, agreed))


@given(team, st.none() | rater)
def test_scores_stay_on_the_scale(ratings: list[Answers], agreed: Answers | None) -> None:
    scores = score_assessment(INSTRUMENT, ratings, agreed)
    for block in scores.blocks:
        assert block.score is None or 1 <= block.score <= 4
        assert 0 <= block.met <= block.answered <= block.milestones
        assert 0 <= block.raters <= len(ratings)
        assert block.sd is None or 0 <= block.sd <= 3
    assert scores.overall is None or 1 <= scores.overall <= 4


@given(team, st.randoms())
def test_order_of_raters_and_milestones_changes_nothing(
    ratings: list[Answers], random: Any
) -> None:
    expected = score_assessment(INSTRUMENT, ratings)
    shuffled = [
        {key: one[key] for key in random.sample(list(one), len(one))}
        for one in random.sample(ratings, len(ratings))
    ]
    blocks = tuple(replace(block, milestones=block.milestones[::-1]) for block in INSTRUMENT.blocks)
    turned = replace(INSTRUMENT, blocks=blocks)
    assert score_assessment(INSTRUMENT, shuffled) == expected
    assert score_assessment(turned, shuffled) == expected


@given(st.lists(st.just(levels("--------")), min_size=1, max_size=4), st.booleans())
def test_nothing_that_applies_gives_no_score_and_never_zero(
    ratings: list[Answers], agree: bool
) -> None:
    scores = score_assessment(INSTRUMENT, ratings, ratings[0] if agree else None)
    assert [block.score for block in scores.blocks] == [None, None, None]
    assert [block.required for block in scores.blocks] == [0, 0, 0]
    assert scores.overall is None


@given(rules, st.lists(rater, min_size=1, max_size=4), st.data())
def test_a_level_raised_never_lowers_a_score(
    scoring: dict[str, Any], ratings: list[dict[str, AnswerValue]], data: st.DataObject
) -> None:
    low = [
        (index, key)
        for index, one in enumerate(ratings)
        for key, answer in one.items()
        if answer.value is not None and answer.value < 4
    ]
    if not low:
        return
    index, key = data.draw(st.sampled_from(low))
    value = ratings[index][key].value
    assert value is not None
    raised = list(ratings)
    raised[index] = {**ratings[index], key: AnswerValue.level(value + 1)}
    instrument = questionnaire(**scoring)
    before, after = (score_assessment(instrument, team) for team in (ratings, raised))
    pairs = [(one.score, two.score) for one, two in zip(before.blocks, after.blocks, strict=True)]
    for old, new in [*pairs, (before.overall, after.overall)]:
        assert (old is None) is (new is None)
        assert old is None or new is None or new >= old
    assert after.milestones_met >= before.milestones_met


def scored(text: str, *more: str, agreed: str | None = None, **scoring: Any) -> AssessmentScores:
    ratings = [levels(one) for one in (text, *more)]
    return score_assessment(questionnaire(**scoring), ratings, levels(agreed) if agreed else None)


def test_one_rating_scores_as_its_own_means() -> None:
    scores = scored("12344442")
    assert scores.basis is Basis.RATINGS
    assert scores.block("a") == BlockScore(
        block="a", score=2.0, answered=3, required=1.5, milestones=3, raters=1, sd=None, met=0
    )
    assert scores.block("b").met == 4
    assert scores.overall == pytest.approx((2 + 4 + 2) / 3)
    assert (scores.milestones_met, scores.milestones_answered, scores.milestones) == (4, 8, 8)


def test_raters_are_averaged_per_milestone_before_milestones() -> None:
    # a1 has mean (1+3)/2 = 2 and a2 one rater's 4: 3.0, where a pool of three levels gives 2.67.
    scores = scored("14......", "3.......")
    assert scores.block("a").score == 3.0
    assert scores.block("a").raters == 2


def test_spread_is_between_the_raters_own_scores() -> None:
    scores = scored("111.....", "333.....", ".......4")
    assert scores.block("a").sd == pytest.approx(math.sqrt(2))
    assert scores.block("c").sd is None
    assert scores.raters == 3


def test_agreed_levels_win_and_keep_the_spread_of_the_ratings() -> None:
    scores = scored("11111111", "33333333", agreed="2224444-")
    assert scores.basis is Basis.AGREED
    assert [block.score for block in scores.blocks] == [2, 4, None]
    assert scores.block("a").sd == pytest.approx(math.sqrt(2))
    assert scores.block("c").raters == 2


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("44..", 4.0),  # half is enough
        ("4...", None),
        ("4??.", None),  # "don't know" does not shrink the block
        ("4--.", 4.0),  # one of two that apply
        ("4-..", None),  # one of three that apply
        ("4---", 4.0),
        ("----", None),
    ],
)
def test_half_of_the_milestones_that_apply_must_have_a_level(
    text: str, score: float | None
) -> None:
    assert scored("..." + text + ".").block("b").score == score


def test_a_milestone_applies_when_one_rater_gave_it_a_level() -> None:
    block = scored("...-....", "...3....").block("b")
    assert (block.answered, block.required) == (1, 2.0)


def test_met_needs_the_mean_of_the_raters_to_reach_the_level() -> None:
    assert scored("44......", "43......").block("a").met == 1


def test_overall_needs_half_of_the_blocks() -> None:
    assert scored("1114444.").overall == 2.5
    assert scored("111.....").overall is None


def test_the_file_decides_how_to_score() -> None:
    text = "11412344"
    assert scored(text, block="median").block("a").score == 1
    assert scored(text, block="sum").block("a").score == 6
    assert scored(text, overall="mean_of_milestones").overall == pytest.approx(20 / 8)
    assert scored("4..44444", minimum_answered=0.0).block("a").score == 4
    with pytest.raises(ValueError, match="mode"):
        scored(text, block="mode")
    with pytest.raises(ValueError, match="mode"):
        scored(text, overall="mode")


def test_eleven_of_twenty_are_enough_for_a_share_of_0_55() -> None:
    instrument = questionnaire((20,), minimum_answered=0.55)
    keys = [milestone.key for milestone in instrument.milestones]
    for answered, score in ((10, None), (11, 3.0)):
        answers = levels("3" * answered + "." * (20 - answered), keys)
        assert score_assessment(instrument, [answers]).blocks[0].score == score


def test_another_scale_has_its_own_levels_and_its_own_meaning_of_met() -> None:
    instrument = questionnaire((2,), scale=TWELVE)
    scores = score_assessment(
        instrument, [{"a1": AnswerValue.level(10), "a2": AnswerValue.level(9)}]
    )
    assert scores.overall == 9.5
    assert scores.milestones_met == 1


def test_no_rating_gives_no_score() -> None:
    scores = score_assessment(INSTRUMENT, [])
    assert scores.overall is None
    assert all(block.score is None for block in scores.blocks)


def test_answers_the_questionnaire_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="no milestone 'z9'"):
        score_assessment(INSTRUMENT, [{"z9": DONT_KNOW}])
    with pytest.raises(ValueError, match="5 is not a level"):
        score_assessment(INSTRUMENT, [{"a1": AnswerValue.level(5)}])
    with pytest.raises(KeyError):
        score_assessment(INSTRUMENT, []).block("z")


@pytest.mark.parametrize("state", list(AnswerState))
def test_only_a_level_carries_a_number(state: AnswerState) -> None:
    right, wrong = (3, None) if state is AnswerState.LEVEL else (None, 3)
    assert AnswerValue(state, right).answered is (state is not AnswerState.UNANSWERED)
    with pytest.raises(ValueError, match="does not go with"):
        AnswerValue(state, wrong)
