"""Did groups of clinics change differently? Group × quarter mixed ANOVA with Type III squares.

Follows the clinics that have a value in every quarter and one group. Groups may differ in size:
Type III compares the unweighted means of the groups, as R's afex and car do with sum contrasts.

Sources: Maxwell & Delaney (2004), ch. 12; Lecoutre (1991), Journal of Educational Statistics 16,
371-372, for the Huynh-Feldt epsilon with groups; Olejnik & Algina (2003) for generalized eta².
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assess.trends.anova import Status
from assess.trends.observations import CompleteTable, Matrix, natural_order
from assess.trends.significance import NEGLIGIBLE, f_tail, finite
from assess.trends.sphericity import Sphericity, check_sphericity

EFFECTS = ("group", "time", "group:time")


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of the ANOVA table; F and what follows from it is None without error variance."""

    effect: str
    F: float | None
    df1: int
    df2: int
    p: float | None
    generalized_eta2: float | None
    partial_eta2: float | None


@dataclass(frozen=True, slots=True)
class EffectType2:
    """The same effect when groups count by their size (Type II squares)."""

    effect: str
    F: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class MauchlyTest:
    """Mauchly's test of one effect; p is the second-order value that R prints."""

    effect: str
    W: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Correction:
    """Greenhouse-Geisser and Huynh-Feldt corrections of one effect."""

    effect: str
    eps_gg: float
    p_gg: float | None
    eps_hf_lecoutre_car: float | None
    p_hf: float | None


