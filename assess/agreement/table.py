"""The table that every statistic of agreement starts from: who gave which subject which value.

Some cells may be empty. Agreement within a subject and Krippendorff's alpha use every value;
intraclass correlations need a table without gaps, so this module also says what is left out there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.trends.observations import LeftOut, Matrix, natural_order

MOST_CELLS = 10_000_000
"""Beyond this many subjects times raters the table would not fit into a small server's memory."""


@dataclass(frozen=True, slots=True, eq=False)
class CompleteRatings:
    """A table without gaps: one row per subject, one column per rater.

    `left_out` are the subjects without a value from each of these raters, `raters_left_out` the
    raters that were given up so that more subjects could stay.
    """

    values: Matrix
    subjects: tuple[str, ...]
    raters: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    raters_left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RatingTable:
    """Values by subject (rows) and rater (columns), both in natural order; NaN is an empty cell.

    Every subject and every rater has at least one value; `without_values` names the other subjects.
    """

    values: Matrix
    subjects: tuple[str, ...]
    raters: tuple[str, ...]
    without_values: tuple[str, ...] = ()

    def only_complete_subjects(self) -> CompleteRatings:
        """The subjects that every rater rated (listwise, as R's irr::icc has it)."""
        return self._part(list(range(len(self.raters))))

    def largest_complete_part(self) -> CompleteRatings:
        """Give up the rater or subject with the largest share of gaps until none is left.

        Where every rater left out something, almost no subject is complete; giving up a few raters
        then keeps far more of what was said. On a tie the subject goes.
        """
        gaps = np.isnan(self.values)
        rows, columns = np.ones(len(self.subjects), bool), np.ones(len(self.raters), bool)
        while gaps[rows][:, columns].any():
            by_row = np.where(rows, gaps[:, columns].mean(axis=1), -1)
            by_column = np.where(columns, gaps[rows].mean(axis=0), -1)
            if by_row.max() >= by_column.max():
                rows[by_row.argmax()] = False
            else:
                columns[by_column.argmax()] = False
        return self._part([int(place) for place in np.flatnonzero(columns)])

    def _part(self, columns: list[int]) -> CompleteRatings:
        values = self.values[:, columns]
        gaps: NDArray[np.bool_] = np.isnan(values)
        raters = tuple(self.raters[place] for place in columns)
        full = [not row.any() for row in gaps]
        return CompleteRatings(
            values[full],
            tuple(name for name, kept in zip(self.subjects, full, strict=True) if kept),
            raters,
            tuple(
                LeftOut(name, tuple(rater for rater, gap in zip(raters, row, strict=True) if gap))
                for name, row in zip(self.subjects, gaps, strict=True)
                if row.any()
            ),
            tuple(name for place, name in enumerate(self.raters) if place not in columns),
        )


def rating_table(rows: Iterable[tuple[str, str, float | None]]) -> RatingTable:
    """The table of (subject, rater, value); None is an empty cell.

    Raises ValueError for two values in one cell, and when there would be more than MOST_CELLS.
    """
    named: set[str] = set()
    cells: dict[tuple[str, str], float] = {}
    for subject, rater, value in rows:
        named.add(subject)
        if value is None:
            continue
        if (subject, rater) in cells:
            raise ValueError(f"{rater} has two values for {subject}")
        cells[subject, rater] = value
    subjects = sorted({subject for subject, _ in cells}, key=natural_order)
    raters = sorted({rater for _, rater in cells}, key=natural_order)
    if len(subjects) * len(raters) > MOST_CELLS:
        raise ValueError(f"{len(subjects)} subjects times {len(raters)} raters are too many")
    values = np.full((len(subjects), len(raters)), np.nan)
    row_of = {name: place for place, name in enumerate(subjects)}
    column_of = {name: place for place, name in enumerate(raters)}
    for (subject, rater), value in cells.items():
        values[row_of[subject], column_of[rater]] = value
    without = sorted(named - row_of.keys(), key=natural_order)
    return RatingTable(values, tuple(subjects), tuple(raters), tuple(without))
