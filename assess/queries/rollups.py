"""Reads what analyses start from: the rollups of many assessments, as arrays, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Executable, bindparam, select

from accounts import wall
from assess.models import OVERALL
from assess.queries.instruments import get_instrument
from assess.rollup.models import AssessmentRollup
from assess.rollup.table import Floats, Integers, LevelCounts, RollupTable
from assess.scoring import Basis
from questionnaires.instrument import Instrument

BASES = tuple(basis.value for basis in Basis)


def read_rollups(
    clinic_ids: Collection[int] | None,
    questionnaire: str,
    basis: Basis | None = None,
    *,
    with_levels: bool = False,
) -> RollupTable:
    """The revealed assessments of these clinics (None: of all in reach) with a questionnaire.

    Without a `basis` each assessment stands on its preferred one; with one, only assessments that
    have scores on it are in the table. One statement, and one more for each questionnaire version
    that this process meets for the first time.
    """
    statement = _STATEMENTS[clinic_ids is not None, basis is not None, with_levels]
    values: dict[str, Any] = {"questionnaire": questionnaire}
    if clinic_ids is not None:
        values["clinics"] = list(clinic_ids)
    if basis is not None:
        values["basis"] = basis.value
    rows: Sequence[Any] = wall.execute(statement, values).all()
    return _table([*zip(*rows, strict=True)] or [()] * 8, with_levels=with_levels)


def _table(columns: Sequence[Sequence[Any]], *, with_levels: bool) -> RollupTable:
    quarter_names, quarters = np.unique(np.array(columns[2], dtype="U6"), return_inverse=True)
    clinics = _integers(columns[1])
    order = np.lexsort((quarters, clinics))
    versions = _integers(columns[3])[order]
    places = {name: place for place, name in enumerate(BASES)}
    instruments = {key: get_instrument(key) for key in np.unique(versions).tolist()}
    packed = [columns[6][place] for place in order.tolist()]
    keys = _keys(instruments)
    return RollupTable(
        assessment_ids=_integers(columns[0])[order],
        clinic_ids=clinics[order],
        quarters=quarters[order].astype(np.int64),
        quarter_names=tuple(quarter_names.tolist()),
        version_ids=versions,
        bases=_integers([places[basis] for basis in columns[4]])[order],
        basis_names=BASES,
        raters=_integers(columns[5])[order],
        keys=keys,
        scores=_scores(instruments, versions, packed, keys),
        levels=_levels(instruments, versions, [columns[7][place] for place in order.tolist()])
        if with_levels
        else {},
    )


def _keys(instruments: Mapping[int, Instrument]) -> tuple[str, ...]:
    """Blocks of the newest version in its order, then those that only older versions have."""
    newest_first = sorted(instruments.items(), reverse=True)
    blocks = [block.id for _, instrument in newest_first for block in instrument.blocks]
    return (*dict.fromkeys(blocks), OVERALL)


def _scores(
    instruments: Mapping[int, Instrument],
    versions: Integers,
    packed: Sequence[bytes],
    keys: Sequence[str],
) -> Floats:
    found = np.full((len(packed), len(keys)), np.nan)
    for version, instrument in instruments.items():
        rows = np.flatnonzero(versions == version)
        blocks = [keys.index(block.id) for block in instrument.blocks]
        own = _integers([*blocks, len(keys) - 1])
        values = np.frombuffer(b"".join([packed[row] for row in rows.tolist()]), dtype="<f8")
        found[np.ix_(rows, own)] = values.reshape(len(rows), len(own))
    return found


def _levels(
    instruments: Mapping[int, Instrument], versions: Integers, packed: Sequence[bytes]
) -> dict[int, LevelCounts]:
    found = {}
    for version, instrument in instruments.items():
        rows = _integers(
            [row for row in np.flatnonzero(versions == version).tolist() if packed[row]]
        )
        if not len(rows):
            continue
        scales = [milestone.scale for milestone in instrument.milestones]
        sizes = [len(scale.values()) for scale in scales]
        values = np.frombuffer(b"".join([packed[row] for row in rows.tolist()]), dtype="<u2")
        # where in the row each level stands: milestones × levels
        exists = np.arange(max(sizes)) < np.array(sizes)[:, None]
        counts = np.zeros((len(rows), *exists.shape), dtype=np.int32)
        counts[:, exists] = values.reshape(len(rows), sum(sizes))
        found[version] = LevelCounts(
            rows,
            tuple(milestone.key for milestone in instrument.milestones),
            _integers([scale.minimum for scale in scales]),
            counts,
        )
    return found


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _statement(*, some_clinics: bool, one_basis: bool, with_levels: bool) -> Executable:
    rollup = AssessmentRollup
    columns: list[Any] = [
        rollup.assessment_id,
        rollup.clinic_id,
        rollup.quarter,
        rollup.questionnaire_version_id,
        rollup.basis,
        rollup.raters,
        rollup.scores,
    ]
    if with_levels:
        columns.append(rollup.level_counts)
    found = select(*columns).where(rollup.questionnaire == bindparam("questionnaire"))
    if some_clinics:
        found = found.where(rollup.clinic_id.in_(bindparam("clinics", expanding=True)))
    if one_basis:
        return found.where(rollup.basis == bindparam("basis"))
    return found.where(rollup.is_preferred)


# built once: putting a statement together costs more than running it for a small program
_STATEMENTS = {
    (some, one, levels): _statement(some_clinics=some, one_basis=one, with_levels=levels)
    for some in (True, False)
    for one in (True, False)
    for levels in (True, False)
}
