"""Colors that people with every kind of color vision tell apart, and that differ in grey print.

Okabe and Ito (2008), "Color Universal Design"; contrast as in WCAG 2.2, relative luminance.
"""

from __future__ import annotations

INK, MUTED, LINE = "#17212b", "#52606d", "#cdd6de"
BLUE, VERMILLION, ORANGE, SKY, GREEN = "#0072b2", "#d55e00", "#e69f00", "#56b4e9", "#009e73"
CONTEXT = "#9aa7b2"
"""For lines that stand behind: 2.4:1 on white, so only where they need not be told apart."""
LEVELS = ("#dbe9ef", "#a9cbd8", "#5f9fb5", "#0f5c73")
"""The four levels, as everywhere in Blockwise: one hue, light to dark."""

Color = tuple[float, float, float]


def ink_on(background: Color | str) -> str:
    """White or black, whichever stands out more from the background: 4.58:1 at the very least.

    Black, because our ink is a little lighter: on mid grey it would not reach 4.5:1.
    """
    return max(("#000000", "#ffffff"), key=lambda ink: contrast(ink, background))


def contrast(one: Color | str, other: Color | str) -> float:
    """Contrast ratio of two colors, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: Color | str) -> float:
    """Relative luminance from 0 (black) to 1 (white)."""
    red, green, blue = (
        _linear(part) for part in (_parts(color) if isinstance(color, str) else color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _parts(color: str) -> Color:
    red, green, blue = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
