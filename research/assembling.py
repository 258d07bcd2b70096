"""From stored scores to a study: comparable scores, time by calendar or wave, tables. PURE + numpy.

Scores of an earlier version of the questionnaire count only where they are comparable with the
study's version; what is left out is counted, so that the page can say it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.program import best_run
from assess.quarters import Quarter
from assess.trends.observations import Observations
from questionnaires.instrument import Instrument
from research.analyses import Analyses
from research.comparable import comparable_keys, version_order
from research.measures import find_measure, measures_of
from research.scores import Column, Numbers, ScoreTable
from research.selection import Clock, Method, Selection
from research.study import Measure, StudiedAssessment, StudiedClinic, Study, VersionBreak

Time = Quarter | int
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Assembled:
    """A study, or None without any score; every time that has the score, and what went wrong."""

    study: Study | None
    times: tuple[Time, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The table with time: `ticks` are whole numbers in the order of time, `waves` per row."""

    table: ScoreTable
    ticks: Numbers
    waves: Numbers
    counts: Mask  # not before the baseline, where waves are compared


def assemble(
    selection: Selection,
    versions: Mapping[int, Instrument],
    clinics: Sequence[StudiedClinic],
    table: ScoreTable,
) -> Assembled:
    """The study of these clinics and scores; `versions` are the questionnaires by stored id.

    Raises KeyError when the newest version has no such score.
    """
    if not len(table):
        return Assembled(None)
    instrument = max(versions.values(), key=lambda one: version_order(one.version))
    measure = find_measure(instrument, selection.score)
    comparable = {key: comparable_keys(instrument, one) for key, one in versions.items()}
    rows = _with_time(table, clinics, selection.clock)
    headline = _column(rows, comparable, measure.key)
    present = _present(rows, headline, selection.clock)
    if not present:
        return Assembled(None)
    problems: list[str] = []
    times = _times(selection, present, problems)
    within = rows.counts & np.isin(rows.ticks, [_tick(one) for one in times])
    study = _study(selection, instrument, versions, clinics, rows, within, times, comparable)
    return Assembled(study, tuple(sorted(present, key=_tick)), tuple(problems))


def _study(
    selection: Selection,
    instrument: Instrument,
    versions: Mapping[int, Instrument],
    clinics: Sequence[StudiedClinic],
    rows: _Rows,
    within: Mask,
    times: tuple[Time, ...],
    comparable: Mapping[int, Mapping[str, str]],
) -> Study:
    measures = measures_of(instrument, selection)
    headline = next(one for one in measures if one.key == selection.score)
    seen = set(rows.table.clinic_ids[within].tolist())
    chosen = tuple(clinic for clinic in clinics if clinic.id in seen)
    observations = {
        one.key: _observations(rows, within, _column(rows, comparable, one.key), chosen, times,
                               selection.group)
        for one in measures
    }  # fmt: skip
    scored = within & ~np.isnan(_column(rows, comparable, headline.key))
    bases = Counter(rows.table.bases[scored].tolist())
    return Study(
        selection=selection,
        instrument=instrument,
        measure=headline,
        measures=measures,
        clinics=chosen,
        assessments=_assessments(rows, within, versions),
        times=times,
        observations=observations,
        analyses=Analyses(observations, {one.key: one for one in measures}),
        bases={rows.table.basis_names[place]: count for place, count in bases.items()},
        breaks=_breaks(selection, instrument, versions, rows, headline, times, comparable),
    )


def _with_time(table: ScoreTable, clinics: Sequence[StudiedClinic], clock: Clock) -> _Rows:
    """Give each assessment its place in time; without a baseline, the first score is it."""
    ordinals = np.array([_tick(quarter) for quarter in table.quarter_names], dtype=np.int64)
    ticks = ordinals[table.quarters]
    ids, places = np.unique(table.clinic_ids, return_inverse=True)
    first = np.full(len(ids), np.iinfo(np.int64).max)
    np.minimum.at(first, places, ticks)
    known = {clinic.id: clinic.baseline for clinic in clinics if clinic.baseline}
    baseline = [
        _tick(known[key]) if key in known else at
        for key, at in zip(ids.tolist(), first.tolist(), strict=True)
    ]
    waves = ticks - np.array(baseline, dtype=np.int64)[places]
    if clock is Clock.QUARTER:
        return _Rows(table, ticks, waves, np.ones(len(table), dtype=bool))
    return _Rows(table, waves, waves, waves >= 0)


def _tick(time: Time) -> int:
    return time if isinstance(time, int) else 4 * time.year + time.number - 1


