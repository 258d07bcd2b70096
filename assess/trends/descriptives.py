"""Mean, spread and intervals at each time: the numbers behind every trend table and figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assess.trends.observations import CompleteTable, Matrix, Observations, Time
from assess.trends.precise import differences_of
from assess.trends.significance import finite, t_quantile


@dataclass(frozen=True, slots=True)
class Description:
    """One time. Count, mean, sd, median and the between interval are over all its values.

    The within-clinic interval (Morey) is over complete clinics: it leaves out how clinics differ
    from each other and so fits comparisons between times. Half widths at 95 %.
    """

    time: Time
    n: int
    mean: float
    sd: float | None
    median: float
    ci95_between_half: float | None
    within_se_morey: float | None
    ci95_within_half_morey: float | None


def describe(observations: Observations) -> tuple[Description, ...]:
    """One description per time that has values, in order."""
    precise = differences_of(observations)
    errors = _within_errors(precise.complete)
    count = len(precise.complete.subjects)
    return tuple(
        _describe(time, values, near, error, count)
        for time, values, near, error in zip(
            observations.times, observations.by_time, precise.by_time, errors, strict=True
        )
    )


def _describe(
    time: Time, values: Matrix, near: Matrix, error: float | None, complete: int
) -> Description:
    n = len(values)
    # From the first value, so that equal values have an sd of exactly 0, however large they are.
    sd = float(np.std(near - near[0], ddof=1)) if n > 1 else None
    between = None if sd is None else finite(t_quantile(0.975, n - 1) * sd / n**0.5)
    within = None if error is None else finite(t_quantile(0.975, complete - 1) * error)
    mean, median = float(np.mean(values)), float(np.median(values))
    return Description(time, n, mean, sd, median, between, error, within)


def _within_errors(table: CompleteTable) -> list[float | None]:
    """Cousineau (2005) standard errors with Morey's (2008) factor k / (k - 1)."""
    n, k = table.values.shape
    if n < 2 or k < 2:
        return [None] * k
    centered = table.values - table.values.mean()  # a large common offset costs no digits
    own = centered - centered.mean(axis=1, keepdims=True)
    errors = own.std(axis=0, ddof=1) * np.sqrt(k / (k - 1)) / np.sqrt(n)
    return [float(error) for error in errors]
