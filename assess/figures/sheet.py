"""The paper a figure is drawn on: its width, and sizes of text and lines that fit that width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NoReturn

from assess.figures.colors import MUTED
from core.fonts import printable, text_files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 72 / 25.4
"""Points in a millimeter."""

Weight = Literal[400, 700]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A width in millimeters. Text is 7 pt at least, whatever the width, and grows with it."""

    width: float

    @property
    def text(self) -> float:
        """Points of ordinary text: 7.5 in a journal's column (90 mm), 10.5 on a wide page."""
        return min(10.5, max(7.5, 7.5 + (self.width - 90) * 3 / 164))

    @property
    def small(self) -> float:
        """Points of ticks and notes."""
        return max(7.0, self.text * 0.88)

    @property
    def stroke(self) -> float:
        """Points of the main line."""
        return 0.19 * self.text

    @property
    def points(self) -> float:
        """The width in points."""
        return self.width * POINTS

    def figure(self, height: float, *, title: str, note: str) -> Figure:
        """A sheet with room for a plot of `height` millimeters between its title and its note."""
        from matplotlib.figure import Figure

        heading, foot = self._heading(title), self._foot(note)
        drawn = Figure(
            figsize=(self.width / 25.4, self._points(height, heading, foot) / 72),
            layout="constrained",
        )
        drawn.get_layout_engine().set(w_pad=4 / 72, h_pad=4 / 72)  # type: ignore[union-attr, call-arg]
        left = 4 / self.points
        if heading:
            drawn.suptitle(
                heading,
                x=left,
                ha="left",
                fontsize=self.text * 1.15,
                fontweight=700,
                linespacing=1.15,
            )
        if foot:
            drawn.supxlabel(
                foot, x=left, ha="left", fontsize=self.small, color=MUTED, linespacing=1.2,
                multialignment="left",
            )  # fmt: skip
        return drawn

    def _heading(self, title: str) -> str:
        return wrapped(title, self.points - 8, self.text * 1.15, 700)

    def _foot(self, note: str) -> str:
        parts = filter(None, note.split("\n"))
        return "\n".join(wrapped(part, self.points - 8, self.small) for part in parts)

    def _points(self, height: float, heading: str, foot: str) -> float:
        lines = _lines(heading) * self.text * 1.15 + _lines(foot) * self.small
        return height * POINTS + lines * 1.3 + 8


class Measured(Exception):
    """No error, but the answer of a Ruler: how many millimeters high the figure would be."""

    def __init__(self, height: float) -> None:
        super().__init__(height)
        self.height = height


@dataclass(frozen=True, slots=True)
class Ruler(Sheet):
    """A sheet on which nothing is drawn: it tells how high the figure would be by raising."""

    def figure(self, height: float, *, title: str, note: str) -> NoReturn:
        """Raises Measured instead of giving a sheet."""
        raise Measured(self._points(height, self._heading(title), self._foot(note)) / POINTS)


def wrapped(text: str, room: float, size: float, weight: Weight = 400) -> str:
    """The text in lines of at most `room` points, broken between words; no word is lost."""
    lines: list[str] = []
    for word in printable(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def shortened(text: str, room: float, size: float, weight: Weight = 400) -> str:
    """The text cut to `room` points in its middle, since names often differ at their ends only."""
    text = printable(text)
    if text_width(text, size, weight) <= room:
        return text
    kept = len(text) - 1
    while kept > 2:
        cut = f"{text[: -(-kept * 2 // 3)].rstrip()}…{text[-(kept // 3) :].lstrip()}"
        if text_width(cut, size, weight) <= room:
            return cut
        kept -= 1
    return "…"


def widest(texts: Sequence[str], size: float, weight: Weight = 400) -> float:
    """Points of the widest text; 0 when there is none."""
    return max((text_width(text, size, weight) for text in texts), default=0.0)


def text_width(text: str, size: float, weight: Weight = 400) -> float:
    """Points of one line of text in our typeface, without kerning, so at most a little too wide.

    Call it while a figure is drawn only.
    """
    return sum(_letter(letter, weight) for letter in printable(text)) * size


@lru_cache(maxsize=4096)
def _letter(letter: str, weight: Weight) -> float:
    """How far a letter takes the line on, in parts of the size of the type."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    know_fonts()
    # The families are named here: what the width is must not depend on when it was asked first.
    face = FontProperties(family=["Source Sans Pro", "DejaVu Sans"], size=100, weight=weight)
    # between two others, as a space alone has no ink to measure
    alone, between = (
        text_to_path.get_text_width_height_descent(text, face, False)[0]
        for text in ("||", f"|{letter}|")
    )
    return float(between - alone) / 100


@cache
def know_fonts() -> None:
    """Tell Matplotlib where our typeface lies."""
    from matplotlib import font_manager

    for file in text_files():
        font_manager.fontManager.addfont(file)


def _lines(text: str) -> int:
    return text.count("\n") + 1 if text else 0
