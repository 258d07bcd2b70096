"""How many clinics spread over the scale, when single lines would be a tangle: above 60 clinics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.axes import EndLabel, Scale, draw_end_labels, draw_score_axis
from assess.figures.colors import BLUE, MUTED
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet
from assess.figures.timeline import Timeline, draw_timeline, without_gaps
from assess.figures.words import NO_SCORE, Numbers, moved, score, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LINES = 60
"""Up to this many clinics single lines can be followed (spaghetti); above, the fan is clearer."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """The 10th, 25th, 50th, 75th and 90th percentile of `clinics` scores."""

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    clinics: int


@dataclass(frozen=True, slots=True)
class QuantileFan:
    """The percentiles of every quarter; None where no clinic has a score."""

    title: str
    scale: Scale
    timeline: Timeline
    quantiles: tuple[Quantiles | None, ...]
    note: str = ""


def quantiles_of(values: Sequence[float]) -> Quantiles | None:
    """Percentiles by linear interpolation (R's type 7); None without values."""
    if not len(values):
        return None
    import numpy as np

    p10, p25, p50, p75, p90 = np.percentile(values, [10, 25, 50, 75, 90]).tolist()
    return Quantiles(p10, p25, p50, p75, p90, len(values))


def draw(data: QuantileFan, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: QuantileFan, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: QuantileFan) -> Numbers:
    """The percentiles of every quarter, and how many clinics they are of."""
    rows: list[tuple[str, ...]] = []
    for label, one in zip(data.timeline.labels, data.quantiles, strict=True):
        cells: tuple[str, ...] = (NO_SCORE,) * 5
        if one is not None:
            cells = tuple(score(p) for p in (one.p10, one.p25, one.p50, one.p75, one.p90))
        rows.append((label, *cells, f"{one.clinics if one else 0:,}"))
    columns = ("Quarter", "10th percentile", "25th", "Median", "75th", "90th", "Clinics")
    return Numbers(columns, tuple(rows))


def sentence(data: QuantileFan) -> str:
    """How the middle moved, and where the middle half stands now."""
    known = [(place, one) for place, one in enumerate(data.quantiles) if one is not None]
    name = sentence_case(data.scale.title)
    if not known:
        return "No clinic has a score yet."
    (first, start), (last, end) = known[0], known[-1]
    half = f"the middle half of the clinics stood between {score(end.p25)} and {score(end.p75)}"
    if first == last:
        begins = data.timeline.begins(last)
        return f"{begins} the median {name} was {score(end.p50)}, and {half}."
    return (
        f"From {data.timeline.named(first)} to {data.timeline.named(last)} the median {name} "
        f"{moved(start.p50, end.p50)}; {data.timeline.at(last)} {half}."
    )


def _compose(data: QuantileFan, sheet: Sheet) -> Figure:
    height = min(max(sheet.width * 0.55, 52), 120)
    drawn = sheet.figure(
        height, title=data.title, note="\n".join(filter(None, (_who(data), data.note)))
    )
    axes = drawn.add_subplot()
    tall = height * POINTS - 3 * sheet.text
    draw_score_axis(axes, data.scale, sheet, tall)
    draw_timeline(axes, data.timeline, sheet, sheet.points * 0.74, labelled=True)
    _draw_bands(axes, data, sheet)
    known = [one for one in data.quantiles if one is not None]
    if known:
        end = known[-1]
        labels = [
            EndLabel("90th percentile", end.p90, MUTED), EndLabel("75th", end.p75, MUTED),
            EndLabel(f"Median {score(end.p50)}", end.p50, BLUE, bold=True),
            EndLabel("25th", end.p25, MUTED), EndLabel("10th percentile", end.p10, MUTED),
        ]  # fmt: skip
        draw_end_labels(axes, labels, sheet, tall)
    return drawn


def _draw_bands(axes: Axes, data: QuantileFan, sheet: Sheet) -> None:
    for stretch in without_gaps([None if one is None else one.p50 for one in data.quantiles]):
        places = [place for place, _ in stretch]
        here = [one for place in places if (one := data.quantiles[place]) is not None]
        across: list[float] = [*places]
        if len(places) == 1:  # a band needs some width to be seen
            across = [places[0] - 0.12, places[0] + 0.12]
            here = here * 2
        for low, high, tint in (
            ([one.p10 for one in here], [one.p90 for one in here], "#d3e7f3"),
            ([one.p25 for one in here], [one.p75 for one in here], "#8fc3e3"),
        ):
            axes.fill_between(across, low, high, color=tint, linewidth=0, zorder=2)
            for edge in (low, high):
                # edges keep the bands apart in grey print
                axes.plot(across, edge, color="#4b8db5", linewidth=0.5, zorder=3)
        axes.plot(across, [one.p50 for one in here], color=BLUE, linewidth=sheet.stroke, zorder=4)


def _who(data: QuantileFan) -> str:
    sizes = [one.clinics for one in data.quantiles if one is not None]
    low, high = min(sizes, default=0), max(sizes, default=0)
    many = f"{high:,} clinics" if low == high else f"{low:,} to {high:,} clinics a quarter"
    return f"Percentiles of {many}: half of them stand in the dark band, four in five in both."
