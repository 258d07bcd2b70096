"""Counts at which level each milestone of each clinic stands, quarter by quarter. PURE + numpy.

A milestone of a clinic counts once: at its agreed level, else at the level nearest to the mean of
its ratings, the lower one in doubt, as raters are told to choose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assess.quarters import Quarter
from assess.rollup.table import Floats, LevelCounts, RollupTable
from assess.scoring import Basis
from assess.suppression import SMALLEST_GROUP
from questionnaires.instrument import Instrument, Milestone, Scale
from research.comparable import comparable_keys
from research.few import values_of_many
from research.figures.times import every_time
from research.selection import Clock
from research.study import Study

Time = Quarter | int


@dataclass(frozen=True, slots=True)
class Levels:
    """`counts` by time, one number per level of `names`, the lowest first."""

    times: tuple[Time, ...]
    names: tuple[str, ...]
    counts: Mapping[Time, tuple[int, ...]]
    note: str


def levels_in(
    study: Study, table: RollupTable, versions: Mapping[int, Instrument]
) -> Levels | None:
    """The levels of the study's own assessments; None when its milestones share no scale.

    For viewers who see study codes only, milestones that few people rated and nobody agreed on are
    left out, as in every other number of milestones: they would tell what single people answered.
    """
    milestones = _followed(study)
    scales = {one.scale for one in milestones}
    if len(scales) != 1:
        return None
    scale = scales.pop()
    when = {
        one.id: one.wave if study.selection.clock is Clock.WAVE else one.quarter
        for one in study.assessments
    }
    coded = not all(clinic.is_named for clinic in study.clinics)
    agreed = table.bases == table.basis_names.index(Basis.AGREED.value)
    found: dict[Time, Counter[int]] = {}
    for version, part in table.levels.items():
        keys = comparable_keys(study.instrument, versions[version])
        wanted = [part.milestones.index(keys[one.key]) for one in milestones if one.key in keys]
        values = (
            values_of_many(part, versions[version], agreed[part.rows]) if coded else part.values()
        )
        _count(found, values[:, wanted], scale, [when.get(key) for key in _ids(table, part)])
    counts = {
        time: tuple(levels[band.level] for band in scale.bands) for time, levels in found.items()
    }
    names = tuple(_name(band.low, band.high, band.label) for band in scale.bands)
    return Levels(every_time(study), names, counts, _note(study, coded=coded))


def _count(
    found: dict[Time, Counter[int]], values: Floats, scale: Scale, times: list[Time | None]
) -> None:
    """Add the level nearest to each value, 2.5 counting as 2; `times` has one for each row."""
    nearest = np.ceil(values - 0.5)
    known = [time for time in dict.fromkeys(times) if time is not None]
    places = {time: place for place, time in enumerate(known)}
    rows = np.array(
        [places.get(time, -1) if time is not None else -1 for time in times], dtype=np.int64
    )
    counted = np.isfinite(nearest) & (rows >= 0)[:, None]
    # the first band that reaches up to the value, as Scale.band_of has it
    bands = np.searchsorted([band.high for band in scale.bands], nearest[counted])
    cells = np.broadcast_to(rows[:, None], nearest.shape)[counted] * len(scale.bands) + bands
    counts = np.bincount(cells, minlength=len(known) * len(scale.bands))
    for time, row in zip(known, counts.reshape(len(known), len(scale.bands)).tolist(), strict=True):
        levels = found.setdefault(time, Counter())
        for band, count in zip(scale.bands, row, strict=True):
            levels[band.level] += count


def _ids(table: RollupTable, part: LevelCounts) -> list[int]:
    ids: list[int] = table.assessment_ids[part.rows].tolist()
    return ids


def _followed(study: Study) -> tuple[Milestone, ...]:
    """The milestones that the headline score rests on."""
    key, instrument = study.measure.key, study.instrument
    for block in instrument.blocks:
        if block.id == key:
            return block.milestones
    own = tuple(one for one in instrument.milestones if one.key == key)
    return own or instrument.milestones


def _name(low: int, high: int, label: str) -> str:
    return f"{low} {label}" if low == high else f"{low} to {high} {label}"


def _note(study: Study, *, coded: bool) -> str:
    if set(study.bases) <= {Basis.AGREED}:
        return ""
    note = "Without an agreed level, the level nearest to the mean rating counts"
    return f"{note}, from {SMALLEST_GROUP} ratings up." if coded else f"{note}."
