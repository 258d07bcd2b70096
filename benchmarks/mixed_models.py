"""Times all five mixed models: of a usual program (20 × 8) and of a large one (5,000 × 20).

`python -m benchmarks.mixed_models` prints CPU milliseconds.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from assess.trends.mixed.models import fit_models
from assess.trends.observations import Observations
from benchmarks.timing import cpu_milliseconds

SIZES = ((20, 8, 6, 20), (5_000, 20, 400, 2))
"""Clinics, quarters, organizations, and how often to measure."""


def program(clinics: int, quarters: int, orgs: int) -> Observations:
    """Clinics in organizations and two groups, a tenth of the quarters missing."""
    draw = np.random.default_rng(2026)
    values = draw.normal(2.3, 0.4, (clinics, 1)) + 0.06 * np.arange(quarters)
    values = values + draw.normal(0, 0.25, (clinics, quarters))
    values[draw.random(values.shape) < 0.1] = np.nan
    return Observations.from_matrix(
        values,
        [f"C{at}" for at in range(clinics)],
        range(quarters),
        [f"o{at % orgs}" for at in range(clinics)],
        ["rural" if at % 3 else "urban" for at in range(clinics)],
    )


def measure() -> dict[str, float]:
    """CPU milliseconds of the five models together, by size."""
    found = {}
    for clinics, quarters, orgs, times in SIZES:
        observations = program(clinics, quarters, orgs)
        name = f"five_models_{clinics}x{quarters}_ms"
        found[name] = cpu_milliseconds(partial(fit_models, observations), times)
    return found


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.1f}")
