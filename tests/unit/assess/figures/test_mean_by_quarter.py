"""The publication figure: equal bytes, the right picture size, awkward input."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from assess.figures.mean_by_quarter import TrendFigure, draw_trend

FIGURE = TrendFigure(
    title="Overall score by quarter",
    scale_label="Mean score (1 to 4)",
    quarters=("Q1 2026", "Q2 2026", "Q3 2026"),
    means=(2.3, 2.4, 2.6),
    halves=(0.1, 0.2, 0.1),
    minimum=1,
    maximum=4,
    note="Mean of the 20 clinics with a score in every quarter.",
)


def test_equal_input_gives_equal_bytes() -> None:
    for kind in ("svg", "png"):
        first = draw_trend(FIGURE, kind)
        draw_trend.cache_clear()
        assert draw_trend(FIGURE, kind) == first


def test_the_svg_loads_nothing_and_carries_no_date() -> None:
    text = draw_trend(FIGURE, "svg").decode()
    ET.fromstring(text)  # noqa: S314 - our own file
    assert "<dc:date>" not in text
    assert "font-family" not in text  # letters are drawn, so no font is missing elsewhere
    hrefs = re.findall(r'(?:xlink:)?href="([^"]*)"', text)
    assert all(href.startswith("#") for href in hrefs)


def test_the_png_is_wide_enough_to_print() -> None:
    content = draw_trend(FIGURE, "png")
    assert struct.unpack(">II", content[16:24]) == (1950, 1200)
    assert struct.unpack(">II", draw_trend(FIGURE, "png", narrow=True)[16:24]) == (1260, 1200)


@pytest.mark.parametrize(
    "change",
    [
        {"halves": None},
        {"quarters": ("Q1 2026",), "means": (4.0,), "halves": None},
        {"means": (3.9, 4.0, 4.0), "halves": (0.3, 0.3, 0.3)},
        {"minimum": 1, "maximum": 12, "means": (5.0, 7.0, 11.5)},
        {"title": "$\\bad{ <b>& «Ünïcode»</b>"},
        {"quarters": tuple(f"Q{q} {y}" for y in range(2020, 2030) for q in range(1, 5)),
         "means": (2.5,) * 40, "halves": (0.1,) * 40},
    ],
)  # fmt: skip
def test_awkward_input_is_drawn(change: dict[str, object]) -> None:
    assert draw_trend(replace(FIGURE, **change), "svg").startswith(b"<?xml")  # type: ignore[arg-type]
