"""Every clinic as a thin line and the mean over them: how alike the clinics moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.axes import EndLabel, Scale, draw_end_labels, draw_score_axis
from assess.figures.colors import BLUE, CONTEXT, INK
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet
from assess.figures.timeline import Timeline, draw_timeline, without_gaps
from assess.figures.words import Interval, Numbers, counted, limits, moved, score, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BARS = "Error bars: 95% CI within clinics (Cousineau-Morey)."


@dataclass(frozen=True, slots=True)
class Spaghetti:
    """One line per clinic, and the mean over the `complete` clinics with every quarter.

    `lines` have one value per quarter, None where a clinic has no score; they bear no names.
    `means` are None where there is no mean to show.
    """

    title: str
    scale: Scale
    timeline: Timeline
    lines: tuple[tuple[float | None, ...], ...]
    means: tuple[Interval | None, ...]
    complete: int
    note: str = ""


def draw(data: Spaghetti, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: Spaghetti, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: Spaghetti) -> Numbers:
    """The mean of the complete clinics, and how far all clinics spread, quarter by quarter."""
    rows: list[tuple[str, ...]] = []
    for place, label in enumerate(data.timeline.labels):
        mean = data.means[place]
        found = [value for line in data.lines if (value := line[place]) is not None]
        spread = f"{score(min(found))} to {score(max(found))}" if found else "no score"
        interval = ("no score", "none") if mean is None else (score(mean.value), limits(mean))
        rows.append((label, *interval, f"{len(found):,}", spread))
    columns = ("Quarter", "Mean", "95% CI within clinics", "Clinics", "Lowest to highest")
    return Numbers(columns, tuple(rows))


def sentence(data: Spaghetti) -> str:
    """How the mean moved, and how many of the clinics moved the same way."""
    known = [(place, mean.value) for place, mean in enumerate(data.means) if mean is not None]
    name = sentence_case(data.scale.title)
    if not known:
        return f"There is no mean {name} to follow: no clinic has a score in every quarter."
    (first, start), (last, end) = known[0], known[-1]
    if first == last:
        clinics = counted(data.complete, "clinic")
        return f"{data.timeline.begins(first)} the mean {name} was {score(start)} in {clinics}."
    full = [line for line in data.lines if None not in line]
    rose = sum(_difference(line, first, last) > 0 for line in full)
    return (
        f"From {data.timeline.named(first)} to {data.timeline.named(last)} the mean {name} "
        f"{moved(start, end)}; the score rose in {rose:,} of {counted(data.complete, 'clinic')}."
    )


def _difference(line: tuple[float | None, ...], first: int, last: int) -> float:
    before, after = line[first], line[last]
    return 0.0 if before is None or after is None else round(after - before, 1)


def _compose(data: Spaghetti, sheet: Sheet) -> Figure:
    height = min(max(sheet.width * 0.55, 52), 120)
    barred = any(mean is not None and mean.low is not None for mean in data.means)
    note = "\n".join(filter(None, (_who(data), BARS if barred else "", data.note)))
    drawn = sheet.figure(height, title=data.title, note=note)
    axes = drawn.add_subplot()
    room, tall = sheet.points * 0.8, height * POINTS - 3 * sheet.text
    draw_score_axis(axes, data.scale, sheet, tall)
    draw_timeline(axes, data.timeline, sheet, room, labelled=True)
    _draw_clinics(axes, data, sheet)
    _draw_mean(axes, data, sheet, room)
    for mean in [mean for mean in data.means if mean is not None][-1:]:
        label = EndLabel(f"Mean {score(mean.value)}", mean.value, BLUE, bold=True)
        draw_end_labels(axes, [label], sheet, tall)
    return drawn


def _who(data: Spaghetti) -> str:
    lines = f"Thin lines: {counted(len(data.lines), 'clinic')}."
    return f"{lines} Mean: the {counted(data.complete, 'clinic')} with a score in every quarter."


def _draw_clinics(axes: Axes, data: Spaghetti, sheet: Sheet) -> None:
    # many lines need thinner ones, so that the mean still stands out
    thin = 0.7 if len(data.lines) <= 25 else 0.45
    for line in data.lines:
        for stretch in without_gaps(line):
            # a quarter between two gaps is a dot, or nobody would see it
            dot = "o" if len(stretch) == 1 else "None"
            axes.plot(
                *zip(*stretch, strict=True), color=CONTEXT, linewidth=thin, zorder=2,
                alpha=0.9, marker=dot, markersize=0.22 * sheet.text,
            )  # fmt: skip


def _draw_mean(axes: Axes, data: Spaghetti, sheet: Sheet, room: float) -> None:
    values = [None if mean is None else mean.value for mean in data.means]
    slot, bar = room / len(data.timeline), 0.1 * sheet.text
    size = min(0.65 * sheet.text, slot * 0.5)
    for stretch in without_gaps(values):
        axes.plot(
            *zip(*stretch, strict=True), "-o", color=BLUE, linewidth=sheet.stroke * 1.15,
            markersize=size, markeredgecolor="white", markeredgewidth=0.8, zorder=6,
        )  # fmt: skip
    for place, mean in enumerate(data.means):
        if mean is not None and mean.low is not None and mean.high is not None:
            error = [[mean.value - mean.low], [mean.high - mean.value]]
            axes.errorbar(
                place, mean.value, yerr=error, fmt="none", ecolor=INK, elinewidth=bar,
                capsize=min(0.3 * sheet.text, slot / 5), capthick=bar, zorder=5,
            )  # fmt: skip
