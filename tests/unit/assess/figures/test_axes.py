"""Labels keep apart, ticks fit, text stands out: the rules behind every figure's looks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assess.figures.axes import Scale, apart, score_ticks
from assess.figures.colors import LEVELS, contrast, ink_on
from assess.figures.sheet import Sheet, shortened, text_width, wrapped
from assess.figures.timeline import Timeline, without_gaps


def test_labels_move_apart_as_little_as_possible() -> None:
    assert apart([1.0, 2.0], 0.5, 0, 4) == [1.0, 2.0]
    assert apart([2.0, 2.1], 0.5, 0, 4) == pytest.approx([1.8, 2.3])
    assert apart([4.0, 4.0, 4.0], 0.5, 0, 4) == pytest.approx([3.0, 3.5, 4.0])
    crowded = apart([1.0] * 20, 0.5, 0, 4)
    assert all(after - before == pytest.approx(0.5) for before, after in
               pairwise(crowded))  # fmt: skip


def test_a_scale_shows_its_levels_or_its_quarters() -> None:
    assert score_ticks(Scale("", 1, 4)) == [1, 2, 3, 4]
    assert score_ticks(Scale("", 1, 12)) == [1, 3, 6, 9, 12]
    assert score_ticks(Scale("", 0, 100)) == [0, 25, 50, 75, 100]


def test_text_is_never_below_7_points_and_grows_with_the_sheet() -> None:
    sizes = [Sheet(width).small for width in (60, 90, 180, 254)]
    assert sizes == sorted(sizes)
    assert sizes[0] >= 7


def test_text_on_a_color_can_be_read() -> None:
    grays = tuple(f"#{shade:02x}{shade:02x}{shade:02x}" for shade in range(256))
    for color in (*LEVELS, *grays):
        assert contrast(ink_on(color), color) >= 4.5


def test_text_is_wrapped_between_words_and_shortened_in_its_middle() -> None:
    text = "Policies, patient agreements and workflows"
    lines = wrapped(text, 60, 8).split("\n")
    assert " ".join(lines) == text
    assert all(text_width(line, 8) <= 60 for line in lines)
    assert shortened(text, 60, 8).endswith("ws")
    assert "…" in shortened(text, 60, 8)
    assert text_width(shortened(text, 60, 8), 8) <= 60
    assert shortened("Short", 60, 8) == "Short"


def test_a_line_stops_at_a_gap() -> None:
    assert without_gaps([1.0, None, 2.0, 3.0, None]) == [[(0, 1.0)], [(2, 2.0), (3, 3.0)]]
    assert without_gaps([None]) == []


def test_quarters_and_waves_stand_rightly_in_a_sentence() -> None:
    assert Timeline(("Q1 2025",)).begins(0) == "In Q1 2025"
    assert Timeline(("Baseline",)).at(0) == "at baseline"
