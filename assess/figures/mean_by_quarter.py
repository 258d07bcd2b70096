"""Publication figures; the only home of Matplotlib, which it loads at the first figure."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Format = Literal["svg", "png"]

_INK, _MUTED, _LINE, _BLUE = "#17212b", "#52606d", "#cdd6de", "#0f5c73"
_drawing = threading.Lock()  # Matplotlib keeps fonts and settings per process, not per thread


@dataclass(frozen=True, slots=True)
class TrendFigure:
    """What the figure shows: a mean per quarter on the scale, with half widths of its interval.

    `halves` are half widths of 95 % within-clinic intervals, or None when there are too few clinics
    for any. `note` says who the means are over and what the bars are.
    """

    title: str
    scale_label: str
    quarters: tuple[str, ...]
    means: tuple[float, ...]
    halves: tuple[float, ...] | None
    minimum: float
    maximum: float
    note: str


@lru_cache(maxsize=64)
def draw_trend(figure: TrendFigure, kind: Format, *, narrow: bool = False) -> bytes:
    """The figure as an SVG or a PNG at 300 dpi; equal input gives equal bytes.

    Narrow is for phones: the same picture with less width for text of the same size.
    """
    with _drawing:
        drawn = _draw(figure, narrow)
        target = io.BytesIO()
        # Without the date, and with a fixed salt for ids, the same figure has the same bytes.
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        drawn.savefig(target, format=kind, dpi=300, metadata=metadata)
    return target.getvalue()


def _draw(figure: TrendFigure, narrow: bool) -> Figure:
    _load_settings()
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(4.2, 4.0) if narrow else (6.5, 4.0), layout="constrained")
    axes = drawn.add_subplot()
    places = range(len(figure.means))
    axes.plot(places, figure.means, color=_BLUE, linewidth=2, zorder=3)
    if figure.halves is not None:
        axes.errorbar(
            places, figure.means, yerr=figure.halves, fmt="none", ecolor=_INK, elinewidth=1.2,
            capsize=4, capthick=1.2, zorder=4,
        )  # fmt: skip
    # A white-ringed mark stays visible where line and bar cross, also in grey print.
    axes.plot(places, figure.means, "o", color=_BLUE, markersize=8, markeredgecolor="white",
              markeredgewidth=1.5, zorder=5)  # fmt: skip
    _label(axes, figure, most_ticks=6 if narrow else 9)
    drawn.suptitle(figure.title, x=0.012, ha="left", fontsize=13, fontweight="bold")
    note = "\n".join(wrap(figure.note, 60)) if narrow else figure.note
    drawn.supxlabel(note, x=0.012, ha="left", fontsize=9, color=_MUTED)
    return drawn


def _label(axes: Axes, figure: TrendFigure, most_ticks: int) -> None:
    top = max(
        mean + half
        for mean, half in zip(
            figure.means, figure.halves or (0.0,) * len(figure.means), strict=True
        )
    )
    for place, mean in enumerate(figure.means):
        half = figure.halves[place] if figure.halves else 0.0
        # Numbers stand above the bars, or below when they would leave the scale.
        above = top + (figure.maximum - figure.minimum) * 0.1 <= figure.maximum
        axes.annotate(
            f"{mean:.1f}", (place, mean + half if above else mean - half),
            xytext=(0, 7 if above else -7), textcoords="offset points", ha="center",
            va="bottom" if above else "top", color=_INK, fontsize=10, zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip
    margin = (figure.maximum - figure.minimum) * 0.03
    axes.set_ylim(figure.minimum - margin, figure.maximum + margin)
    axes.set_yticks(_ticks(figure.minimum, figure.maximum))
    axes.set_ylabel(figure.scale_label)
    axes.set_xlim(-0.5, len(figure.means) - 0.5)
    every = -(-len(figure.quarters) // most_ticks)  # rounded up
    axes.set_xticks(list(range(0, len(figure.quarters), every)))
    axes.set_xticklabels([quarter.replace(" ", "\n") for quarter in figure.quarters[::every]])
    axes.grid(axis="y", color=_LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=_INK)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_MUTED)


def _ticks(minimum: float, maximum: float) -> list[float]:
    if maximum - minimum <= 6:
        return [minimum + step for step in range(int(maximum - minimum) + 1)]
    quarter = maximum / 4
    steps = (quarter * step for step in range(1, 5))
    return [minimum, *(tick for tick in steps if tick > minimum)]


@lru_cache(maxsize=1)
def _load_settings() -> None:
    """Load Matplotlib once and set what all figures share; our typeface comes from its package."""
    import font_source_sans_pro
    import matplotlib
    from matplotlib import font_manager

    folder = Path(font_source_sans_pro.__file__).parent / "files"
    for file in sorted(folder.glob("SourceSansPro-*.ttf")):
        font_manager.fontManager.addfont(file)
    matplotlib.rcParams.update(
        {
            "font.family": ["Source Sans Pro", "DejaVu Sans"],
            "font.size": 11,
            "text.color": _INK,
            "text.parse_math": False,  # a dollar sign is a dollar sign
            "axes.labelcolor": _INK,
            "svg.hashsalt": "blockwise",
            "svg.fonttype": "path",
            "savefig.facecolor": "white",
        }
    )
