"""Knows the fonts a sheet may use and which characters they can draw.

PDF/UA asks for a glyph in an embedded font behind every character. Source Sans Pro is the text
face, DejaVu Sans (it comes with Matplotlib) covers symbols and further alphabets. What neither
can draw, such as an emoji or Chinese characters in a note, is printed as an empty box.
"""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from functools import cache
from pathlib import Path

MISSING = "▯"

# address -> (package, path inside it, family, weight)
_FONTS = {
    "font:text": ("font_source_sans_pro", "files/SourceSansPro-Regular.ttf", "Sheet Sans", 400),
    "font:semibold": (
        "font_source_sans_pro",
        "files/SourceSansPro-Semibold.ttf",
        "Sheet Sans",
        600,
    ),
    "font:bold": ("font_source_sans_pro", "files/SourceSansPro-Bold.ttf", "Sheet Sans", 700),
    "font:more": ("matplotlib", "mpl-data/fonts/ttf/DejaVuSans.ttf", "Sheet Fallback", 400),
    "font:more-bold": (
        "matplotlib",
        "mpl-data/fonts/ttf/DejaVuSans-Bold.ttf",
        "Sheet Fallback",
        700,
    ),
}

FONT_FACES = "\n".join(
    f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("{address}"); }}'
    for address, (_, _, family, weight) in _FONTS.items()
)

# Marks that choose or join glyphs and are nothing by themselves: variation selectors, joiners.
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)


def font_bytes(address: str) -> bytes | None:
    """The font file behind one of our own addresses; None for any other address."""
    return _path(address).read_bytes() if address in _FONTS else None


def text_files() -> tuple[Path, ...]:
    """The files of the text face, for programs that load fonts themselves."""
    return tuple(_path(f"font:{weight}") for weight in ("text", "semibold", "bold"))


def printable(text: str) -> str:
    """The text with every character that no font can draw replaced by an empty box."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    unknown = {ord(char) for char in set(plain)} - drawable()
    return plain.translate({code: _substitute(chr(code)) for code in unknown})


@cache
def drawable() -> frozenset[int]:
    """Code points that every weight of the text face, or of the fallback, has a glyph for."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    covered: dict[str, set[int]] = {}
    for address, (_, _, family, _) in _FONTS.items():
        with TTFont(_path(address), lazy=True) as font:
            codes = set(font.getBestCmap())
        covered[family] = covered.get(family, codes) & codes
    return frozenset(set.union(*covered.values()) | {0x09, 0x0A})


def _substitute(char: str) -> str:
    if char == "\r" or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Mn"}:
        return ""
    return " " if unicodedata.category(char) == "Zs" else MISSING


def _path(address: str) -> Path:
    package, inside, _, _ = _FONTS[address]
    # Found, not imported: importing Matplotlib for a font file would cost half a second.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"The package {package} with the sheet's fonts is not installed")
    return Path(spec.origin).parent / inside
