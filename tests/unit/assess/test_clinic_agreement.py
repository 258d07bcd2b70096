"""What the agreement page says: the sentence, each milestone's words, and when it says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from assess.agreement.clinic import Cell, ClinicAgreement, MilestoneAgreement, clinic_agreement
from assess.agreement.picture import strips
from questionnaires import catalog

FOUR = catalog.get("six_building_blocks")
KEYS = [one.key for one in FOUR.milestones]
MIXED = (1, 2, 3, 4, 3, 2, 1)


def cells(levels: Mapping[str, Sequence[int | None]]) -> list[Cell]:
    """Levels by milestone, one per rater in the raters' order; None is no level."""
    return [
        (key, str(rater), level)
        for key, given in levels.items()
        for rater, level in enumerate(given)
        if level is not None
    ]


def page(levels: Mapping[str, Sequence[int | None]]) -> ClinicAgreement:
    return clinic_agreement(FOUR, max(map(len, levels.values())), cells(levels))


def alike(raters: int, *, without: Sequence[str] = ()) -> dict[str, Sequence[int | None]]:
    """Everybody gives each milestone one level; the milestones differ."""
    return {
        key: [MIXED[place % 7]] * raters for place, key in enumerate(KEYS) if key not in without
    }


def rows(found: ClinicAgreement) -> dict[str, MilestoneAgreement]:
    return {one.milestone.key: one for _, milestones in found.blocks for one in milestones}


def test_below_five_raters_there_is_nothing() -> None:
    found = page(alike(4))
    assert (found.enough, found.blocks, found.coefficients) == (False, (), ())


def test_everybody_agrees_on_everything() -> None:
    found = page(alike(9))
    assert found.headline == "Your 9 raters agree well on all 26 milestones."
    assert rows(found)[KEYS[0]].words == "Agree very closely"
    assert [one.value for one in found.coefficients] == ["1.00"] * 4


def test_the_sentence_names_where_raters_differ_most() -> None:
    apart = {KEYS[3]: [1, 4, 1, 4, 1, 4, 1, 4, 1], KEYS[8]: [1, 4, 1, 4, 1, 2, 2, 3, 3]}
    found = page(alike(9) | apart | {KEYS[9]: [1, 1, 1, 1, 1, 3, 3, 3, 3]})
    titles = [FOUR.milestones[place].title for place in (3, 8)]
    assert found.headline == (
        "Your 9 raters agree well on 23 of the 26 milestones; "
        f"they differ most on “{titles[0]}” and “{titles[1]}”."
    )
    shown = rows(found)[KEYS[3]]
    assert (shown.words, shown.shown) == ("Differ more than guesses would", ".00")
    assert (shown.lowest, shown.highest) == (1, 4)


def test_equals_are_counted_not_chosen_from() -> None:
    apart = {KEYS[place]: [1, 4, 1, 4, 1] for place in (3, 8, 9, 10)}
    said = page(alike(5) | apart).headline
    assert said.endswith(f"“{FOUR.milestones[8].title}” and 2 more.")


def test_the_picture_has_a_dot_for_each_compared_milestone() -> None:
    leadership = FOUR.blocks[0]
    given = alike(6, without=KEYS[3:]) | {KEYS[1]: [1, 4, 1, 4, 1, 4]}
    (strip,) = strips(page(given | {KEYS[3]: [1, 1, 1, 1, None, None]}))
    assert [(dot.at, dot.lift, dot.agrees_well) for dot in strip.dots] == [
        (0.0, 0, False),
        (1.0, 0, True),
        (1.0, 1, True),
    ]
    assert strip.height == 2
    assert strip.said == f"{leadership.title}: .00, 1.00, 1.00"


def test_a_milestone_with_fewer_than_five_levels_is_not_shown() -> None:
    found = page(alike(6) | {KEYS[0]: [1, 4, 1, 4, None, None]})
    hidden = rows(found)[KEYS[0]]
    assert (hidden.rwg, hidden.lowest, hidden.words) == (None, None, "Too few levels to compare")
    assert found.headline == "Your 6 raters agree well on all 25 milestones that can be compared."


def test_gaps_leave_out_a_milestone_or_a_rater_and_the_page_says_so() -> None:
    gaps: dict[str, Sequence[int | None]] = {key: [None, *[2] * 8] for key in KEYS[:20]}
    gaps[KEYS[25]] = [1, 1, 1, 1, None, None, None, None, 2]
    found = page(alike(9) | gaps)
    (said,) = [one for one in found.cautions if "leaves out" in one]
    assert "It leaves out 1 of 26 milestones and 1 of 9 raters with" in said
    assert [one.name for one in found.coefficients][:2] == ["ICC(1)", "ICC(1,8)"]


def test_few_raters_are_said_and_many_are_not() -> None:
    assert any("9 raters are few" in one for one in page(alike(9)).cautions)
    assert page(alike(10)).cautions == ()


def test_milestones_that_stand_alike_make_a_low_icc_that_is_explained() -> None:
    found = page({key: [2, 2, 2, 3, 2, 2, 3, 2, 2, 2] for key in KEYS})
    assert found.headline.startswith("Your 10 raters agree well on all 26")
    assert found.coefficients[0].says.endswith(": no better than chance.")
    assert any("much the same level" in one for one in found.cautions)


@pytest.mark.parametrize("level", [None, 2])
def test_without_variation_or_levels_there_is_no_coefficient(level: int | None) -> None:
    found = page({key: [level] * 6 for key in KEYS})
    assert found.coefficients == ()
    if level is None:
        assert found.headline == "No milestone has a level from 5 of your 6 raters."


def test_twelve_steps_are_measured_by_twelve_steps() -> None:
    twelve = catalog.get("six_building_blocks_maturity")
    given = {one.key: [5, 6, 7, 8, 6] for one in twelve.milestones}
    found = clinic_agreement(twelve, 5, cells(given))
    one = rows(found)[twelve.milestones[0].key]
    # variance 1.3 of an expected (144 - 1) / 12
    assert one.rwg == pytest.approx(1 - 1.3 * 12 / 143)
