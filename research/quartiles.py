"""The spread of a program in one quarter, as people who see one clinic of it may know it. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SMALLEST_SPREAD = 6
"""Clinics with a score in a quarter, at least: five others and the one that is looked at."""
_SHOWN_DECIMALS = 1


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The quartiles of `clinics` clinics, rounded as pages show scores."""

    p25: float
    p50: float
    p75: float
    clinics: int


def quartiles_of(scores: Sequence[float]) -> Quartiles | None:
    """The quartiles, or None for too few clinics."""
    if len(scores) < SMALLEST_SPREAD:
        return None
    low, middle, high = np.quantile(scores, (0.25, 0.5, 0.75)).round(_SHOWN_DECIMALS).tolist()
    return Quartiles(low, middle, high, len(scores))
