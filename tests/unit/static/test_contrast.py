"""The colors of tokens.css reach their contrasts on every ground they stand on, light and dark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "static" / "css" / "tokens.css"
TEXT, SHAPE = 4.5, 3.0

TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "muted", "primary") for ground in ("page", "card", "tint")),
    *((ink, ground) for ink in ("red", "amber", "green") for ground in ("page", "card")),
    ("red", "red-tint"),
    ("amber", "amber-tint"),
    ("green", "green-tint"),
    *(("ink", f"{name}-tint") for name in ("red", "amber", "green")),
    ("on-primary", "primary"),
    ("on-primary", "primary-dark"),
    ("on-header", "header"),
    *((f"on-level-{level}", f"level-{level}") for level in range(1, 5)),
]
SHAPE_PAIRS = [
    *(("control", ground) for ground in ("page", "card")),
    *(("primary", ground) for ground in ("card", "level-1")),
]


def schemes() -> Mapping[str, Mapping[str, str]]:
    light, dark = TOKENS.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
    pattern = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
    light_colors = dict(pattern.findall(light))
    return {"light": light_colors, "dark": light_colors | dict(pattern.findall(dark))}


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("least", "pairs"), [(TEXT, TEXT_PAIRS), (SHAPE, SHAPE_PAIRS)], ids=["text", "shapes"]
)
def test_pairs_reach_their_contrast(
    scheme: str, least: float, pairs: list[tuple[str, str]]
) -> None:
    colors = schemes()[scheme]
    found = {pair: contrast(colors[pair[0]], colors[pair[1]]) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < least} == {}
