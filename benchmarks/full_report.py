"""Times everything that Blockwise says about change in a usual program: 20 clinics, 8 quarters."""

from __future__ import annotations

import numpy as np

from assess.trends.analysis import analyse
from assess.trends.observations import Matrix, Observations
from assess.trends.report import report
from benchmarks.rm_anova import floor
from benchmarks.timing import cpu_milliseconds

CLINICS, QUARTERS = 20, 8


def usual_values() -> Matrix:
    """Scores that rise slowly, with clinics that differ: drawn once, the same every time."""
    draw = np.random.default_rng(2026)
    clinics = draw.normal(2.3, 0.4, (CLINICS, 1))
    values = clinics + 0.06 * np.arange(QUARTERS) + draw.normal(0, 0.25, (CLINICS, QUARTERS))
    return np.clip(values, 1, 4)


def full_report(values: Matrix) -> str:
    """All tests, mixed models included, of clinics in five organizations and two groups."""
    observations = Observations.from_matrix(
        values,
        [f"Clinic {place}" for place in range(CLINICS)],
        [f"{2024 + place // 4}Q{place % 4 + 1}" for place in range(QUARTERS)],
        orgs=[f"Organization {place % 5}" for place in range(CLINICS)],
        groups=["rural" if place % 2 else "urban" for place in range(CLINICS)],
    )
    return report(observations, analyse(observations, (1, 4)))


def measure() -> dict[str, float]:
    """CPU milliseconds of the whole report, of the bare F, and how they compare."""
    values = usual_values()
    whole = cpu_milliseconds(lambda: full_report(values), 20)
    least = cpu_milliseconds(lambda: floor(values), 200)
    return {"full_report_ms": whole, "floor_ms": least, "ratio": whole / least}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.3f}")