@dataclass(frozen=True, slots=True)
class MixedAnova:
    """Group × quarter ANOVA; field names are those of the published test cases.

    `n_without_group` counts complete clinics that are in no group and so stand outside.
    """

    status: Status
    n_subjects: int
    n_groups: int
    reason: str | None = None
    ss_type: int = 3
    n_without_group: int = 0
    effects: tuple[Effect, ...] | None = None
    mauchly: tuple[MauchlyTest, ...] | None = None
    corrections: tuple[Correction, ...] | None = None
    eps_hf_original_1976: float | None = None
    effects_type2: tuple[EffectType2, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Squares:
    """Sums of squares of the three effects, of Type II time, and of the two errors."""

    group: float
    time: float
    both: float
    time_type2: float
    between: float
    within: float


def mixed_anova(table: CompleteTable, groups: Mapping[str, frozenset[str]]) -> MixedAnova:
    """Compare groups of clinics over the quarters; `groups` has every group of each subject."""
    found = [groups.get(subject, frozenset()) for subject in table.subjects]
    grouped = [place for place, names in enumerate(found) if names]
    outside = len(found) - len(grouped)
    labels = sorted({name for names in found for name in names}, key=natural_order)
    counts = (len(grouped), len(labels))
    moved = [subject for subject, names in groups.items() if len(names) > 1]
    member = np.array([labels.index(min(found[place])) for place in grouped], dtype=np.intp)
    if reason := _why_not(table, moved, *counts):
        return MixedAnova(Status.NOT_ESTIMABLE, *counts, reason=reason, n_without_group=outside)
    values = table.values[grouped]
    membership: Matrix = np.eye(len(labels))[member]
    squares, residuals = _split(values, membership)
    status = _status(squares)
    if status is not Status.OK:
        return MixedAnova(status, *counts, n_without_group=outside)
    return _tested(squares, residuals, counts, outside)


def _why_not(table: CompleteTable, moved: list[str], n: int, groups: int) -> str | None:
    if moved:
        names = ", ".join(moved[:3]) + (" and others" if len(moved) > 3 else "")
        return f"a clinic belongs to one group, but the group of {names} changes"
    if len(table.times) < 2:
        return "no values" if not table.times else "one quarter"
    if n == 0:
        return "no clinic with a group has a value in every quarter"
    if groups < 2:
        return "one group"
    if n <= groups:
        return "every group has only one clinic with a value in every quarter"
    return None


def _split(values: Matrix, membership: Matrix) -> tuple[_Squares, Matrix]:
    """Sums of squares of values (n × k), and the residuals within groups, rows centered too."""
    n, k = values.shape
    centered = values - values[0, 0]
    centered -= centered.mean()
    sizes = membership.sum(axis=0)
    subject = centered.mean(axis=1)
    inner = centered - subject[:, None]
    means = membership.T @ inner / sizes[:, None]  # groups × times, rows add up to 0
    own = membership.T @ subject / sizes
    residuals = inner - membership @ means
    noise = (NEGLIGIBLE * float(np.abs(values).max())) ** 2 * n * k

    def total(squares: Matrix) -> float:
        found = float(squares.sum())
        return found if found > noise else 0.0

    # One observation per group mean: the unweighted mean of the groups has this variance.
    variance = float((1 / sizes).sum()) / len(sizes) ** 2
    overall = sizes @ means / n
    squares = _Squares(
        group=total(k * sizes * (own - sizes @ own / n) ** 2),
        time=total(means.mean(axis=0) ** 2 / variance),
        both=total(sizes[:, None] * (means - overall) ** 2),
        time_type2=total(n * overall**2),
        between=total(k * (subject - membership @ own) ** 2),
        within=total(residuals**2),
    )
    return squares, residuals


def _status(squares: _Squares) -> Status:
    if squares.within > 0:
        return Status.OK
    if squares.time_type2 > 0 or squares.both > 0:
        return Status.NO_ERROR_VARIANCE
    if squares.group > 0 or squares.between > 0:
        return Status.NO_VARIATION_WITHIN
    return Status.NO_VARIATION


def _tested(
    squares: _Squares,
    residuals: Matrix,
    counts: tuple[int, int],
    outside: int,
) -> MixedAnova:
    n, g = counts
    k = residuals.shape[1]
    between, within = n - g, (n - g) * (k - 1)
    error = squares.between + squares.within
    effects = (
        _effect("group", squares.group, g - 1, squares.between, between, error),
        _effect("time", squares.time, k - 1, squares.within, within, error),
        _effect("group:time", squares.both, (g - 1) * (k - 1), squares.within, within, error),
    )
    type2 = _effect("time", squares.time_type2, k - 1, squares.within, within, error)
    other = tuple(EffectType2(row.effect, row.F, row.p) for row in (effects[0], type2, effects[2]))
    if k == 2:
        return MixedAnova(
            Status.OK, n, g, n_without_group=outside, effects=effects, effects_type2=other
        )
    # Within groups there are n - g degrees of freedom, as n - g + 1 clinics of one group would have
    sphericity = check_sphericity(residuals, clinics=n - g + 1)
    return MixedAnova(
        Status.OK, n, g, n_without_group=outside, effects=effects,
        mauchly=_mauchly(sphericity),
        corrections=tuple(_correction(row, sphericity) for row in effects[1:]),
        eps_hf_original_1976=None
        if sphericity.mauchly_W is None
        else _original_huynh_feldt(sphericity.eps_gg, n, g, k),
        effects_type2=other,
    )  # fmt: skip


def _effect(
    name: str, squares: float, df1: int, error: float, df2: int, all_errors: float
) -> Effect:
    if error == 0:
        return Effect(name, None, df1, df2, None, None, None)
    F = squares / df1 / (error / df2)
    return Effect(
        name, finite(F), df1, df2, f_tail(F, df1, df2),
        squares / (squares + all_errors), squares / (squares + error),
    )  # fmt: skip


def _mauchly(sphericity: Sphericity) -> tuple[MauchlyTest, ...] | None:
    if sphericity.mauchly_W is None:
        return None
    W, p = sphericity.mauchly_W, sphericity.mauchly_p
    return tuple(MauchlyTest(name, W, p) for name in EFFECTS[1:])


def _correction(effect: Effect, sphericity: Sphericity) -> Correction:
    F, df1, df2 = effect.F or 0.0, effect.df1, effect.df2
    gg, hf = sphericity.eps_gg, sphericity.eps_hf_capped
    p_hf = None if hf is None else f_tail(F, df1 * hf, df2 * hf)
    return Correction(effect.effect, gg, f_tail(F, df1 * gg, df2 * gg), sphericity.eps_hf, p_hf)


def _original_huynh_feldt(gg: float, n: int, g: int, k: int) -> float | None:
    below = (k - 1) * (n - g - (k - 1) * gg)
    return finite((n * (k - 1) * gg - 2) / below) if abs(below) > 1e-9 else None
