"""The long table every trend statistic starts from: one value per clinic and quarter.

Knows who was seen when, the natural order of the times, and the complete-case rule: a
repeated-measures statistic uses only the clinics that have a value at every time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from assess.quarters import Quarter

Time = int | float | str
Matrix = NDArray[np.float64]

MOST_CELLS = 10_000_000
"""Beyond this many subjects times quarters a table would not fit a small server's memory."""

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


class Observations:
    """All observations of a file or a program; at most one per subject and time.

    `matrix` has one row per subject with at least one value and one column per time with at least
    one, both in natural order (C2 before C10); NaN is a missing value. `orgs` and `groups` have
    every organization and group of each subject: none when nothing is known, several when the rows
    of a subject differ. `without_values` are subjects that are named but never have a value; no
    statistic counts them.
    """

    matrix: Matrix
    subjects: tuple[str, ...]
    times: tuple[Time, ...]
    without_values: tuple[str, ...]
    orgs: Mapping[str, frozenset[str]]
    groups: Mapping[str, frozenset[str]]

    def __init__(self, rows: Iterable[Observation] = ()) -> None:
        """A long table. Raises ValueError for two values in one cell, or more than MOST_CELLS."""
        named = tuple(rows)
        known = [row for row in named if row.value is not None]
        row_of = {name: place for place, name in enumerate({row.subject: None for row in known})}
        column_of = {time: place for place, time in enumerate({row.time: None for row in known})}
        if len(row_of) * len(column_of) > MOST_CELLS:
            raise ValueError(f"{len(row_of)} subjects at {len(column_of)} times are too many")
        values = np.full((len(row_of), len(column_of)), np.nan)
        taken = np.zeros(values.shape, dtype=bool)
        for row in known:
            cell = row_of[row.subject], column_of[row.time]
            if taken[cell]:
                raise ValueError(f"{row.subject} has two values at {row.time}")
            taken[cell] = True
            values[cell] = row.value
        self._fill(
            values,
            tuple(row_of),
            tuple(column_of),
            {row.subject for row in named} - row_of.keys(),
            _labels((row.subject, row.org) for row in known),
            _labels((row.subject, row.group) for row in known),
        )
        self.__dict__["rows"] = named

    @classmethod
    def from_matrix(
        cls,
        values: Matrix,
        subjects: Sequence[str],
        times: Sequence[Time],
        orgs: Sequence[str | None] | None = None,
        groups: Sequence[str | None] | None = None,
    ) -> Observations:
        """The same from a table: n subjects × k times, NaN where a value is missing, any order.

        `orgs` and `groups` give one label, or None, for each subject. Raises ValueError when the
        shapes do not fit or a subject or time is named twice.
        """
        if values.shape != (len(subjects), len(times)):
            raise ValueError(f"{values.shape} is not {len(subjects)} subjects × {len(times)} times")
        if len(set(subjects)) < len(subjects) or len(set(times)) < len(times):
            raise ValueError("a subject or a time is named twice")
        found = cls.__new__(cls)
        found._fill(
            values,
            subjects,
            times,
            set(),
            _labels(zip(subjects, orgs or (), strict=False)),
            _labels(zip(subjects, groups or (), strict=False)),
        )
        return found

    def _fill(
        self,
        values: Matrix,
        subjects: Sequence[str],
        times: Sequence[Time],
        without: set[str],
        orgs: Mapping[str, frozenset[str]],
        groups: Mapping[str, frozenset[str]],
    ) -> None:
        seen = ~np.isnan(values)
        kept: NDArray[np.bool_] = np.logical_or.reduce(seen, axis=1)
        without = without | {
            name for name, is_kept in zip(subjects, kept.tolist(), strict=True) if not is_kept
        }
        rows = sorted(np.flatnonzero(kept).tolist(), key=lambda at: natural_order(subjects[at]))
        columns = sorted(
            np.flatnonzero(seen.any(axis=0)).tolist(), key=lambda at: _order(times[at])
        )
        self.matrix = values[np.ix_(rows, columns)]
        self.matrix.flags.writeable = False
        self.subjects = tuple(subjects[at] for at in rows)
        self.times = tuple(times[at] for at in columns)
        self.without_values = tuple(sorted(without, key=natural_order))
        self.orgs = {name: found for name, found in orgs.items() if name not in without}
        self.groups = {name: found for name, found in groups.items() if name not in without}

    @cached_property
    def rows(self) -> tuple[Observation, ...]:
        """The observations as they were given; of a table, the values it has, row by row."""
        orgs = {name: min(found) for name, found in self.orgs.items()}
        groups = {name: min(found) for name, found in self.groups.items()}
        return tuple(
            Observation(name, time, value, orgs.get(name), groups.get(name))
            for name, values in zip(self.subjects, self.matrix.tolist(), strict=True)
            for time, value in zip(self.times, values, strict=True)
            if value == value  # not NaN
        )

    @cached_property
    def by_time(self) -> tuple[Matrix, ...]:
        """All values of each time, subjects in order, whether complete or not."""
        return tuple(column[~np.isnan(column)] for column in self.matrix.T)

    @cached_property
    def complete(self) -> CompleteTable:
        """The complete cases as a matrix, with who was left out and why."""
        gaps = np.isnan(self.matrix)
        partly: NDArray[np.bool_] = np.logical_or.reduce(gaps, axis=1)
        left_out = tuple(
            LeftOut(self.subjects[at], tuple(compress(self.times, gaps[at].tolist())))
            for at in np.flatnonzero(partly).tolist()
        )
        full = tuple(compress(self.subjects, (~partly).tolist()))
        return CompleteTable(self.matrix[~partly], full, self.times, left_out)


def _labels(pairs: Iterable[tuple[str, str | None]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for subject, label in pairs:
        if label is not None and label not in found.get(subject, frozenset()):
            found[subject] = found.get(subject, frozenset()) | {label}
    return found


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


@lru_cache(maxsize=20_000)  # the same clinics come in the tables of seven scores
def natural_order(text: str) -> tuple[tuple[int, int | str], ...]:
    """Sort key that reads the numbers within a text as numbers: C2 comes before C10."""
    parts = _DIGITS.split(text)
    return (*((0, int(part)) if part.isdecimal() else (1, part) for part in parts), (1, text))
