"""Clinic by block: every score of one quarter at one look, its number written in its cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.axes import Scale, score_ticks
from assess.figures.colors import INK, LINE, Color, ink_on
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet, shortened, text_width, widest, wrapped
from assess.figures.timeline import Timeline
from assess.figures.words import NO_SCORE, Numbers, counted, score

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

MOST_ROWS = 60
"""A page of a journal holds this many clinics in 7 pt; choose fewer, or look at the table."""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One clinic, by the name or code the viewer may see, and its score per column."""

    label: str
    scores: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The scores of one quarter. All columns are on one `scale`; rows keep the order given.

    The first `sums` columns sum up the others; the sentence leaves them out.
    """

    title: str
    scale: Scale
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    when: str
    sums: int = 0
    note: str = ""


def draw(data: HeatMap, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide. Raises ValueError above MOST_ROWS clinics."""
    if not 1 <= len(data.rows) <= MOST_ROWS:
        raise ValueError(f"A heat map holds 1 to {MOST_ROWS} clinics, not {len(data.rows)}")
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: HeatMap, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: HeatMap) -> Numbers:
    """The same cells as a table."""
    rows = [(row.label, *(score(value) for value in row.scores)) for row in data.rows]
    return Numbers(("Clinic", *data.columns), tuple(rows))


def sentence(data: HeatMap) -> str:
    """Where the columns' means stand furthest apart; says nothing about single clinics."""
    means = [
        (sum(found) / len(found), title)
        for place, title in enumerate(data.columns)
        if place >= data.sums
        and (found := [value for row in data.rows if (value := row.scores[place]) is not None])
    ]
    time = Timeline((data.when,))
    if not means:
        return f"No clinic has a score {time.at(0)}."
    low, high = min(means), max(means)
    clinics = counted(len(data.rows), "clinic")
    if score(low[0]) == score(high[0]):
        return f"{time.begins(0)} every mean over {clinics} stood at {score(low[0])}."
    return (
        f"{time.begins(0)} the highest mean over {clinics} was in “{high[1]}” ({score(high[0])}), "
        f"the lowest in “{low[1]}” ({score(low[0])})."
    )


def _compose(data: HeatMap, sheet: Sheet) -> Figure:
    named = min(widest([row.label for row in data.rows], sheet.small), sheet.points * 0.3) + 6
    cell = (sheet.points - named - 10) / len(data.columns)
    heads, turned = _headings(data, sheet, cell)
    row_height = max(1.75 * sheet.small, min(cell * 0.45, 2.4 * sheet.small))
    tall = row_height * len(data.rows)
    head = _head_height(heads, turned, sheet)
    height = (tall + head + 5.4 * sheet.small) / POINTS
    missing = any(value is None for row in data.rows for value in row.scores)
    note = "\n".join(filter(None, (f"Hatched: {NO_SCORE}." if missing else "", data.note)))
    drawn = sheet.figure(height, title=data.title, note=note)
    axes = drawn.add_subplot()
    import matplotlib

    colors = matplotlib.colormaps["cividis"]
    _draw_cells(axes, data, sheet, colors, cell)
    axes.set_xlim(0, len(data.columns))
    axes.set_ylim(len(data.rows), 0)
    axes.set_xticks([place + 0.5 for place in range(len(heads))], heads, fontsize=sheet.small,
                    rotation=90 if turned else 0, linespacing=1.05)  # fmt: skip
    axes.set_yticks(
        [place + 0.5 for place in range(len(data.rows))],
        [shortened(row.label, sheet.points * 0.3, sheet.small) for row in data.rows],
        fontsize=sheet.small,
    )
    axes.tick_params(length=0, labelcolor=INK, pad=3, top=False, labeltop=True, labelbottom=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _draw_key(drawn, axes, data.scale, sheet, colors)
    return drawn


def _headings(data: HeatMap, sheet: Sheet, cell: float) -> tuple[list[str], bool]:
    """Column titles in lines that fit their column, or turned where a word is wider than it."""
    words = [word for title in data.columns for word in title.split(" ")]
    if widest(words, sheet.small) <= cell - 3:
        return [wrapped(title, cell - 3, sheet.small) for title in data.columns], False
    lines = max(1, int((cell - 2) / (1.15 * sheet.small)))
    whole = widest(data.columns, sheet.small)
    return [wrapped(title, max(whole / lines * 1.35, 60), sheet.small)
            for title in data.columns], True  # fmt: skip


def _head_height(heads: list[str], turned: bool, sheet: Sheet) -> float:
    if turned:
        return widest([line for head in heads for line in head.split("\n")], sheet.small) + 4
    return max(head.count("\n") + 1 for head in heads) * 1.15 * sheet.small + 4


def _draw_cells(axes: Axes, data: HeatMap, sheet: Sheet, colors: Colormap, cell: float) -> None:
    from matplotlib.patches import Rectangle

    size = sheet.small if text_width("12.0", sheet.small) < cell - 2 else 7.0
    for down, row in enumerate(data.rows):
        for right, value in enumerate(row.scores):
            fill = _fill(value, data.scale, colors)
            axes.add_patch(
                Rectangle((right, down), 1, 1, facecolor=fill or "white", linewidth=0.8,
                          edgecolor="white" if fill else LINE, hatch=None if fill else "////",
                          in_layout=False)  # the axes hold them all, so none needs measuring
            )  # fmt: skip
            if fill is not None:
                axes.text(right + 0.5, down + 0.52, score(value), ha="center", va="center",
                          fontsize=size, color=ink_on(fill), in_layout=False)  # fmt: skip


def _fill(value: float | None, scale: Scale, colors: Colormap) -> Color | None:
    if value is None:
        return None
    red, green, blue, _ = colors((value - scale.minimum) / scale.length)
    return red, green, blue


def _draw_key(drawn: Figure, axes: Axes, scale: Scale, sheet: Sheet, colors: Colormap) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    mapped = ScalarMappable(Normalize(scale.minimum, scale.maximum), colors)
    bar = drawn.colorbar(
        mapped, ax=axes, location="bottom", fraction=0.03, aspect=40, shrink=0.7, pad=0.01,
        anchor=(0, 1),
    )  # fmt: skip
    bar.outline.set_visible(False)
    ticks = score_ticks(scale)
    bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks], fontsize=sheet.small)
    bar.set_label(
        f"Score ({scale.minimum:g} to {scale.maximum:g})", fontsize=sheet.small, labelpad=2
    )
    bar.ax.tick_params(length=0, pad=2, labelcolor=INK)
