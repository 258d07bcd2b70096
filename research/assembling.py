"""From stored scores to a study: comparable scores, time by calendar or wave, tables. PURE + numpy.

Scores of an earlier version of the questionnaire count only where they are comparable with the
study's version; what is left out is counted, so that the page can say it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assess.trends.observations import Observations
from questionnaires.instrument import Instrument
from research.analyses import Analyses
from research.comparable import comparable_keys, version_order
from research.measures import find_measure, measures_of
from research.scores import Column, ScoreTable
from research.selection import Selection
from research.study import Measure, StudiedAssessment, StudiedClinic, Study, VersionBreak
from research.timing import (
    Mask,
    Rows,
    Time,
    clinics_at,
    tick_of,
    time_of,
    times_to_compare,
    with_time,
)


@dataclass(frozen=True, slots=True)
class Assembled:
    """A study, or None without any score; every time that has the score, and what went wrong."""

    study: Study | None
    times: tuple[Time, ...] = ()
    problems: tuple[str, ...] = ()


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
    rows = with_time(table, clinics, selection.clock)
    headline = _column(rows, comparable, measure.key)
    present = clinics_at(rows, headline, selection.clock)
    if not present:
        return Assembled(None)
    problems: list[str] = []
    times = times_to_compare(selection, present, problems)
    within = rows.counts & np.isin(rows.ticks, [tick_of(one) for one in times])
    study = _study(selection, instrument, versions, clinics, rows, within, times, comparable)
    return Assembled(study, tuple(sorted(present, key=tick_of)), tuple(problems))


def _study(
    selection: Selection,
    instrument: Instrument,
    versions: Mapping[int, Instrument],
    clinics: Sequence[StudiedClinic],
    rows: Rows,
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
        withheld=int((within & rows.table.withheld).sum()),
        breaks=_breaks(selection, instrument, versions, rows, headline, times, comparable),
    )


def _column(rows: Rows, comparable: Mapping[int, Mapping[str, str]], key: str) -> Column:
    """One score of every assessment, NaN where there is none or it is not comparable."""
    table = rows.table
    found = np.full(len(table), np.nan)
    for version, keys in comparable.items():
        if (values := table.values.get(keys.get(key, ""))) is not None:
            of_version = table.version_ids == version
            found[of_version] = values[of_version]
    return found


def _observations(
    rows: Rows,
    within: Mask,
    column: Column,
    clinics: Sequence[StudiedClinic],
    times: Sequence[Time],
    group: str | None,
) -> Observations:
    ids = np.array([clinic.id for clinic in clinics], dtype=np.int64)
    order = np.argsort(ids)
    at_clinic = order[np.searchsorted(ids, rows.table.clinic_ids[within], sorter=order)]
    ticks = np.array([tick_of(one) for one in times], dtype=np.int64)
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
    rows: Rows, within: Mask, versions: Mapping[int, Instrument]
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
    rows: Rows,
    measure: Measure,
    times: Sequence[Time],
    comparable: Mapping[int, Mapping[str, str]],
) -> tuple[VersionBreak, ...]:
    """Earlier versions with other words up to the last time; corrected typos are no break."""
    asked = rows.counts & (rows.ticks <= tick_of(times[-1]))
    if selection.first is not None:
        asked &= rows.ticks >= tick_of(selection.first)
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
        time = time_of(int(rows.ticks[later].min()), selection.clock)
        found.append(VersionBreak(one.version, time, count, left_out))
    return tuple(found)


def _newer(versions: Mapping[int, Instrument], than: Instrument) -> list[int]:
    order = version_order(than.version)
    return [key for key, one in versions.items() if version_order(one.version) > order]
