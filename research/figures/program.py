"""From a study to the numbers of each figure over many clinics. PURE + numpy.

Each builder returns the module that draws and what it draws, or None where there is too little.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from assess.figures import (
    change_from_baseline,
    heat_map,
    level_distribution,
    quantile_fan,
    slope_chart,
    small_multiples,
    spaghetti,
)
from assess.figures.axes import Scale
from assess.figures.words import Interval
from assess.trends.baseline import change_from_baseline as changes_of
from assess.trends.descriptives import describe
from assess.trends.observations import Matrix, Observations
from research.figures.levels import Levels
from research.figures.times import places_of, timeline_of
from research.study import Measure, Study
from research.words import noun

MOST_PANELS = 12

Built = tuple[ModuleType, object]


def change(study: Study) -> Built | None:
    """How far each quarter is from the first; needs a clinic with both."""
    observations = study.observations[study.measure.key]
    found = changes_of(observations)
    if found.rows is None:
        return None
    timeline = timeline_of(study)
    places = places_of(study, observations)
    changes: list[change_from_baseline.Change | None] = [None] * len(timeline)
    for place, row in zip(places[1:], found.rows, strict=True):
        if row.mean_change is not None:
            interval = Interval(row.mean_change, row.ci_lo, row.ci_hi)
            changes[place] = change_from_baseline.Change(interval, row.n)
    title = f"Change in the {noun(study)} since {timeline.named(places[0])}"
    return change_from_baseline, change_from_baseline.ChangeFromBaseline(
        title, _scale(study), timeline, tuple(changes), places[0], _basis(study)
    )


def clinics(study: Study) -> Built | None:
    """Every clinic's line with the mean, or above MOST_LINES clinics how they spread."""
    observations = study.observations[study.measure.key]
    timeline, places = timeline_of(study), places_of(study, observations)
    title = f"{_scale(study).title} by {'quarter' if _is_calendar(study) else 'wave'}"
    if len(observations.subjects) > quantile_fan.MOST_LINES:
        spread: list[quantile_fan.Quantiles | None] = [None] * len(timeline)
        for place, values in zip(places, observations.by_time, strict=True):
            spread[place] = quantile_fan.quantiles_of(values.tolist())
        return quantile_fan, quantile_fan.QuantileFan(
            title, _scale(study), timeline, tuple(spread), _basis(study)
        )
    return spaghetti, spaghetti.Spaghetti(
        title, _scale(study), timeline, _lines(observations.matrix, places, len(timeline)),
        _means(observations, places, len(timeline)), len(observations.complete.subjects),
        _basis(study),
    )  # fmt: skip


def blocks(study: Study) -> Built | None:
    """One small chart per block (or milestone), when there are several and not too many."""
    measures = [one for one in study.measures[1:] if study.observations[one.key].subjects]
    if not 2 <= len(measures) <= MOST_PANELS:
        return None
    timeline = timeline_of(study)
    panels = []
    for measure in measures:
        observations = study.observations[measure.key]
        means = _means(observations, places_of(study, observations), len(timeline))
        scale = Scale(measure.title, measure.minimum, measure.maximum)
        panels.append(small_multiples.Panel(scale, means, len(observations.complete.subjects)))
    if not any(mean for panel in panels for mean in panel.means):
        return None
    title = f"Mean scores by {'quarter' if _is_calendar(study) else 'wave'}"
    return small_multiples, small_multiples.SmallMultiples(title, timeline, tuple(panels))


def first_and_last(study: Study) -> Built | None:
    """First against last quarter of the clinics that have a score in both."""
    observations = study.observations[study.measure.key]
    both = observations.matrix[:, [0, -1]]
    there = [None not in row for row in _lines(both, (0, 1), 2)]
    if len(observations.times) < 2 or not any(there):
        return None
    timeline, places = timeline_of(study), places_of(study, observations)
    slopes = tuple(
        slope_chart.Slope(label, first, last)
        for label, (first, last), is_there in zip(
            observations.subjects, both.tolist(), there, strict=True
        )
        if is_there
    )
    first, last = timeline.labels[places[0]], timeline.labels[places[-1]]
    title = f"{_scale(study).title}, {first} and {last}"
    return slope_chart, slope_chart.SlopeChart(
        title, _scale(study), first, last, slopes, _basis(study)
    )


def heat_map_of(study: Study) -> Built | None:
    """Clinic by block in the last quarter; needs one scale for all and not too many clinics."""
    measures = study.measures
    if len({(one.minimum, one.maximum) for one in measures}) > 1 or not 2 <= len(measures) <= 12:
        return None
    columns = {one.key: _at(study, one, len(study.times) - 1) for one in measures}
    names = [name for name in study.observations[study.measure.key].subjects
             if any(name in column for column in columns.values())]  # fmt: skip
    if not 1 <= len(names) <= heat_map.MOST_ROWS:
        return None
    rows = tuple(
        heat_map.HeatRow(name, tuple(column.get(name) for column in columns.values()))
        for name in names
    )
    when = timeline_of(study).labels[-1]
    scale = Scale("Score", measures[0].minimum, measures[0].maximum)
    titles = tuple(one.title for one in measures)
    return heat_map, heat_map.HeatMap(
        f"Scores, {when}", scale, titles, rows, when, 1, _basis(study)
    )


def levels_of(study: Study, levels: Levels) -> Built | None:
    """The share of milestones at each level; None without any level or too few to compare."""
    timeline = timeline_of(study)
    counts = [levels.counts.get(time, (0,) * len(levels.names)) for time in levels.times]
    if not any(map(sum, counts)) or not 2 <= len(levels.names) <= 4:
        return None
    return level_distribution, level_distribution.LevelDistribution(
        "Levels of the milestones", timeline, levels.names, tuple(counts),
        "milestones of all clinics", levels.note,
    )  # fmt: skip


def _at(study: Study, measure: Measure, place: int) -> dict[str, float]:
    """The scores of one measure at a time of the study, by clinic."""
    observations = study.observations[measure.key]
    time = study.times[place]
    key = time if isinstance(time, int) else str(time)
    if key not in observations.times:
        return {}
    column = observations.matrix[:, observations.times.index(key)].tolist()
    pairs = zip(observations.subjects, column, strict=True)
    return {name: value for name, value in pairs if not np.isnan(value)}


def _lines(
    matrix: Matrix, places: tuple[int, ...], count: int
) -> tuple[tuple[float | None, ...], ...]:
    """The clinics' values over the whole timeline, None where there is none."""
    spread = np.full((len(matrix), count), np.nan)
    spread[:, list(places)] = matrix
    return tuple(
        tuple(None if np.isnan(value) else value for value in row) for row in spread.tolist()
    )


def _means(
    observations: Observations, places: tuple[int, ...], count: int
) -> tuple[Interval | None, ...]:
    """Means of the complete clinics, with the Cousineau-Morey interval where there is one."""
    found: list[Interval | None] = [None] * count
    table = observations.complete
    if not table.subjects:
        return tuple(found)
    means = table.values.mean(axis=0).tolist()
    for place, mean, row in zip(places, means, describe(observations), strict=True):
        half = row.ci95_within_half_morey
        found[place] = Interval(mean) if not half else Interval(mean, mean - half, mean + half)
    return tuple(found)


def _scale(study: Study) -> Scale:
    title = noun(study)
    measure = study.measure
    return Scale(title[:1].upper() + title[1:], measure.minimum, measure.maximum)


def _is_calendar(study: Study) -> bool:
    return not isinstance(study.times[0], int)


def _basis(study: Study) -> str:
    return study.basis_note
