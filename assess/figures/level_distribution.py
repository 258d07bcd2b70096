"""Which levels the milestones stand at, quarter by quarter, as shares of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.colors import INK, LEVELS, ink_on
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet, widest, wrapped
from assess.figures.timeline import Timeline, draw_timeline
from assess.figures.words import NO_SCORE, Numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class LevelDistribution:
    """How many answers each quarter has at each level, lowest level first.

    `levels` are the words for two to four levels; a longer scale comes in its bands. `counts` has
    a tuple per quarter; all zero where there is no answer. `counted` says what is counted.
    """

    title: str
    timeline: Timeline
    levels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    counted: str = "milestones of all clinics"
    note: str = ""


def draw(data: LevelDistribution, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: LevelDistribution, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: LevelDistribution) -> Numbers:
    """Count and share of each level in each quarter."""
    rows: list[tuple[str, ...]] = []
    for label, counts in zip(data.timeline.labels, data.counts, strict=True):
        total = sum(counts)
        cells = [f"{count:,} ({_share(count, total)})" if total else NO_SCORE for count in counts]
        rows.append((label, *cells, f"{total:,}"))
    return Numbers(("Quarter", *data.levels, "All"), tuple(rows))


def sentence(data: LevelDistribution) -> str:
    """The share at the highest level, first and last."""
    known = [place for place, counts in enumerate(data.counts) if sum(counts)]
    top = data.levels[-1]
    if not known:
        return "No milestone has a level yet."
    shares = [_share(data.counts[place][-1], sum(data.counts[place])) for place in known]
    now = f"{shares[-1]} of the {data.counted} stood at “{top}”"
    line = data.timeline
    if len(known) == 1:
        return f"{line.begins(known[0])} {now}."
    return f"{line.begins(known[-1])} {now}, compared with {shares[0]} {line.at(known[0])}."


def _share(count: int, total: int) -> str:
    """Whole percent; "under 1%" and "over 99%" where rounding would hide some or say all."""
    percent = 100 * count / total
    if 0 < percent < 1:
        return "under 1%"
    if 99 < percent < 100:
        return "over 99%"
    return f"{percent:.0f}%"


def _compose(data: LevelDistribution, sheet: Sheet) -> Figure:
    height = min(max(sheet.width * 0.55, 52), 120)
    note = f"Shares of all {data.counted} with a level in the quarter."
    drawn = sheet.figure(height, title=data.title, note="\n".join(filter(None, (note, data.note))))
    axes = drawn.add_subplot()
    room = sheet.points * min(0.75, 0.45 + sheet.width / 600)
    axes.set_ylim(0, 1)
    marks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_yticks(marks, [f"{mark:.0%}" for mark in marks], fontsize=sheet.small)
    axes.set_ylabel("Share of milestones", fontsize=sheet.text, labelpad=3)
    draw_timeline(axes, data.timeline, sheet, room)
    axes.tick_params(axis="y", length=0, labelcolor=INK, pad=3)
    for spine in axes.spines.values():
        spine.set_visible(False)
    _draw_bars(axes, data, sheet, room)
    _name_levels(axes, data, sheet)
    return drawn


def _draw_bars(axes: Axes, data: LevelDistribution, sheet: Sheet, room: float) -> None:
    fills = _fills(len(data.levels))
    slot = room / len(data.timeline)
    texts = [f"{count / sum(counts):.0%}" for counts in data.counts for count in counts if count]
    fits = widest(texts, sheet.small) < slot * 0.76
    least = sheet.small * 1.2 / (sheet.width * 0.4 * POINTS)
    for place, counts in enumerate(data.counts):
        total, bottom = sum(counts), 0.0
        for fill, count in zip(fills, counts, strict=True):
            if not count:
                continue
            share = count / total
            axes.bar(
                place, share, 0.86, bottom=bottom, color=fill, edgecolor="white", linewidth=0.8
            )
            if fits and share >= least:
                axes.text(place, bottom + share / 2, f"{share:.0%}", ha="center", va="center",
                          fontsize=sheet.small, color=ink_on(fill))  # fmt: skip
            bottom += share


def _name_levels(axes: Axes, data: LevelDistribution, sheet: Sheet) -> None:
    """A key in the order of the bars, right of them, evenly spaced: thin shares need names too."""
    room = min(sheet.points * 0.24, 1.02 * widest(data.levels, sheet.small) + 1)
    count = len(data.levels)
    for place, (level, fill) in enumerate(zip(data.levels, _fills(count), strict=True)):
        height = (place + 0.5) / count
        axes.annotate(
            "■", (1, height), xycoords="axes fraction", xytext=(4, 0), textcoords="offset points",
            va="center", ha="left", fontsize=sheet.text * 1.3, color=fill, annotation_clip=False,
        )  # fmt: skip
        axes.annotate(
            wrapped(level, room, sheet.small), (1, height), xycoords="axes fraction",
            xytext=(4 + 1.4 * sheet.text, 0), textcoords="offset points", va="center", ha="left",
            fontsize=sheet.small, color=INK, annotation_clip=False, linespacing=1.05,
        )  # fmt: skip


def _fills(count: int) -> tuple[str, ...]:
    if not 2 <= count <= len(LEVELS):
        raise ValueError(f"2 to {len(LEVELS)} levels can be told apart in a bar, not {count}")
    return {2: (LEVELS[0], LEVELS[3]), 3: (LEVELS[0], LEVELS[2], LEVELS[3])}.get(count, LEVELS)