def _time(tick: int, clock: Clock) -> Time:
    return tick if clock is Clock.WAVE else Quarter(tick // 4, tick % 4 + 1)


def _column(rows: _Rows, comparable: Mapping[int, Mapping[str, str]], key: str) -> Column:
    """One score of every assessment, NaN where there is none or it is not comparable."""
    table = rows.table
    found = np.full(len(table), np.nan)
    for version, keys in comparable.items():
        if (values := table.values.get(keys.get(key, ""))) is not None:
            of_version = table.version_ids == version
            found[of_version] = values[of_version]
    return found


def _present(rows: _Rows, headline: Column, clock: Clock) -> dict[Time, set[int]]:
    """The clinics with a score at each time."""
    scored = rows.counts & ~np.isnan(headline)
    ticks, clinics = rows.ticks[scored], rows.table.clinic_ids[scored]
    return {
        _time(tick, clock): set(clinics[ticks == tick].tolist())
        for tick in np.unique(ticks).tolist()
    }


def _times(
    selection: Selection, present: Mapping[Time, set[int]], problems: list[str]
) -> tuple[Time, ...]:
    """Quarters or waves to compare; an end that nobody chose gives way to one somebody chose."""
    every: list[Time] = sorted(present, key=_tick)
    # a mixed model uses all assessments, so no quarter needs to be left out for others' sake
    usual: tuple[Time, ...] = (
        tuple(every) if selection.method is Method.MIXED else best_run(present)  # type: ignore[type-var]
    )
    what = "quarter" if selection.clock is Clock.QUARTER else "quarter since the baseline"
    first = usual[0] if selection.first is None else selection.first
    last = usual[-1] if selection.last is None else selection.last
    if _tick(first) > _tick(last) and selection.last is None:
        last = every[-1]
    elif _tick(first) > _tick(last) and selection.first is None:
        first = every[0]
    elif _tick(first) > _tick(last):
        problems.append(f"The first {what} is after the last. Choose an earlier one.")
        return usual
    kept = tuple(one for one in every if _tick(first) <= _tick(one) <= _tick(last))
    if not kept:
        problems.append("No clinic has a score in those quarters. Choose other ones.")
    return kept or usual


def _observations(
    rows: _Rows,
    within: Mask,
    column: Column,
    clinics: Sequence[StudiedClinic],
    times: Sequence[Time],
    group: str | None,
) -> Observations:
    ids = np.array([clinic.id for clinic in clinics], dtype=np.int64)
    order = np.argsort(ids)
    at_clinic = order[np.searchsorted(ids, rows.table.clinic_ids[within], sorter=order)]
    ticks = np.array([_tick(one) for one in times], dtype=np.int64)
    values = np.full((len(clinics), len(times)), np.nan)
    values[at_clinic, np.searchsorted(ticks, rows.ticks[within])] = column[within]
    return Observations.from_matrix(
        values,
        [clinic.label for clinic in clinics],
        [one if isinstance(one, int) else str(one) for one in times],
        orgs=[clinic.organization_code for clinic in clinics],
        groups=[group_of(clinic, group) for clinic in clinics] if group else None,
    )


def group_of(clinic: StudiedClinic, attribute: str) -> str | None:
    """The group of a clinic as people read it; None when it is unknown or withheld."""
    value = clinic.attributes.get(attribute)
    return clinic.organization if value and attribute == "organization" else value or None


def _assessments(
    rows: _Rows, within: Mask, versions: Mapping[int, Instrument]
) -> tuple[StudiedAssessment, ...]:
    table = rows.table
    texts = {key: one.version for key, one in versions.items()}
    columns = (
        table.assessment_ids, table.clinic_ids, table.quarters, rows.waves, table.version_ids,
        table.bases, table.raters,
    )  # fmt: skip
    return tuple(
        StudiedAssessment(
            key, clinic, table.quarter_names[quarter], wave, texts[version],
            table.basis_names[basis], raters,
        )
        for key, clinic, quarter, wave, version, basis, raters in zip(
            *(column[within].tolist() for column in columns), strict=True
        )
    )  # fmt: skip


def _breaks(
    selection: Selection,
    instrument: Instrument,
    versions: Mapping[int, Instrument],
    rows: _Rows,
    measure: Measure,
    times: Sequence[Time],
    comparable: Mapping[int, Mapping[str, str]],
) -> tuple[VersionBreak, ...]:
    """Earlier versions with other words up to the last time; corrected typos are no break."""
    asked = rows.counts & (rows.ticks <= _tick(times[-1]))
    if selection.first is not None:
        asked &= rows.ticks >= _tick(selection.first)
    found = []
    for key, one in sorted(versions.items(), key=lambda item: version_order(item[1].version)):
        if version_order(one.version)[:2] == version_order(instrument.version)[:2]:
            continue
        of_version = asked & (rows.table.version_ids == key)
        later = (
            asked
            & (rows.table.version_ids != key)
            & np.isin(rows.table.version_ids, _newer(versions, one))
        )
        if not of_version.any() or not later.any():
            continue
        count = int(of_version.sum())
        left_out = 0 if measure.key in comparable[key] else count
        time = _time(int(rows.ticks[later].min()), selection.clock)
        found.append(VersionBreak(one.version, time, count, left_out))
    return tuple(found)


def _newer(versions: Mapping[int, Instrument], than: Instrument) -> list[int]:
    order = version_order(than.version)
    return [key for key, one in versions.items() if version_order(one.version) > order]
