"""Reads at which levels the milestones of a study stand, for one of its figures. One statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assess.queries.instruments import get_instrument
from research.queries.scores import BASIS_OF
from research.study import Study

if TYPE_CHECKING:
    from research.figures.levels import Levels


def get_levels(study: Study) -> Levels | None:
    """The levels of the study's assessments; None when its milestones share no scale."""
    # both load numpy, as the study before them
    from assess.queries.rollups import read_rollups
    from research.figures.levels import levels_in

    clinics = [clinic.id for clinic in study.clinics]
    basis = BASIS_OF[study.selection.source]
    table = read_rollups(clinics, study.instrument.slug, basis, with_levels=True)
    return levels_in(study, table, {key: get_instrument(key) for key in table.levels})
