"""Times the repeated-measures ANOVA of a usual program: 20 clinics, 6 quarters."""

from __future__ import annotations

import numpy as np

from assess.trends.anova import repeated_measures
from assess.trends.observations import CompleteTable, Matrix
from benchmarks.timing import cpu_milliseconds

CLINICS, QUARTERS = 20, 6


def usual_table() -> CompleteTable:
    """Scores that rise slowly, with clinics that differ: drawn once, the same every time."""
    draw = np.random.default_rng(2026)
    clinics = draw.normal(2.3, 0.4, (CLINICS, 1))
    values = clinics + 0.06 * np.arange(QUARTERS) + draw.normal(0, 0.25, (CLINICS, QUARTERS))
    return CompleteTable(
        np.clip(values, 1, 4), tuple(str(i) for i in range(CLINICS)), tuple(range(QUARTERS)), ()
    )


def floor(values: Matrix) -> float:
    """The least work that gives the same F: the sums of squares and nothing else."""
    n, k = values.shape
    centered = values - values.mean()
    residuals = centered - centered.mean(axis=1, keepdims=True) - centered.mean(axis=0)
    between = n * float((centered.mean(axis=0) ** 2).sum())
    within = float((residuals**2).sum())
    return float((between / (k - 1)) / (within / ((n - 1) * (k - 1))))


def measure() -> dict[str, float]:
    """CPU milliseconds of the whole analysis, of the bare F, and how they compare."""
    table = usual_table()
    whole = cpu_milliseconds(lambda: repeated_measures(table), 200)
    least = cpu_milliseconds(lambda: floor(table.values), 200)
    return {"rm_anova_ms": whole, "floor_ms": least, "ratio": whole / least}


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.3f}")
