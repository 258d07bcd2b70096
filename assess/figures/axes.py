"""What figures put round their lines: the fixed score axis, quiet frames, labels kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.colors import INK, LINE, MUTED
from assess.figures.sheet import Sheet, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Scale:
    """What is measured ("Overall score") and the lowest and highest value it can have."""

    title: str
    minimum: float
    maximum: float

    @property
    def label(self) -> str:
        """ "Overall score (1 to 4)"."""
        return f"{self.title} ({self.minimum:g} to {self.maximum:g})"

    @property
    def length(self) -> float:
        return self.maximum - self.minimum


@dataclass(frozen=True, slots=True)
class EndLabel:
    """Text to write beside the last point of a line."""

    text: str
    height: float
    color: str = INK
    bold: bool = False


def draw_score_axis(axes: Axes, scale: Scale, sheet: Sheet, plot_points: float) -> None:
    """The whole scale, always: a small change must not look like a large one.

    `plot_points` is the height of the plot; the axis' name is wrapped to it.
    """
    margin = scale.length * 0.04
    axes.set_ylim(scale.minimum - margin, scale.maximum + margin)
    ticks = score_ticks(scale)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=sheet.small)
    name = wrapped(scale.label, plot_points, sheet.text)
    axes.set_ylabel(name, fontsize=sheet.text, labelpad=3)
    quiet(axes)


def score_ticks(scale: Scale) -> list[float]:
    """Each level of a short scale; about five round places of a long one, with both ends."""
    if scale.length <= 6:
        return [scale.minimum + step for step in range(int(scale.length) + 1)]
    quarter = scale.maximum / 4
    inner = [quarter * step for step in range(1, 5)]
    return [scale.minimum, *(tick for tick in inner if tick > scale.minimum)]


def quiet(axes: Axes) -> None:
    """Light horizontal lines, no box."""
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0, labelcolor=INK, pad=3)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.spines["bottom"].set_linewidth(0.8)


def draw_end_labels(
    axes: Axes, labels: Sequence[EndLabel], sheet: Sheet, plot_points: float
) -> None:
    """Labels right of the plot, moved apart where they would cover each other.

    `plot_points` is the height of the plot, to know how near is too near.
    """
    low, high = axes.get_ylim()
    line = sheet.small * 1.2
    unit = (high - low) / plot_points
    # from below, where the last of equal ones stands first
    order = sorted(labels, key=lambda label: label.height, reverse=True)[::-1]
    heights = apart([label.height for label in order], line * unit, low, high)
    shifts = [(h - label.height) / unit for label, h in zip(order, heights, strict=True)]
    crowded = any(abs(shift) > line / 2 for shift in shifts)
    for label, shift in zip(order, shifts, strict=True):
        axes.annotate(
            label.text, (1, label.height), xycoords=axes.get_yaxis_transform(),
            xytext=(12 if crowded else 3, shift), textcoords="offset points", va="center",
            ha="left", fontsize=sheet.small, color=label.color, annotation_clip=False,
            fontweight=700 if label.bold else 400, zorder=8,
            # a label that had to move is led back to its line
            arrowprops={"arrowstyle": "-", "color": label.color, "linewidth": 0.4,
                        "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)} if crowded else None,
        )  # fmt: skip


def apart(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Ascending heights moved as little as possible, so that neighbors are `gap` apart.

    Groups that touch are centered on their mean and merged (pool adjacent violators). When all
    together need more than low..high, they overflow evenly.
    """
    groups: list[tuple[float, int]] = []  # center, members
    for height in heights:
        groups.append((height, 1))
        while len(groups) > 1 and _touch(groups[-2], groups[-1], gap):
            (center, many), (other, more) = groups[-2:]
            groups[-2:] = [((center * many + other * more) / (many + more), many + more)]
    placed: list[float] = []
    for center, many in groups:
        reach = (many - 1) * gap / 2
        center = min(max(center, low + reach), max(high - reach, low + reach))
        placed.extend(center - reach + step * gap for step in range(many))
    return _pushed(placed, gap)


def _touch(below: tuple[float, int], above: tuple[float, int], gap: float) -> bool:
    return above[0] - below[0] < gap * (below[1] + above[1]) / 2


def _pushed(heights: list[float], gap: float) -> list[float]:
    for place in range(1, len(heights)):
        heights[place] = max(heights[place], heights[place - 1] + gap)
    return heights
