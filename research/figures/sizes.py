"""How large a figure is asked for: "180mm" or "960px", and dots per inch. PURE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assess.figures.drawing import COARSEST, DEFAULT_DPI, FINEST, NARROWEST, WIDEST

CSS_DPI = 96
"""A CSS pixel is the 96th part of an inch."""
_WIDEST_PAGE = 254.0
"""960 such pixels: beyond, a picture in pixels gets finer instead of larger."""

_WIDTH = re.compile(r"(?P<number>\d{1,4}(\.\d{1,2})?)(?P<unit>mm|px)", re.ASCII)
_DPI = re.compile(r"\d{2,4}", re.ASCII)


class BadSize(ValueError):
    """A size that is not one, or out of bounds; the text says what fits."""


@dataclass(frozen=True, slots=True)
class Size:
    """Width in millimeters, and dots per inch (they count for PNG only)."""

    width: float = 180.0
    dpi: float = DEFAULT_DPI


def read_size(args: Mapping[str, str]) -> Size:
    """The size in a query: `width=180mm` with `dpi=300`, or `width=960px`.

    A PNG of 960px is 960 dots wide, whatever the dpi. Raises BadSize.
    """
    text, dots = args.get("width") or "180mm", args.get("dpi") or str(DEFAULT_DPI)
    found = _WIDTH.fullmatch(text)
    if found is None:
        raise BadSize("Give the width in millimeters or pixels, like 180mm or 960px.")
    if not _DPI.fullmatch(dots) or not COARSEST <= int(dots) <= FINEST:
        raise BadSize(f"Give the dots per inch as a whole number, {COARSEST} to {FINEST}.")
    number, dpi = float(found["number"]), float(dots)
    width = number
    if found["unit"] == "px":
        width = min(number / CSS_DPI * 25.4, _WIDEST_PAGE)
        dpi = number / width * 25.4 if width else CSS_DPI
    if not (NARROWEST <= width <= WIDEST and dpi <= FINEST):
        smallest, largest = NARROWEST / 25.4 * CSS_DPI, _WIDEST_PAGE / 25.4 * FINEST
        raise BadSize(
            f"A figure is {NARROWEST:g} to {WIDEST:g} mm or {smallest:.0f} to {largest:.0f} pixels "
            f"wide, not {text}."
        )
    return Size(width, dpi)
