"""The suggestions are a total, explainable order: checked by examples and by properties."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from action_plans.rules import Gap, Step, next_step, standing, step_size, suggest

STEPS = (
    Step(1, 1, "Not started", "Nothing yet."),
    Step(2, 2, "Begun", "A first try."),
    Step(3, 3, "Partly in place", "Most days."),
    Step(4, 4, "Consistently in place", "Always."),
)
TWELVE = tuple(Step(n, 3 * n - 2, f"Level {n}", f"Text {n}.") for n in range(1, 5))


def gap(key: str = "registry", number: int = 1, **changes: object) -> Gap:
    base = Gap(
        key=key,
        number=number,
        title="There is a list of patients",
        block_id="tracking",
        block_title="Tracking",
        value=2.0,
        agreed=False,
        spread=0.0,
        raters=5,
        unknown=0,
        steps=STEPS,
        met=4.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def keys(*gaps: Gap) -> list[str]:
    return [suggestion.gap.key for suggestion in suggest(gaps)]


def test_it_puts_the_lowest_level_first() -> None:
    assert keys(gap("b", 2, value=2.0), gap("a", 3, value=1.0), gap("c", 1, value=3.2)) == [
        "a",
        "b",
        "c",
    ]


def test_it_prefers_the_smaller_step_within_a_level() -> None:
    assert keys(gap("far", 1, value=1.1), gap("near", 2, value=1.9)) == ["near", "far"]


def test_it_breaks_ties_by_disagreement_then_by_not_knowing_then_by_number() -> None:
    assert keys(
        gap("d", 4), gap("c", 3), gap("b", 2, unknown=2), gap("a", 1, spread=0.0, unknown=1)
    ) == ["b", "a", "c", "d"]
    assert keys(gap("calm", 1), gap("split", 2, spread=3.0)) == ["split", "calm"]


def test_it_leaves_out_what_is_met_or_does_not_apply_or_nobody_answered() -> None:
    assert (
        keys(
            gap("met", value=4.0),
            gap("na", value=None, not_applicable=True, unknown=3),
            gap("na-with-value", value=1.0, not_applicable=True),
            gap("silent", value=None, raters=0),
        )
        == []
    )


def test_it_suggests_what_nobody_knows_last() -> None:
    [first, last] = suggest([gap("unknown", 1, value=None, unknown=5), gap("known", 2, value=3.9)])
    assert (first.gap.key, last.gap.key) == ("known", "unknown")
    assert last.standing is None
    assert last.target.level == 1
    assert last.reasons == ("No level yet", "5 of 5 did not know")


def test_it_says_why_in_plain_words() -> None:
    [one] = suggest([gap(value=1.6, spread=3.0, unknown=3)])
    assert one.reasons == (
        "Stands at 1.6, the mean of the ratings",
        "One small step to level 2",
        "Ratings differ by 3 levels",
        "3 of 5 did not know",
    )
    [agreed] = suggest([gap(value=2.0, agreed=True, spread=1.0)])
    assert agreed.reasons == ("The team agreed on 2, begun",)
    assert agreed.target == STEPS[2]


def test_it_counts_levels_not_points_on_a_wide_scale() -> None:
    wide = gap(value=6.0, spread=6.0, steps=TWELVE, met=12.0)
    [one] = suggest([wide])
    assert one.standing == TWELVE[1]
    assert one.target == TWELVE[2]
    assert "Ratings differ by 2 levels" in one.reasons
    assert "One small step to level 3" in one.reasons
    almost = replace(wide, value=11.0)
    assert next_step(almost).low == 12.0


def test_it_keeps_to_the_limit() -> None:
    many = [gap(f"m{n}", n) for n in range(5)]
    assert len(suggest(many, limit=3)) == 3
    assert suggest(many, limit=0) == ()


GAPS = st.builds(
    gap,
    key=st.text("abcdefgh", min_size=1, max_size=4),
    number=st.integers(1, 26),
    value=st.none() | st.floats(1, 4),
    agreed=st.booleans(),
    spread=st.floats(0, 3),
    unknown=st.integers(0, 5),
    not_applicable=st.booleans(),
)
LISTS = st.lists(GAPS, max_size=12, unique_by=lambda g: (g.number, g.key))


@given(LISTS, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_input(
    gaps: list[Gap], random: object
) -> None:
    shuffled = list(gaps)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert suggest(gaps) == suggest(shuffled)


@given(LISTS)
def test_every_suggestion_can_be_gained_and_has_a_reason(gaps: list[Gap]) -> None:
    for one in suggest(gaps):
        assert one.reasons
        assert not one.gap.not_applicable
        assert one.gap.value is None or one.gap.value < one.target.low
        assert 0 < step_size(one.gap) <= 1


@given(LISTS)
def test_levels_never_fall_down_the_list(gaps: list[Gap]) -> None:
    levels = [one.standing.level if one.standing else 99 for one in suggest(gaps)]
    assert levels == sorted(levels)


@given(LISTS, GAPS)
def test_one_more_milestone_never_reorders_the_others(gaps: list[Gap], extra: Gap) -> None:
    others = [g for g in gaps if (g.number, g.key) != (extra.number, extra.key)]
    with_extra = [s.gap for s in suggest([*others, extra]) if s.gap is not extra]
    assert with_extra == [s.gap for s in suggest(others)]


@given(st.floats(1, 3.99))
def test_the_standing_level_is_never_above_the_value(value: float) -> None:
    reached = standing(gap(value=value))
    assert reached is not None
    assert reached.low <= value < next_step(gap(value=value)).low
