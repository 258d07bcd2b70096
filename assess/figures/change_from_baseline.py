"""The primary figure: how far the mean is from the first quarter, in the same clinics each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.axes import Scale, quiet
from assess.figures.colors import BLUE, INK, MUTED
from assess.figures.drawing import DEFAULT_DPI, Kind, height_of, render
from assess.figures.sheet import Sheet, text_width
from assess.figures.timeline import Timeline, draw_timeline, without_gaps
from assess.figures.words import Interval, Numbers, change, counted, limits, score, sentence_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BARS = "Error bars: paired 95% CI of the change in the same clinics."


@dataclass(frozen=True, slots=True)
class Change:
    """Mean change since the baseline over the `clinics` with a score in both quarters."""

    since: Interval
    clinics: int


@dataclass(frozen=True, slots=True)
class ChangeFromBaseline:
    """One change per quarter of `timeline`; None at the baseline and where no clinic has both.

    `baseline` is the place of the quarter that changes are counted from. `note` says what else a
    reader must know, such as what the scores rest on. Changes are in points of `scale`.
    """

    title: str
    scale: Scale
    timeline: Timeline
    changes: tuple[Change | None, ...]
    baseline: int = 0
    note: str = ""


def draw(data: ChangeFromBaseline, *, kind: Kind, width: float, dpi: float = DEFAULT_DPI) -> bytes:
    """The figure `width` millimeters wide; equal numbers give equal bytes."""
    return render(_compose, data, kind=kind, width=width, dpi=dpi)


def height(data: ChangeFromBaseline, *, width: float) -> float:
    """Millimeters that the figure is high when it is `width` millimeters wide."""
    return height_of(_compose, data, width)


def numbers(data: ChangeFromBaseline) -> Numbers:
    """Every change with its interval and number of clinics."""
    rows = [(data.timeline.labels[data.baseline], "0.0 (baseline)", "none", "all")]
    for label, one in zip(data.timeline.labels, data.changes, strict=True):
        if one is not None:
            low_high = limits(one.since, 2, signed=True)
            rows.append((label, change(one.since.value, 2), low_high, f"{one.clinics:,}"))
    return Numbers(("Quarter", "Mean change", "95% CI (paired)", "Clinics with both"), tuple(rows))


def sentence(data: ChangeFromBaseline) -> str:
    """Where the last quarter stands against the baseline, with its interval."""
    places = [place for place, one in enumerate(data.changes) if one is not None]
    start = data.timeline.at(data.baseline)
    one = data.changes[places[-1]] if places else None
    if one is None:
        return f"No clinic has a score both {start} and in a later quarter."
    value = one.since.value
    words = f"was the same as {start} to one decimal"
    if change(value) != "0.0":
        way = "higher" if value > 0 else "lower"
        words = f"was {score(abs(value))} points {way} than {start}"
    certain = "" if one.since.low is None else f"95% CI of the change {limits(one.since)}; "
    return (
        f"{data.timeline.begins(places[-1])} the mean {sentence_case(data.scale.title)} {words} "
        f"({certain}{counted(one.clinics, 'clinic')})."
    )


def _compose(data: ChangeFromBaseline, sheet: Sheet) -> Figure:
    height = min(max(sheet.width * 0.52, 48), 115)
    drawn = sheet.figure(height, title=data.title, note=_note(data))
    axes = drawn.add_subplot()
    room = sheet.points * 0.86
    reach = _reach(data)
    axes.set_ylim(-reach[0], reach[1])
    ticks = _ticks(*reach)
    axes.set_yticks(ticks, [change(tick) for tick in ticks], fontsize=sheet.small)
    start = data.timeline.named(data.baseline)
    axes.set_ylabel(f"Change since {start}\n(points, scale {data.scale.minimum:g} to "
                    f"{data.scale.maximum:g})", fontsize=sheet.text, labelpad=3)  # fmt: skip
    quiet(axes)
    axes.axhline(0, color=INK, linewidth=0.9, zorder=2)
    draw_timeline(axes, data.timeline, sheet, room)
    _draw_changes(axes, data, sheet, room)
    return drawn


def _note(data: ChangeFromBaseline) -> str:
    barred = any(one is not None and one.since.low is not None for one in data.changes)
    return "\n".join(filter(None, (BARS if barred else "", data.note)))


def _draw_changes(axes: Axes, data: ChangeFromBaseline, sheet: Sheet, room: float) -> None:
    values = [None if one is None else one.since.value for one in data.changes]
    values[data.baseline] = 0.0
    for stretch in without_gaps(values):
        axes.plot(*zip(*stretch, strict=True), color=BLUE, linewidth=sheet.stroke, zorder=3)
    known = [(place, one) for place, one in enumerate(data.changes) if one is not None]
    slot = room / len(data.timeline)
    cap, bar = min(0.3 * sheet.text, slot / 5), 0.1 * sheet.text
    for place, one in known:
        if one.since.low is not None and one.since.high is not None:
            error = [[one.since.value - one.since.low], [one.since.high - one.since.value]]
            axes.errorbar(place, one.since.value, yerr=error, fmt="none", ecolor=INK,
                          elinewidth=bar, capsize=cap, capthick=bar, zorder=4)  # fmt: skip
    size = min(0.75 * sheet.text, slot * 0.55)
    axes.plot([place for place, _ in known], [one.since.value for _, one in known], "o", color=BLUE,
              markersize=size, markeredgecolor="white", markeredgewidth=0.8, zorder=5)  # fmt: skip
    axes.plot([data.baseline], [0], "D", color="white", markersize=size * 0.9,
              markeredgecolor=INK, markeredgewidth=1, zorder=5)  # fmt: skip
    _name_baseline(axes, data, sheet, slot)
    every = -(-text_width("+0.0 ", sheet.small) // slot)
    for place, one in known:
        # counted back from the last quarter, which always has its number
        if (known[-1][0] - place) % int(every) == 0:
            top = one.since.value if one.since.high is None else one.since.high
            axes.annotate(
                change(one.since.value), (place, top), xytext=(0, 4), textcoords="offset points",
                ha="center", va="bottom", fontsize=sheet.small, color=INK, zorder=6,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
            )  # fmt: skip


def _name_baseline(axes: Axes, data: ChangeFromBaseline, sheet: Sheet, slot: float) -> None:
    if text_width("Baseline", sheet.small) > slot:
        return  # the axis names the quarter
    after = next((one.since.value for one in data.changes if one is not None), 0.0)
    axes.annotate(
        "Baseline", (data.baseline, 0), xytext=(0, 6 if after < 0 else -6),
        textcoords="offset points", ha="center", va="bottom" if after < 0 else "top",
        fontsize=sheet.small, color=MUTED,
    )  # fmt: skip


def _reach(data: ChangeFromBaseline) -> tuple[float, float]:
    """How far below and above no change the axis goes: a sixth of the scale at least."""
    ends = [
        limit
        for one in data.changes
        if one is not None
        for limit in (one.since.value, one.since.low, one.since.high)
        if limit is not None
    ]
    least = data.scale.length / 6
    low, high = min([0.0, *ends]), max([0.0, *ends])
    return max(least * 0.5, -low * 1.15), max(least, high * 1.2)


def _ticks(below: float, above: float) -> list[float]:
    """Round steps through zero, three to eight of them."""
    step = next(
        size
        for size in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1e9)
        if (below + above) / size <= 8
    )
    first, last = -int(below / step), int(above / step)
    return [step * place for place in range(first, last + 1)]
