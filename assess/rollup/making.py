"""Turns the answers and scores of an assessment into its rollups, exactly, without a database.

What analyses read must be what the pages show: the scores are taken over bit by bit, and the counts
of levels are whole numbers, so that every sum over milestones or clinics can be made from them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assess.answers import Answers
from assess.scoring import AssessmentScores, Basis
from questionnaires.instrument import Instrument

PREFERRED = (Basis.AGREED, Basis.IMPORTED, Basis.RATINGS)
"""Where an assessment has scores on several bases, the first of these counts."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """The numbers of one assessment on one basis; fields as in models.AssessmentRollup."""

    basis: Basis
    is_preferred: bool
    raters: int
    level_counts: bytes
    scores: bytes


def rollups_of(
    instrument: Instrument,
    ratings: Sequence[Answers],
    agreed: Answers | None,
    scores: Sequence[AssessmentScores],
) -> tuple[Rollup, ...]:
    """One rollup for each basis in `scores`, which were computed from these very answers."""
    best = min((one.basis for one in scores), key=PREFERRED.index, default=None)
    return tuple(
        Rollup(
            basis=one.basis,
            is_preferred=one.basis is best,
            raters=one.raters,
            level_counts=_pack_counts(
                instrument, [agreed or {}] if one.basis is Basis.AGREED else ratings
            ),
            scores=pack_scores((*(block.score for block in one.blocks), one.overall)),
        )
        for one in scores
    )


def imported_rollup(
    instrument: Instrument, blocks: Mapping[str, float | None], overall: float | None
) -> Rollup:
    """The rollup of scores without answers; `blocks` by block id, those it lacks have no score."""
    own = (blocks.get(block.id) for block in instrument.blocks)
    return Rollup(Basis.IMPORTED, True, 0, b"", pack_scores((*own, overall)))


def rollup_row(rollup: Rollup) -> dict[str, Any]:
    """The columns of models.AssessmentRollup but for the assessment and what is known of it."""
    return {
        "basis": rollup.basis.value,
        "is_preferred": rollup.is_preferred,
        "raters": rollup.raters,
        "level_counts": rollup.level_counts,
        "scores": rollup.scores,
    }


def pack_scores(scores: Iterable[float | None]) -> bytes:
    """64-bit little-endian floats, NaN for None."""
    values = [math.nan if score is None else score for score in scores]
    return struct.pack(f"<{len(values)}d", *values)


def unpack_scores(packed: bytes) -> tuple[float | None, ...]:
    """What `pack_scores` packed. Raises struct.error when it is not that."""
    values = struct.unpack(f"<{len(packed) // 8}d", packed)
    return tuple(None if math.isnan(value) else value for value in values)


def unpack_counts(instrument: Instrument, packed: bytes) -> dict[str, tuple[int, ...]]:
    """How many gave each level, lowest first, by milestone key; empty where nothing was packed.

    Raises struct.error when the bytes do not fit the questionnaire.
    """
    places, total = _layout(instrument)
    counts = struct.unpack(f"<{total}H", packed) if packed else ()
    if not counts:
        return {}
    return {
        milestone.key: counts[start : start + len(milestone.scale.values())]
        for milestone in instrument.milestones
        for start in (places[milestone.key] + milestone.scale.minimum,)
    }


def _pack_counts(instrument: Instrument, sources: Iterable[Answers]) -> bytes:
    places, total = _layout(instrument)
    counts = [0] * total
    for answers in sources:
        for key, answer in answers.items():
            if answer.value is not None:
                counts[places[key] + answer.value] += 1
    return struct.pack(f"<{total}H", *counts)


@lru_cache(maxsize=64)
def _layout(instrument: Instrument) -> tuple[Mapping[str, int], int]:
    """Where the count of level 0 of each milestone would stand, and how many counts there are."""
    places = {}
    total = 0
    for milestone in instrument.milestones:
        places[milestone.key] = total - milestone.scale.minimum
        total += len(milestone.scale.values())
    return places, total
