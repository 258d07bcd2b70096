"""The long table a mixed model starts from: one row per assessment, as arrays.

Other than the analysis of variance, a mixed model uses every value, also those of clinics that
missed a quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.quarters import Quarter
from assess.trends.observations import NUMBER, Matrix, Observation, Observations, Time

Codes = NDArray[np.intp]

NOBODY = -1
"""The code of an assessment whose clinic names no organization, or no group."""


@dataclass(frozen=True, slots=True, eq=False)
class LongTable:
    """N values, clinic by clinic, with time, organization and group as codes counted from 0.

    `t` is the time as a number, see `as_numbers`. `org` and `group` are NOBODY where unnamed.
    """

    value: Matrix
    t: Matrix
    time: Codes
    subject: Codes
    org: Codes
    group: Codes

    def where(self, kept: NDArray[np.bool_]) -> LongTable:
        """Only the rows that are kept; codes stay as they are."""
        return LongTable(
            self.value[kept],
            self.t[kept],
            self.time[kept],
            self.subject[kept],
            self.org[kept],
            self.group[kept],
        )


def long_table(observations: Observations) -> LongTable:
    """Every value that is not missing, clinic by clinic."""
    subject, time = np.nonzero(~np.isnan(observations.matrix))
    return LongTable(
        value=observations.matrix[subject, time],
        t=as_numbers(observations.times)[time],
        time=time,
        subject=subject,
        org=_codes(observations, observations.orgs, "org")[subject, time],
        group=_codes(observations, observations.groups, "group")[subject, time],
    )


def _codes(observations: Observations, named: Mapping[str, frozenset[str]], of: str) -> Codes:
    """The code of each cell (clinics × times); a clinic that moved has more than one."""
    levels = r_levels({name for names in named.values() for name in names})
    code_of = {name: code for code, name in enumerate(levels)}
    one = [
        code_of[next(iter(named[subject]))] if subject in named else NOBODY
        for subject in observations.subjects
    ]
    codes = np.repeat(np.array(one, dtype=np.intp)[:, None], len(observations.times), axis=1)
    if any(len(names) > 1 for names in named.values()):
        row_of = {subject: at for at, subject in enumerate(observations.subjects)}
        column_of = {time: at for at, time in enumerate(observations.times)}
        for row in observations.rows:
            if row.value is not None and len(named.get(row.subject, ())) > 1:
                label = _label(row, of)
                codes[row_of[row.subject], column_of[row.time]] = (
                    NOBODY if label is None else code_of[label]
                )
    return codes


def _label(row: Observation, of: str) -> str | None:
    return row.org if of == "org" else row.group


def as_numbers(times: Sequence[Time]) -> Matrix:
    """The times of a table as numbers, in the same order.

    Numbers stay as they are. Quarters count from the first one (2026Q1 is 4 after 2025Q1), so that
    a slope is the change per quarter. Any other text has only its position, from 1.
    """
    if all(isinstance(time, int | float) for time in times):
        return np.array(times, dtype=np.float64)
    try:
        quarters = [Quarter.parse(str(time)) for time in times]
    except ValueError:
        return np.arange(1, len(times) + 1, dtype=np.float64)
    return np.array([quarter - quarters[0] for quarter in quarters], dtype=np.float64)


def r_levels(names: Iterable[str]) -> tuple[str, ...]:
    """Names in the order R's factor() gives them: numbers by size, text by letters, case last."""
    listed = sorted(names)
    if all(NUMBER.fullmatch(name) for name in listed):
        return tuple(sorted(listed, key=float))
    return tuple(sorted(listed, key=lambda name: (name.casefold(), name.swapcase())))


def without_gaps(codes: Codes) -> tuple[Codes, int]:
    """The same codes, none below 0, counted from 0 without gaps, and how many there are."""
    used = np.bincount(codes) > 0
    again = np.cumsum(used) - 1
    return again[codes], int(np.count_nonzero(used))


def levels(codes: Codes) -> int:
    """How many different codes there are."""
    return int(np.count_nonzero(np.bincount(codes)))


def clinics_in_orgs(subject: Codes, org: Codes) -> tuple[Codes, int]:
    """A code for each clinic in each organization, as in R's `org/subject`, and how many.

    A clinic that moved counts as another clinic in each organization.
    """
    last = np.zeros(int(subject.max()) + 1, dtype=np.intp)
    last[subject] = org
    if bool((last[subject] == org).all()):
        return without_gaps(subject)
    values, codes = np.unique(subject + org * len(last), return_inverse=True)
    return codes.astype(np.intp), len(values)
