"""One clinic's scores over time: median, signals, limits and actions, for a staff room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.axes import EndLabel, Scale, draw_end_labels, draw_score_axis
from assess.figures.colors import BLUE, INK, MUTED, VERMILLION
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import POINTS, Sheet
from assess.figures.timeline import Timeline, draw_timeline, without_gaps
from assess.figures.words import Numbers, moved, score, sentence_case
from core.lists import listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINES_OF_ACTIONS = 6


@dataclass(frozen=True, slots=True)
class Signal:
    """A run-chart rule that was met: one plain sentence, and the places of its quarters."""

    sentence: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Something the clinic did, in the quarter at `place`."""

    title: str
    place: int


@dataclass(frozen=True, slots=True)
class RunChart:
    """The scores of one clinic; `median` and `limits` (lower, upper) only with enough points.

    `rules` says which rules applied, such as "12 points and more: limits shown".
    """

    title: str
    scale: Scale
    timeline: Timeline
    values: tuple[float | None, ...]
    median: float | None = None
    limits: tuple[float, float] | None = None
    signals: tuple[Signal, ...] = ()
    actions: tuple[Action, ...] = ()
    rules: str = ""
    note: str = ""


def draw(data: RunChart, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: RunChart, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: RunChart) -> Numbers:
    """Score, signal and actions of every quarter."""
    flagged = _flagged(data)
    rows: list[tuple[str, ...]] = []
    for place, (label, value) in enumerate(zip(data.timeline.labels, data.values, strict=True)):
        titles = [action.title for action in data.actions if action.place == place]
        signal = "part of a signal" if place in flagged else "none"
        rows.append((label, score(value), signal, "; ".join(titles) or "none"))
    return Numbers(("Quarter", data.scale.title, "Signal", "Actions"), tuple(rows))


def sentence(data: RunChart) -> str:
    """The signals where there are any, else how the score moved; never why."""
    if data.signals:
        return " ".join(signal.sentence for signal in data.signals)
    known = [(place, value) for place, value in enumerate(data.values) if value is not None]
    name = sentence_case(data.scale.title)
    if not known:
        return f"There is no {name} yet."
    (first, start), (last, end) = known[0], known[-1]
    if first == last:
        return f"{data.timeline.begins(first)} the {name} was {score(start)}."
    span = f"From {data.timeline.named(first)} to {data.timeline.named(last)}"
    told = "; no run-chart rule shows a signal" if data.median is not None else ""
    return f"{span} the {name} {moved(start, end)}{told}."


def _flagged(data: RunChart) -> frozenset[int]:
    return frozenset(place for signal in data.signals for place in signal.places)


def _compose(data: RunChart, sheet: Sheet) -> Figure:
    height = min(max(sheet.width * 0.5, 52), 110)
    note = "\n".join(filter(None, (*_actions(data), _marks(data), data.rules, data.note)))
    drawn = sheet.figure(height, title=data.title, note=note)
    axes = drawn.add_subplot()
    tall, room = height * POINTS - 3 * sheet.text, sheet.points * 0.78
    draw_score_axis(axes, data.scale, sheet, tall)
    draw_timeline(axes, data.timeline, sheet, room, labelled=True)
    _draw_scores(axes, data, sheet, room)
    labels = _draw_lines(axes, data)
    draw_end_labels(axes, labels, sheet, tall)
    _draw_actions(axes, data, sheet, room)
    return drawn


def _draw_scores(axes: Axes, data: RunChart, sheet: Sheet, room: float) -> None:
    flagged = _flagged(data)
    size = min(0.7 * sheet.text, room / len(data.timeline) * 0.55)
    for stretch in without_gaps(data.values):
        axes.plot(*zip(*stretch, strict=True), color=BLUE, linewidth=sheet.stroke, zorder=4)
    for place, value in enumerate(data.values):
        if value is not None:
            mark, fill, bigger = ("s", VERMILLION, 1.1) if place in flagged else ("o", BLUE, 1.0)
            axes.plot([place], [value], mark, color=fill, markersize=size * bigger,
                      markeredgecolor="white", markeredgewidth=0.7, zorder=5)  # fmt: skip
    known = [(place, value) for place, value in enumerate(data.values) if value is not None]
    for place, value in dict.fromkeys(known[:1] + known[-1:]):
        above = _is_label_above(data, value)
        axes.annotate(
            score(value), (place, value), xytext=(0, 6 if above else -6),
            textcoords="offset points", va="bottom" if above else "top", ha="center",
            fontsize=sheet.small, fontweight=700, color=INK, zorder=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3},
        )  # fmt: skip


def _is_label_above(data: RunChart, value: float) -> bool:
    """Away from the median, unless the scale ends there."""
    room = 0.12 * data.scale.length
    if value > data.scale.maximum - room:
        return False
    return data.median is None or value >= data.median or value < data.scale.minimum + 2 * room


def _draw_lines(axes: Axes, data: RunChart) -> list[EndLabel]:
    lines = [
        (f"{name} limit", limit, MUTED, (1.5, 2))
        for name, limit in zip(("Lower", "Upper"), data.limits or (), strict=False)
        # a limit beyond the scale says nothing: no score can cross it
        if data.scale.minimum <= limit <= data.scale.maximum
    ]
    if data.median is not None:
        lines.insert(1, ("Median", data.median, INK, (6, 3)))
    for _, height, color, dashes in lines:
        axes.axhline(height, color=color, linewidth=0.9, dashes=dashes, zorder=3)
    return [
        EndLabel(f"{name} {score(height)}", height, color) for name, height, color, _ in lines[::-1]
    ]


def _draw_actions(axes: Axes, data: RunChart, sheet: Sheet, room: float) -> None:
    """A triangle on the axis with the numbers that the note explains."""
    slot = room / len(data.timeline)
    for place in sorted({action.place for action in data.actions}):
        own = [str(number) for number, action in _numbered(data) if action.place == place]
        text = own[0] if len(own) == 1 else f"{own[0]}–{own[-1]}"
        axes.plot(
            [place], [0.0], "^", color=INK, markersize=min(0.6 * sheet.text, slot * 0.6),
            transform=axes.get_xaxis_transform(), clip_on=False, zorder=6,
        )  # fmt: skip
        axes.annotate(
            text, (place, 0), xycoords=axes.get_xaxis_transform(), xytext=(0, 0.4 * sheet.text),
            textcoords="offset points", ha="center", va="bottom", fontsize=sheet.small, color=INK,
            zorder=7, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3},
        )  # fmt: skip


def _actions(data: RunChart) -> list[str]:
    """The numbered actions: a line each while they are few, else one paragraph."""
    parts = [
        f"{number} {action.title} ({data.timeline.named(action.place)})"
        for number, action in _numbered(data)
    ]
    if len(parts) <= _LINES_OF_ACTIONS:
        return [f"▲ {part}" for part in parts]
    return [f"▲ Actions: {'; '.join(parts)}."]


def _numbered(data: RunChart) -> list[tuple[int, Action]]:
    return list(enumerate(sorted(data.actions, key=lambda action: action.place), 1))


def _marks(data: RunChart) -> str:
    parts = []
    if _flagged(data):
        parts.append("squares are quarters of a signal")
    if data.limits:
        parts.append("dotted lines are the limits of usual variation (XmR chart)")
    text = listed(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
