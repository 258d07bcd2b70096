"""One clinic's scores over the middle half of the program: its place, without names or ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.axes import EndLabel, Scale, draw_end_labels, draw_score_axis
from assess.figures.colors import INK, MUTED, VERMILLION
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet, shortened
from assess.figures.timeline import Timeline, draw_timeline, without_gaps
from assess.figures.words import Numbers, counted, score, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Spread:
    """The quartiles of the scores of `clinics` clinics in one quarter."""

    p25: float
    p50: float
    p75: float
    clinics: int


@dataclass(frozen=True, slots=True)
class PlaceInProgram:
    """A clinic's scores and the spread of all clinics; None where there are none or too few.

    `own` is how the clinic is called: "This clinic", or its name where the viewer may see it.
    """

    title: str
    scale: Scale
    timeline: Timeline
    values: tuple[float | None, ...]
    spreads: tuple[Spread | None, ...]
    own: str = "This clinic"
    note: str = ""


def draw(data: PlaceInProgram, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: PlaceInProgram, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: PlaceInProgram) -> Numbers:
    """Own score and the program's quartiles of every quarter."""
    rows: list[tuple[str, ...]] = []
    for label, value, one in zip(data.timeline.labels, data.values, data.spreads, strict=True):
        cells = ("too few clinics",) * 3
        if one is not None:
            cells = (f"{score(one.p25)} to {score(one.p75)}", score(one.p50), f"{one.clinics:,}")
        rows.append((label, score(value), *cells))
    return Numbers(("Quarter", data.own, "Middle half", "Median", "Clinics"), tuple(rows))


def sentence(data: PlaceInProgram) -> str:
    """Whether the last score lies within, above or below the middle half."""
    both = [
        (place, value, one)
        for place, (value, one) in enumerate(zip(data.values, data.spreads, strict=True))
        if value is not None and one is not None
    ]
    name = sentence_case(data.scale.title)
    if not both:
        return "In no quarter does this clinic have a score beside enough other clinics."
    place, value, one = both[-1]
    where = "within"
    if round(value, 1) != round(one.p25, 1) and value < one.p25:
        where = "below"
    elif round(value, 1) != round(one.p75, 1) and value > one.p75:
        where = "above"
    own = sentence_case(data.own) if data.own == "This clinic" else data.own
    return (
        f"{data.timeline.begins(place)} the {name} of {own} was {score(value)}, {where} the middle "
        f"half of the program ({score(one.p25)} to {score(one.p75)}; "
        f"{counted(one.clinics, 'clinic')})."
    )


def _compose(data: PlaceInProgram, sheet: Sheet) -> Figure:
    height = min(max(sheet.width * 0.5, 52), 110)
    note = "\n".join(filter(None, (_who(data), data.note)))
    drawn = sheet.figure(height, title=data.title, note=note)
    axes = drawn.add_subplot()
    tall, room = height * POINTS - 3 * sheet.text, sheet.points * 0.74
    draw_score_axis(axes, data.scale, sheet, tall)
    draw_timeline(axes, data.timeline, sheet, room, labelled=True)
    _draw_spread(axes, data)
    _draw_own(axes, data, sheet, room)
    draw_end_labels(axes, _labels(data, sheet), sheet, tall)
    return drawn


def _draw_spread(axes: Axes, data: PlaceInProgram) -> None:
    for stretch in without_gaps([None if one is None else one.p50 for one in data.spreads]):
        across: list[float] = [place for place, _ in stretch]
        here = [one for place, _ in stretch if (one := data.spreads[place]) is not None]
        if len(here) == 1:  # a band needs some width to be seen
            across, here = [across[0] - 0.12, across[0] + 0.12], here * 2
        low, high = [one.p25 for one in here], [one.p75 for one in here]
        axes.fill_between(across, low, high, color="#d9e2e8", linewidth=0, zorder=2)
        for edge in (low, high):
            axes.plot(across, edge, color="#8b9aa6", linewidth=0.5, zorder=2.5)
        axes.plot(across, [one.p50 for one in here], color=MUTED, linewidth=1, dashes=(5, 2),
                  zorder=3)  # fmt: skip


def _draw_own(axes: Axes, data: PlaceInProgram, sheet: Sheet, room: float) -> None:
    for stretch in without_gaps(data.values):
        axes.plot(
            *zip(*stretch, strict=True), "-o", color=VERMILLION, linewidth=sheet.stroke, zorder=5,
            markersize=min(0.65 * sheet.text, room / len(data.timeline) * 0.55),
            markeredgecolor="white", markeredgewidth=0.7,
        )  # fmt: skip


def _labels(data: PlaceInProgram, sheet: Sheet) -> list[EndLabel]:
    labels: list[EndLabel] = []
    if known := [value for value in data.values if value is not None]:
        own = shortened(data.own, sheet.points * 0.18, sheet.small, 700)
        labels.append(EndLabel(f"{own} {score(known[-1])}", known[-1], "#a34700", bold=True))
    if spreads := [one for one in data.spreads if one is not None]:
        end = spreads[-1]
        labels += [
            EndLabel(f"Upper quartile {score(end.p75)}", end.p75, MUTED),
            EndLabel(f"Median {score(end.p50)}", end.p50, INK),
            EndLabel(f"Lower quartile {score(end.p25)}", end.p25, MUTED),
        ]
    return labels


def _who(data: PlaceInProgram) -> str:
    sizes = sorted({one.clinics for one in data.spreads if one is not None})
    if not sizes:
        return ""
    many = (
        f"{sizes[0]:,} to {sizes[-1]:,} clinics" if len(sizes) > 1 else counted(sizes[0], "clinic")
    )
    return f"Gray band: the middle half of {many} a quarter; dashed: their median."
