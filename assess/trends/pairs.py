"""Which quarters differ from which: paired comparisons of complete clinics, corrected by Holm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from assess.trends.anova import Status, why_not_estimable
from assess.trends.observations import CompleteTable, Matrix
from assess.trends.rank_tests import wilcoxon_signed_rank
from assess.trends.significance import NEGLIGIBLE, finite, t_quantile, t_two_sided

MOST_TIMES = 60
"""Beyond this many times there are too many pairs for anybody to read, or to wait for."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Time b compared with time a in the same clinics; the difference is b minus a.

    `cohen_dz` divides it by the sd of the differences, `cohen_dav` by the root of the mean
    variance; `hedges_gz` is dz corrected for small samples.
    """

    a: str
    b: str
    n: int
    mean_diff: float
    df: int
    wilcoxon_V: float
    wilcoxon_p: float | None
    ci_lo: float | None = None
    ci_hi: float | None = None
    t: float | None = None
    p: float | None = None
    cohen_dz: float | None = None
    hedges_gz: float | None = None
    cohen_dav: float | None = None
    p_holm: float | None = None
    wilcoxon_p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class Pairwise:
    """All pairs of times in order, or a status that says why there are none."""

    status: Status
    reason: str | None = None
    rows: tuple[Pair, ...] | None = None


def pairwise(table: CompleteTable) -> Pairwise:
    """Paired t and Wilcoxon signed-rank tests of every pair of times."""
    if reason := why_not_estimable(table):
        return Pairwise(Status.NOT_ESTIMABLE, reason=reason)
    if len(table.times) > MOST_TIMES:
        return Pairwise(Status.NOT_ESTIMABLE, reason=f"more than {MOST_TIMES} quarters")
    columns = list(zip(table.times, table.values.T, strict=True))
    pairs = [
        _pair(str(a), str(b), before, after) for (a, before), (b, after) in combinations(columns, 2)
    ]
    adjusted = zip(
        pairs, holm([pair.p for pair in pairs]), holm([pair.wilcoxon_p for pair in pairs]),
        strict=True,
    )  # fmt: skip
    return Pairwise(
        Status.OK,
        rows=tuple(replace(pair, p_holm=p, wilcoxon_p_holm=w) for pair, p, w in adjusted),
    )


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction; missing p-values stay missing and do not count."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        corrected[place] = highest
    return corrected


def _pair(a: str, b: str, before: Matrix, after: Matrix) -> Pair:
    change = after - before
    n, mean = len(change), float(change.mean())
    v, wilcoxon_p = wilcoxon_signed_rank(change)
    noise = NEGLIGIBLE * max(float(np.abs(before).max()), float(np.abs(after).max()))
    average = float(before.var(ddof=1) + after.var(ddof=1)) / 2
    dav = finite(mean / average**0.5) if average > noise**2 else None
    pair = Pair(a, b, n, mean, n - 1, v, wilcoxon_p, cohen_dav=dav)
    sd = float(change.std(ddof=1))
    if sd <= noise:
        return pair  # every clinic changed by the same amount: no t, and no d but d_av
    se = sd / n**0.5
    half = t_quantile(0.975, n - 1) * se
    return replace(
        pair, ci_lo=mean - half, ci_hi=mean + half, t=mean / se, p=t_two_sided(mean / se, n - 1),
        cohen_dz=mean / sd, hedges_gz=finite(mean / sd * (1 - 3 / (4 * (n - 1) - 1))),
    )  # fmt: skip
