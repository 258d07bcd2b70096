"""From a study to its figures: what each has, when it is not there, and the sizes asked for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assess.figures import quantile_fan, spaghetti
from assess.rollup.table import LevelCounts, RollupTable
from research.figures.levels import levels_in
from research.figures.offering import NAMES, figure_of, figures_of
from research.figures.sizes import BadSize, Size, read_size
from research.selection import Clock, Selection
from research.study import Study
from tests.unit.research.test_assembling import FIRST, SECOND, START, clinic, study, table

WHOLE = Selection(first=START, last=START + 3)


def data_of(found: Study, name: str) -> Any:
    figure = figure_of(found, name)
    assert figure is not None
    return figure.data


def test_a_usual_study_has_its_figures_with_sentence_and_numbers() -> None:
    found = figures_of(study(WHOLE, table("xxxx", "xxxx", "xx.x")))
    assert [one.name for one in found] == ["change", "clinics", "first-and-last", "heat-map"]
    change = found[0]
    assert change.heading == NAMES["change"]
    assert change.sentence == (
        "In Q4 2025 the mean overall score was 0.8 points higher than in Q1 2025 (3 clinics)."
    )
    assert [row[0] for row in change.numbers.rows] == [f"Q{number} 2025" for number in (1, 2, 3, 4)]
    assert change.numbers.rows[2][3] == "2"
    assert found[2].sentence.endswith("the overall score rose in 3 of 3 clinics.")
    simple = figures_of(study(replace(WHOLE, simple=True), table("xxxx", "xxxx", "xx.x")))
    assert [one.name for one in simple] == ["change", "first-and-last", "heat-map"]


def test_the_room_for_a_picture_is_known_before_it_is_drawn() -> None:
    for figure in figures_of(study(WHOLE, table("xxxx", "xxxx", "xx.x"))):
        drawn = re.search(rb'<svg [^>]*?height="([\d.]+)pt"', figure.draw("svg", 62))
        assert drawn
        width, height = figure.pixels(62)
        assert width == round(62 / 25.4 * 96)
        assert height == pytest.approx(float(drawn[1]) / 72 * 96, abs=1), figure.name


def test_every_clinic_is_a_line_and_a_quarter_without_scores_keeps_its_place() -> None:
    data = data_of(study(WHOLE, table("x.x", "x.x", "..x")), "clinics")
    assert data.timeline.labels == ("Q1 2025", "Q2 2025", "Q3 2025")
    assert data.lines == ((1.0, None, 1.5), (1.1, None, 1.6), (None, None, 1.7))
    assert data.complete == 2
    assert data.means[1] is None
    assert data.means[0].value == pytest.approx(1.05)


def test_above_60_clinics_it_is_a_fan_and_no_heat_map() -> None:
    many = [clinic(number) for number in range(61)]
    found = study(WHOLE, table(*["xx"] * 61), many)
    assert figure_of(found, "clinics").module is quantile_fan  # type: ignore[union-attr]
    assert data_of(found, "clinics").quantiles[0].clinics == 61
    assert figure_of(found, "heat-map") is None
    fewer = study(WHOLE, table(*["xx"] * 60), many)
    assert figure_of(fewer, "clinics").module is spaghetti  # type: ignore[union-attr]


def test_one_quarter_has_no_change_and_nothing_to_compare() -> None:
    found = figures_of(study(WHOLE, table("x", "x")))
    assert [one.name for one in found] == ["clinics", "heat-map"]
    assert figure_of(study(WHOLE, table("x")), "unknown") is None


def test_waves_are_named_from_the_baseline() -> None:
    waves = Selection(clock=Clock.WAVE, first=0, last=2)
    found = figure_of(study(waves, table("xxx", ".xxx")), "change")
    assert found is not None
    assert found.data.timeline.labels == ("Baseline", "+1 quarter", "+2 quarters")
    assert "higher than at baseline" in found.sentence


def test_a_break_stands_where_an_earlier_version_ends() -> None:
    second = replace(FIRST, version="1.1.0")
    found = study(WHOLE, table("xxx", "xxx", versions="112"), versions={1: FIRST, 2: second})
    [only] = data_of(found, "clinics").timeline.breaks
    assert (only.place, only.label) == (2, "After version 1.0.0")
    # what is not comparable is left out, so that there is nothing before the break
    other = study(WHOLE, table("xxx", "xxx", versions="122"), versions={1: FIRST, 2: SECOND})
    assert data_of(other, "clinics").timeline.breaks == ()


def test_the_picture_can_be_without_its_title() -> None:
    found = figure_of(study(WHOLE, table("xx", "xx")), "change")
    assert found is not None
    assert found.untitled().data.title == ""
    assert found.untitled().etag("svg", 90) != found.etag("svg", 90)
    assert found.draw("svg", 90).startswith(b"<?xml")


def rollups(found: Study, counts: list[list[int]], agreed: bool) -> RollupTable:
    """One milestone in the study's assessments: how many gave each of the four levels."""
    milestone = FIRST.milestones[0]
    ids = np.array([one.id for one in found.assessments])
    zeros = np.zeros(len(ids), dtype=np.int64)
    part = LevelCounts(
        np.arange(len(ids)), (milestone.key,), np.array([1]), np.array(counts)[:, None, :]
    )
    return RollupTable(
        ids, zeros, zeros, ("2025Q1",), zeros + 1, zeros + (0 if agreed else 1),
        ("agreed", "ratings"), zeros, (), np.empty((len(ids), 0)), {1: part},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("is_named", "agreed", "expected"),
    # mean 2.5 of two ratings counts as 2, mean 3.8 of five as 4; codes hide what two people said
    [(True, False, (0, 1, 0, 1)), (False, False, (0, 0, 0, 1)), (False, True, (0, 1, 0, 1))],
)
def test_a_milestone_counts_once_at_the_nearest_level(
    is_named: bool, agreed: bool, expected: tuple[int, ...]
) -> None:
    seen = [clinic(number, is_named=is_named) for number in range(2)]
    selection = Selection(score=FIRST.milestones[0].key, first=START, last=START)
    found = study(selection, table("x", "x"), seen)
    levels = levels_in(found, rollups(found, [[0, 1, 1, 0], [0, 0, 1, 4]], agreed), {1: FIRST})
    assert levels is not None
    assert levels.counts == {START: expected}
    assert levels.names[0] == "1 Not started"
    figure = figure_of(found, "levels", levels)
    assert figure is not None
    assert "“4 Consistently in place”" in figure.sentence


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ({}, Size(180, 300)),
        ({"width": "90mm", "dpi": "600"}, Size(90, 600)),
        ({"width": "960px", "dpi": "600"}, Size(254, 96)),
        ({"width": "1920px"}, Size(254, 192)),
    ],
)
def test_sizes_are_in_millimeters_or_pixels(query: dict[str, str], size: Size) -> None:
    assert read_size(query) == size


@pytest.mark.parametrize(
    "query",
    [{"width": "180"}, {"width": "9mm"}, {"width": "9999mm"}, {"width": "0px"}, {"width": "9999px"},
     {"dpi": "5000"}, {"dpi": "abc"}, {"width": "nanmm"}, {"dpi": "1"}],
)  # fmt: skip
def test_sizes_that_nobody_can_print_are_refused(query: dict[str, str]) -> None:
    with pytest.raises(BadSize, match=r"^(Give|A figure is)"):
        read_size(query)
