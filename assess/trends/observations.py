"""The long table every trend statistic starts from: one value per clinic and quarter.

Knows who was seen when, the natural order of the times, and the complete-case rule: a
repeated-measures statistic uses only the clinics that have a value at every time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assess.quarters import Quarter

Time = int | float | str
Matrix = NDArray[np.float64]

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DIGITS = re.compile(r"(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one subject (a clinic) at one time (a quarter); None is a missing value."""

    subject: str
    time: Time
    value: float | None
    org: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A subject that the complete-case rule leaves out, and the times it has no value for."""

    subject: str
    missing: tuple[Time, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CompleteTable:
    """The subjects that have a value at every time.

    `values` has one row per subject and one column per time, unrounded, in the order of
    `subjects` and `times`. `left_out` are the others that have at least one value.
    """

    values: Matrix
    subjects: tuple[str, ...]
    times: tuple[Time, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Observations:
    """All observations of a file or a program; at most one per subject and time."""

    rows: tuple[Observation, ...]

    @cached_property
    def _values(self) -> dict[str, dict[Time, float]]:
        found: dict[str, dict[Time, float]] = {}
        for row in self.rows:
            if row.value is None:
                continue
            times = found.setdefault(row.subject, {})
            if row.time in times:
                raise ValueError(f"{row.subject} has two values at {row.time}")
            times[row.time] = row.value
        return found

    @cached_property
    def times(self) -> tuple[Time, ...]:
        """Times with at least one value, in their natural order."""
        return sorted_times({time for values in self._values.values() for time in values})

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """Subjects with at least one value, in natural order (C2 before C10)."""
        return tuple(sorted(self._values, key=natural_order))

    @cached_property
    def without_values(self) -> tuple[str, ...]:
        """Subjects that are named but never have a value; no statistic counts them."""
        named = {row.subject for row in self.rows}
        return tuple(sorted(named - self._values.keys(), key=natural_order))

    @cached_property
    def by_time(self) -> tuple[Matrix, ...]:
        """All values of each time, subjects in order, whether complete or not."""
        return tuple(
            np.array(
                [self._values[subject][time] for subject in self.subjects
                 if time in self._values[subject]]
            )
            for time in self.times
        )  # fmt: skip

    @cached_property
    def complete(self) -> CompleteTable:
        """The complete cases as a matrix, with who was left out and why."""
        full = tuple(s for s in self.subjects if len(self._values[s]) == len(self.times))
        values = [[self._values[subject][time] for time in self.times] for subject in full]
        left_out = tuple(
            LeftOut(s, tuple(time for time in self.times if time not in self._values[s]))
            for s in self.subjects
            if len(self._values[s]) < len(self.times)
        )
        matrix = np.array(values, dtype=np.float64).reshape(len(full), len(self.times))
        return CompleteTable(matrix, full, self.times, left_out)


def as_time(text: str) -> Time:
    """A time as it is compared: a number when it looks like one, a quarter as "2026Q1", or text."""
    if NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    try:
        return str(Quarter.parse(text))
    except ValueError:
        return text


def sorted_times(times: Iterable[Time]) -> tuple[Time, ...]:
    """Numbers by size, quarters by calendar, other text naturally (week 2 before week 10)."""
    return tuple(sorted(times, key=_order))


def _order(time: Time) -> tuple[int, float, tuple[tuple[int, int | str], ...]]:
    # Numbers come first, so that a mixed file still has one total order. "2026Q1" sorts rightly
    # as natural text because as_time has brought every spelling of a quarter to that form.
    if isinstance(time, str):
        return 1, 0.0, natural_order(time)
    return 0, float(time), ()


def natural_order(text: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key that reads the numbers within a text as numbers: C2 comes before C10."""
    parts = _DIGITS.split(text)
    return (*((0, int(part)) if part.isdecimal() else (1, part) for part in parts), (1, text))
