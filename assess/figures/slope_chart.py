"""First against last quarter, a line per clinic: who rose, who fell, at one look."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Literal

from assess.figures.axes import EndLabel, Scale, draw_end_labels, draw_score_axis
from assess.figures.colors import BLUE, INK, MUTED, VERMILLION
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet, shortened, text_width
from assess.figures.timeline import Timeline
from assess.figures.words import Numbers, change, counted, score, sentence_case
from core.lists import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LABELS = 24
"""Above this many clinics names would cover each other; the table has them."""

MOST_ROWS = 60
"""Above this many clinics nobody reads a row for each; the data bundle has them all."""

Dash = tuple[float, tuple[float, ...]] | Literal["solid"]

_LOOKS: dict[str, tuple[str, Dash, str]] = {
    "rose": (BLUE, "solid", "o"),
    "fell": (VERMILLION, (0, (4, 1.5)), "s"),
    "stayed the same": (MUTED, (0, (1, 1.5)), "D"),
}


@dataclass(frozen=True, slots=True)
class Slope:
    """One clinic (by the name or code the viewer may see) at the first and the last quarter."""

    label: str
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class SlopeChart:
    """The clinics with a score in both quarters, in the order of their labels."""

    title: str
    scale: Scale
    first: str
    last: str
    slopes: tuple[Slope, ...]
    note: str = ""


def draw(data: SlopeChart, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: SlopeChart, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: SlopeChart) -> Numbers:
    """A row per clinic: both scores and the change; above MOST_ROWS how they spread instead."""
    if len(data.slopes) > MOST_ROWS:
        return _spread(data)
    rows = [
        (one.label, score(one.first), score(one.last), change(one.last - one.first))
        for one in data.slopes
    ]
    return Numbers(("Clinic", data.first, data.last, "Change"), tuple(rows))


def _spread(data: SlopeChart) -> Numbers:
    columns = (
        [one.first for one in data.slopes],
        [one.last for one in data.slopes],
        [one.last - one.first for one in data.slopes],
    )
    quarters = [quantiles(values, n=4, method="inclusive") for values in columns]
    rows = tuple(
        (name, score(quarters[0][at]), score(quarters[1][at]), change(quarters[2][at]))
        for at, name in enumerate(("Lower quartile", "Median", "Upper quartile"))
    )
    return Numbers((f"Of {len(data.slopes):,} clinics", data.first, data.last, "Change"), rows)


def sentence(data: SlopeChart) -> str:
    """How many clinics rose, fell and stayed, by what one decimal shows."""
    if not data.slopes:
        return f"No clinic has a score in both {data.first} and {data.last}."
    counts = _counts(data)
    parts = [f"{verb} in {count:,}" for verb, count in counts.items() if count]
    times = Timeline((data.first, data.last))
    return (
        f"From {times.named(0)} to {times.named(1)} the {sentence_case(data.scale.title)} "
        f"{listed(parts)} of {counted(len(data.slopes), 'clinic')}."
    )


def _counts(data: SlopeChart) -> dict[str, int]:
    ways = [_way(one) for one in data.slopes]
    return {way: ways.count(way) for way in _LOOKS}


def _way(one: Slope) -> str:
    difference = round(one.last - one.first, 1)
    return "stayed the same" if not difference else "rose" if difference > 0 else "fell"


def _compose(data: SlopeChart, sheet: Sheet) -> Figure:
    height = min(max(sheet.width * 0.7, 80), 130)
    drawn = sheet.figure(height, title=data.title, note=data.note)
    axes = drawn.add_subplot()
    tall = height * POINTS - 4 * sheet.text
    named = len(data.slopes) <= min(MOST_LABELS, tall / (1.2 * sheet.small))
    draw_score_axis(axes, data.scale, sheet, tall)
    axes.set_xlim(-0.05, 1.05)
    axes.set_xticks([0, 1], [data.first, data.last], fontsize=sheet.text, fontweight=700)
    axes.tick_params(axis="x", length=0, pad=4)
    _draw_slopes(axes, data, sheet)
    if named:
        labels = [
            EndLabel(
                f"{score(one.last)} {shortened(one.label, sheet.points * 0.27, sheet.small)}",
                one.last, _LOOKS[_way(one)][0] if _way(one) != "fell" else "#a34700",
            )
            for one in data.slopes
        ]  # fmt: skip
        draw_end_labels(axes, labels, sheet, tall)
    _draw_key(axes, data, sheet)
    return drawn


def _draw_slopes(axes: Axes, data: SlopeChart, sheet: Sheet) -> None:
    thin = 1.1 if len(data.slopes) <= MOST_LABELS else 0.6
    for one in data.slopes:
        color, dash, mark = _LOOKS[_way(one)]
        axes.plot(
            [0, 1], [one.first, one.last], color=color, linestyle=dash, marker=mark, linewidth=thin,
            markersize=0.4 * sheet.text if thin > 1 else 0.25 * sheet.text, zorder=3,
            clip_on=False,
        )  # fmt: skip


def _draw_key(axes: Axes, data: SlopeChart, sheet: Sheet) -> None:
    """What line and mark mean, with the counts, above the plot."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=color, linestyle=dash, marker=mark, linewidth=1.2,
               markersize=0.4 * sheet.text, label=f"{count:,} {way}")
        for (way, (color, dash, mark)), count in zip(
            _LOOKS.items(), _counts(data).values(), strict=True
        )
        if count
    ]  # fmt: skip
    words = [str(handle.get_label()) for handle in handles]
    # beside its words each mark takes about four letters' width
    wide = sum(text_width(text, sheet.small) + 4 * sheet.small for text in words)
    if handles:
        axes.legend(
            handles=handles, loc="lower left", bbox_to_anchor=(-0.01, 1.0), frameon=False,
            ncols=len(handles) if wide < sheet.points * 0.88 else 1, labelspacing=0.25,
            fontsize=sheet.small, handlelength=2.4, handletextpad=0.5, columnspacing=1.1,
            borderpad=0.2, labelcolor=INK,
        )  # fmt: skip
