"""How far each quarter is from the first, in the same clinics: mean change, paired interval.

Each quarter uses the clinics that have a value then and in the first quarter, so that a clinic
without one later quarter still counts in the others. The number of clinics stands beside each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from assess.trends.anova import Status
from assess.trends.observations import Matrix, Observations, Time
from assess.trends.pairs import holm
from assess.trends.significance import NEGLIGIBLE, t_quantile, t_two_sided


@dataclass(frozen=True, slots=True)
class Change:
    """One quarter minus the first; interval and p are None where the clinics do not spread.

    `p_holm` is corrected over all quarters compared with the first. The interval is at 95 %, for
    this quarter alone.
    """

    time: Time
    n: int
    mean_change: float | None
    se: float | None = None
    ci_lo: float | None = None
    ci_hi: float | None = None
    t: float | None = None
    df: int | None = None
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """Change of every later quarter from the first one, `first`."""

    status: Status
    reason: str | None = None
    first: Time | None = None
    rows: tuple[Change, ...] | None = None


def change_from_baseline(observations: Observations) -> Baseline:
    """Paired t intervals of each quarter against the first quarter with a value."""
    times, values = observations.times, observations.matrix
    if len(times) < 2:
        reason = "one quarter" if times else "no values"
        return Baseline(Status.NOT_ESTIMABLE, reason=reason)
    differences = values[:, 1:] - values[:, :1]
    both = ~np.isnan(differences)
    if not both.any():
        reason = "no clinic has a value in the first quarter and in a later one"
        return Baseline(Status.NOT_ESTIMABLE, reason=reason)
    rows = [
        _change(time, differences[both[:, place], place], values[both[:, place]][:, [0, place + 1]])
        for place, time in enumerate(times[1:])
    ]
    corrected = holm([row.p for row in rows])
    return Baseline(
        Status.OK,
        first=times[0],
        rows=tuple(replace(row, p_holm=p) for row, p in zip(rows, corrected, strict=True)),
    )


def _change(time: Time, change: Matrix, pair: Matrix) -> Change:
    n = len(change)
    if n == 0:
        return Change(time, 0, None)
    mean = float(change.mean())
    if n == 1:
        return Change(time, 1, mean)
    se = float((change - change[0]).std(ddof=1)) / n**0.5
    if se <= NEGLIGIBLE * float(np.abs(pair).max()):
        return Change(time, n, mean, se=0.0, df=n - 1)
    half, t = t_quantile(0.975, n - 1) * se, mean / se
    return Change(time, n, mean, se, mean - half, mean + half, t, n - 1, t_two_sided(t, n - 1))
