"""When each assessment was: by the calendar, or in quarters since the baseline. PURE + numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.program import best_run
from assess.quarters import Quarter
from research.scores import Column, Numbers, ScoreTable
from research.selection import Clock, Method, Selection
from research.study import StudiedClinic

Time = Quarter | int
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The table with time: `ticks` are whole numbers in the order of time, `waves` per row."""

    table: ScoreTable
    ticks: Numbers
    waves: Numbers
    counts: Mask  # not before the baseline, where waves are compared


def with_time(table: ScoreTable, clinics: Sequence[StudiedClinic], clock: Clock) -> Rows:
    """Give each assessment its place in time; without a baseline, the first score is it."""
    ordinals = np.array([tick_of(quarter) for quarter in table.quarter_names], dtype=np.int64)
    ticks = ordinals[table.quarters]
    ids, places = np.unique(table.clinic_ids, return_inverse=True)
    first = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(first, places, ticks)
    known = {clinic.id: clinic.baseline for clinic in clinics if clinic.baseline}
    baseline = [
        tick_of(known[key]) if key in known else at
        for key, at in zip(ids.tolist(), first.tolist(), strict=True)
    ]
    waves = ticks - np.array(baseline, dtype=np.int64)[places]
    if clock is Clock.QUARTER:
        return Rows(table, ticks, waves, np.ones(len(table), dtype=bool))
    return Rows(table, waves, waves, waves >= 0)


def clinics_at(rows: Rows, headline: Column, clock: Clock) -> dict[Time, set[int]]:
    """The clinics with a score at each time."""
    scored = rows.counts & ~np.isnan(headline)
    ticks, clinics = rows.ticks[scored], rows.table.clinic_ids[scored]
    return {
        time_of(tick, clock): set(clinics[ticks == tick].tolist())
        for tick in np.unique(ticks).tolist()
    }


def times_to_compare(
    selection: Selection, present: Mapping[Time, set[int]], problems: list[str]
) -> tuple[Time, ...]:
    """Quarters or waves to compare; an end that nobody chose gives way to one somebody chose."""
    every: list[Time] = sorted(present, key=tick_of)
    # a mixed model uses all assessments, so no quarter needs to be left out for others' sake
    usual: tuple[Time, ...] = (
        tuple(every) if selection.method is Method.MIXED else best_run(present)  # type: ignore[type-var]
    )
    what = "quarter" if selection.clock is Clock.QUARTER else "quarter since the baseline"
    first = usual[0] if selection.first is None else selection.first
    last = usual[-1] if selection.last is None else selection.last
    if tick_of(first) > tick_of(last) and selection.last is None:
        last = every[-1]
    elif tick_of(first) > tick_of(last) and selection.first is None:
        first = every[0]
    elif tick_of(first) > tick_of(last):
        problems.append(f"The first {what} is after the last. Choose an earlier one.")
        return usual
    kept = tuple(one for one in every if tick_of(first) <= tick_of(one) <= tick_of(last))
    if not kept:
        problems.append("No clinic has a score in those quarters. Choose other ones.")
    return kept or usual


def tick_of(time: Time) -> int:
    """A whole number in the order of time: the wave, or the count of the calendar quarter."""
    return time if isinstance(time, int) else 4 * time.year + time.number - 1


def time_of(tick: int, clock: Clock) -> Time:
    """The quarter or wave of a tick."""
    return tick if clock is Clock.WAVE else Quarter(tick // 4, tick % 4 + 1)
