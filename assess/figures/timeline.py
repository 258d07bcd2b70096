"""The time axis all figures over quarters share: evenly spaced quarters, gaps and breaks shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.figures.colors import INK, MUTED
from assess.figures.sheet import Sheet, widest, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUARTER = re.compile(r"Q([1-4]) (\d{4})")
_WAVE = re.compile(r"Baseline|\+(\d+) quarters?")
SINCE = "Quarters since baseline"


@dataclass(frozen=True, slots=True)
class Break:
    """The questionnaire changed before the quarter at `place`; `label` says to what."""

    place: int
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Every quarter (or wave) from the first to the last, also those without any score."""

    labels: tuple[str, ...]
    breaks: tuple[Break, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def is_waves(self) -> bool:
        """Whether it counts quarters since the baseline."""
        return all(_WAVE.fullmatch(label) for label in self.labels)

    def named(self, place: int) -> str:
        """As in the middle of a sentence: "Q1 2025", "baseline"."""
        label = self.labels[place]
        return label if _QUARTER.fullmatch(label) else label[:1].lower() + label[1:]

    def at(self, place: int) -> str:
        """ "in Q1 2025", "at baseline"."""
        return f"{'in' if _QUARTER.fullmatch(self.labels[place]) else 'at'} {self.named(place)}"

    def begins(self, place: int) -> str:
        """The same at the beginning of a sentence."""
        text = self.at(place)
        return text[:1].upper() + text[1:]


def draw_timeline(
    axes: Axes,
    timeline: Timeline,
    sheet: Sheet,
    room: float,
    *,
    labelled: bool = False,
    breaks_named: bool = True,
) -> None:
    """Ticks that fit `room` points of width, and a dashed line at each break.

    Labelled: labels stand right of the plot, so it ends soon after the last quarter. Where the
    breaks are not named above the plot, the note has to say what they are (`timeline_note`).
    """
    labels = _short(timeline)
    step, start = _spacing(labels, room, sheet.small)
    places = list(range(start, len(timeline), step))
    axes.set_xticks(places, _names(labels, places, room, sheet.small), fontsize=sheet.small)
    if timeline.is_waves and breaks_named:
        axes.set_xlabel(SINCE, fontsize=sheet.small, labelpad=2)
    beyond = min(0.5, sheet.text * len(timeline) / room) if labelled else 0.5
    axes.set_xlim(-beyond, len(timeline) - 1 + beyond)
    axes.tick_params(axis="x", length=2.5, width=0.6, color=MUTED, labelcolor=INK, pad=2)
    for change in timeline.breaks:
        axes.axvline(change.place - 0.5, color=MUTED, linewidth=0.8, dashes=(4, 3), zorder=3)
        if not breaks_named:
            continue
        # above the plot, where no point can be, and on the side that has more room
        left = change.place <= len(timeline) / 2
        axes.annotate(
            wrapped(change.label, room / 2, sheet.small), (change.place - 0.5, 1),
            xycoords=("data", "axes fraction"), xytext=(-2 if left else 2, 3),
            textcoords="offset points", va="bottom", ha="left" if left else "right",
            fontsize=sheet.small, color=MUTED, annotation_clip=False,
            multialignment="left" if left else "right",
        )  # fmt: skip


def timeline_note(timeline: Timeline) -> str:
    """What waves and dashed lines are, for figures without room to name them."""
    parts = [f"{change.label} {timeline.at(change.place)}" for change in timeline.breaks]
    sentences = [f"Axis: {SINCE.lower()}."] if timeline.is_waves else []
    return " ".join([*sentences, *([f"Dashed lines: {'; '.join(parts)}."] if parts else [])])


def without_gaps(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The stretches of neighboring quarters with a value: a line must not bridge a gap unseen."""
    stretches: list[list[tuple[int, float]]] = [[]]
    for place, value in enumerate(values):
        if value is not None:
            stretches[-1].append((place, value))
        elif stretches[-1]:
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def _short(timeline: Timeline) -> tuple[str, ...]:
    """Labels of the ticks: waves are numbers, since the axis says of what."""
    if not timeline.is_waves:
        return timeline.labels
    found = (_WAVE.fullmatch(label) for label in timeline.labels)
    return tuple(f"+{wave[1]}" if wave and wave[1] else "0" for wave in found)


def _spacing(labels: Sequence[str], room: float, size: float) -> tuple[int, int]:
    """Every how many quarters a label fits, and the first to have one."""
    calendar = [_QUARTER.fullmatch(label) for label in labels]
    whole = all(calendar)
    lines = [part for label in labels for part in (label.split(" ") if whole else [label])]
    slot = room / max(1, len(labels))
    needed = (widest(lines[: 2 * len(labels)], size) + size * 0.5) if whole else None
    if needed is None:
        needed = min(widest(labels, size), 6 * size) + size * 0.5
    if whole and widest(["Q4"], size) + size * 0.35 <= slot:
        return 1, 0  # years stand below every first quarter only, so they have room
    step = next(step for step in (1, 2, 4, 8, 16, 32, 64, 128) if step * slot >= needed)
    first = calendar[0]
    # a year's label stands at its first quarter
    start = (5 - int(first[1])) % 4 if whole and first and step >= 4 else 0
    return step, start if start < len(labels) else 0


def _names(labels: Sequence[str], places: Sequence[int], room: float, size: float) -> list[str]:
    names: list[str] = []
    # Where a second year begins too close by, only that one is named.
    year = labels[0][-4:] if _years_collide(labels, places, room, size) else ""
    for place in places:
        found = _QUARTER.fullmatch(labels[place])
        if found is None:
            names.append(wrapped(labels[place], max(6 * size, room / max(1, len(labels))), size))
            continue
        names.append(f"Q{found[1]}\n{found[2]}" if found[2] != year else f"Q{found[1]}")
        year = found[2]
    return names


def _years_collide(labels: Sequence[str], places: Sequence[int], room: float, size: float) -> bool:
    years = [labels[place][-4:] for place in places]
    second = next((i for i, year in enumerate(years) if year != years[0]), None)
    if second is None:
        return False
    apart = (places[second] - places[0]) * room / len(labels)
    return apart < widest(years[:1], size) + size * 0.3
