"""The same small chart for every block, on the same fixed axis, so that blocks can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.axes import Scale, quiet, score_ticks
from assess.figures.colors import BLUE, INK, SKY
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet, wrapped
from assess.figures.timeline import Timeline, draw_timeline, timeline_note, without_gaps
from assess.figures.words import NO_SCORE, Interval, Numbers, counted, moved, score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BANDS = "Shaded: 95% CI within clinics (Cousineau-Morey)."


@dataclass(frozen=True, slots=True)
class Panel:
    """One block: its scale (with its title), a mean per quarter and the clinics in those means."""

    scale: Scale
    means: tuple[Interval | None, ...]
    clinics: int


@dataclass(frozen=True, slots=True)
class SmallMultiples:
    """One panel per block, in the questionnaire's order, over one timeline."""

    title: str
    timeline: Timeline
    panels: tuple[Panel, ...]
    note: str = ""


def draw(data: SmallMultiples, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: SmallMultiples, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: SmallMultiples) -> Numbers:
    """A row per quarter, a column per block."""
    rows = [
        (label, *(_cell(panel.means[place]) for panel in data.panels))
        for place, label in enumerate(data.timeline.labels)
    ]
    return Numbers(("Quarter", *(panel.scale.title for panel in data.panels)), tuple(rows))


def sentence(data: SmallMultiples) -> str:
    """How many block means rose, and which moved furthest."""
    moves = [move for panel in data.panels if (move := _move(panel)) is not None]
    if not moves:
        return "No block has a mean in two quarters yet, so there is no change to show."
    rose = sum(round(last - first, 1) > 0 for _, first, last in moves)
    title, first, last = max(moves, key=lambda move: abs(round(move[2] - move[1], 1)))
    span = f"From {data.timeline.named(0)} to {data.timeline.named(len(data.timeline) - 1)}"
    if len(moves) == 1:
        return f"{span} the mean of “{title}” {moved(first, last)}."
    if score(first) == score(last):
        return f"{span} no block's mean changed by as much as 0.1."
    return (
        f"{span} the mean rose in {rose} of {counted(len(moves), 'block')}; “{title}” moved most: "
        f"it {moved(first, last)}."
    )


def _cell(mean: Interval | None) -> str:
    if mean is None:
        return NO_SCORE
    if mean.low is None or mean.high is None:
        return score(mean.value)
    return f"{score(mean.value)} ({score(mean.low)} to {score(mean.high)})"


def _move(panel: Panel) -> tuple[str, float, float] | None:
    values = [mean.value for mean in panel.means if mean is not None]
    return (panel.scale.title, values[0], values[-1]) if len(values) > 1 else None


def _compose(data: SmallMultiples, sheet: Sheet) -> Figure:
    columns = min(len(data.panels), 2 if sheet.width < 130 else 3)
    rows = -(-len(data.panels) // columns)
    room = sheet.points / columns - 3 * sheet.text
    titles = [wrapped(panel.scale.title, room, sheet.text, 700) for panel in data.panels]
    lines = max(title.count("\n") + 1 for title in titles)
    tall = max(24.0, sheet.width / columns * 0.5) * POINTS
    height = rows * (tall + (lines * 1.25 + 3.2) * sheet.text) / POINTS
    shaded = any(mean and mean.low is not None for panel in data.panels for mean in panel.means)
    note = "\n".join(
        filter(None, (_who(data), BANDS if shaded else "", timeline_note(data.timeline), data.note))
    )
    drawn = sheet.figure(height, title=data.title, note=note)
    grid = drawn.add_gridspec(rows, columns)
    for place, (panel, title) in enumerate(zip(data.panels, titles, strict=True)):
        axes = drawn.add_subplot(grid[place // columns, place % columns])
        # all titles take the same number of lines, so that the plots stand in line
        axes.set_title(
            title, loc="left", fontsize=sheet.text, fontweight=700, linespacing=1.1, pad=4
        )
        _draw_panel(axes, panel, data.timeline, sheet, room)
    return drawn


def _who(data: SmallMultiples) -> str:
    sizes = sorted({panel.clinics for panel in data.panels})
    who = counted(sizes[-1], "clinic")
    if len(sizes) > 1:
        who = f"{sizes[0]:,} to {who}"
    return f"Means of the {who} with a score in every quarter."


def _draw_panel(axes: Axes, panel: Panel, timeline: Timeline, sheet: Sheet, room: float) -> None:
    scale = panel.scale
    margin = scale.length * 0.06
    axes.set_ylim(scale.minimum - margin, scale.maximum + margin)
    ticks = score_ticks(scale)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=sheet.small)
    quiet(axes)
    draw_timeline(axes, timeline, sheet, room, labelled=True, breaks_named=False)
    values = [None if mean is None else mean.value for mean in panel.means]
    for stretch in without_gaps(values):
        places = [place for place, _ in stretch]
        bands = [panel.means[place] for place in places]
        limits = [(m.low, m.high) for m in bands if m and m.low is not None and m.high is not None]
        if len(limits) == len(places):
            low, high = zip(*limits, strict=True)
            axes.fill_between(places, low, high, color=SKY, alpha=0.4, linewidth=0, zorder=2)
        axes.plot(
            *zip(*stretch, strict=True), "-o", color=BLUE, linewidth=sheet.stroke * 0.9,
            markersize=min(0.45 * sheet.text, room / len(timeline) * 0.5), zorder=4,
        )  # fmt: skip
    _label_ends(axes, values, scale, sheet)


def _label_ends(axes: Axes, values: list[float | None], scale: Scale, sheet: Sheet) -> None:
    """The first and the last value, above the line or below where the scale ends."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        axes.text(0.5, 0.5, NO_SCORE, transform=axes.transAxes, ha="center", va="center",
                  fontsize=sheet.small, color=INK)  # fmt: skip
        return
    for place, value in dict.fromkeys((known[0], known[-1])):
        # inwards, away from the axis' own numbers and from the next panel
        side = "center" if len(known) == 1 else "left" if place == known[0][0] else "right"
        above = value < scale.maximum - 0.2 * scale.length
        axes.annotate(
            score(value), (place, value), xytext=(0, 6 if above else -6), ha=side,
            textcoords="offset points", va="bottom" if above else "top", fontsize=sheet.small,
            color=INK, zorder=6, annotation_clip=False,
        )  # fmt: skip
