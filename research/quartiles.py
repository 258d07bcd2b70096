"""The spread of a program in one quarter, as people who see one clinic of it may know it. PURE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from research.bundle.anonymity import SMALLEST_CELL

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


def quartiles_of(scores: Sequence[tuple[Hashable, float]]) -> Quartiles | None:
    """The quartiles of scores with the organization of each, or None for too few clinics.

    Whoever looks after all clinics of an organization knows their scores: what is left must be
    nobody or SMALLEST_CELL clinics at least, whichever organization it is.
    """
    values = [value for _organization, value in scores]
    own = Counter(organization for organization, _value in scores)
    others = {len(values) - count for count in own.values()}
    if len(values) < SMALLEST_SPREAD or any(0 < count < SMALLEST_CELL for count in others):
        return None
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75)).round(_SHOWN_DECIMALS).tolist()
    return Quartiles(low, middle, high, len(values))
