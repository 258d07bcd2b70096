"""Computes the analysis of this data bundle again, from data/long.csv: python analysis.py

Needs Python 3.10 or newer with numpy and scipy, and nothing of Blockwise. Prints the statistics of
every measure, compares all numbers with expected.json and ends with 1 when any of them differs.
The mixed models beyond the first are in analysis.R.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import sys
from pathlib import Path

import numpy as np
from scipy import optimize, special

HERE = Path(__file__).resolve().parent


def main() -> int:
    with (HERE / "expected.json").open(encoding="utf-8") as file:
        expected = json.load(file)
    rows, groups = read_rows(expected)
    differing = compared = elsewhere = 0
    for measure in expected["measures"]:
        own = [row for row in rows if row[0] == measure["key"]]
        found = analyze(own, groups, measure["times"])
        show(measure, found)
        for name, value in measure["numbers"].items():
            if name not in found and name.startswith("lmm."):
                elsewhere += 1
            elif name in found and agrees(found[name], value, name):
                compared += 1
            else:
                differing += 1
                print(f"  DIFFERS: {name} is {found.get(name)!r} here and {value!r} on the page")
    print(f"\n{compared} numbers agree with the page, {differing} differ.")
    if elsewhere:
        print(f"{elsewhere} numbers of mixed models are computed in analysis.R only.")
    return 1 if differing or not compared else 0


def agrees(here: float, page: float, name: str) -> bool:
    """Searches (limits of intervals, mixed models) end within a tolerance, formulas do not."""
    if name.startswith("lmm.") and (name.endswith((".df", ".p")) or ".var_" in name):
        return math.isclose(here, page, rel_tol=1e-2, abs_tol=1e-6)
    searched = name.startswith("lmm.") or "eta2_" in name
    return math.isclose(here, page, rel_tol=1e-3 if searched else 1e-6, abs_tol=1e-8)


# --- reading --------------------------------------------------------------------------------------


def read_rows(expected):
    """The measure, clinic, time and value of every analyzed value, and the group of each clinic."""
    with (HERE / "data" / "long.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (row["measure"], row["clinic"], row[expected["clock"]], float(row["value"]))
            for row in csv.DictReader(file)
            if row["analyzed"] == "1"
        ]
    if not expected["group"]:
        return rows, {}
    with (HERE / "data" / "clinics.csv").open(encoding="utf-8", newline="") as file:
        groups = {row["clinic"]: row[expected["group"]] for row in csv.DictReader(file)}
    return rows, {name: group for name, group in groups.items() if group not in ("", "withheld")}


def complete_table(rows, times):
    """Clinics that have a value at every time, and their values: clinics × times."""
    values = {}
    for _, clinic, time, value in rows:
        values.setdefault(clinic, {})[time] = value
    full = sorted(clinic for clinic, own in values.items() if len(own) == len(times))
    table = np.array([[values[clinic][time] for time in times] for clinic in full])
    return full, table.reshape(len(full), len(times)), len(values) - len(full)


# --- the analysis ---------------------------------------------------------------------------------


def analyze(rows, groups, times):
    """Every number that exists, by name."""
    clinics, table, left_out = complete_table(rows, times)
    found = {"n": len(clinics), "left_out": left_out, "k": len(times)}
    found.update(describe(rows, times))
    found.update(from_baseline(rows, times))
    if len(clinics) > 1 and len(times) > 1:
        found.update(repeated_measures(table))
        found.update(linear_trend(table))
        found.update(pairwise(table, times))
        found.update(friedman(table))
        found.update(group_by_time(clinics, table, groups))
    found.update(random_intercept(rows, times))
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}


def describe(rows, times):
    found = {}
    for time in times:
        values = np.array([value for _, _, at, value in rows if at == time])
        found[f"descriptives.{time}.n"] = len(values)
        found[f"descriptives.{time}.mean"] = values.mean()
        if len(values) > 1:
            found[f"descriptives.{time}.sd"] = values.std(ddof=1)
    return found


def repeated_measures(table):
    """Sums of squares, F, Greenhouse-Geisser's epsilon and p, partial eta squared with interval."""
    n, k = table.shape
    centered = table - table.mean()
    rest = centered - centered.mean(axis=1, keepdims=True) - centered.mean(axis=0)
    ss_time, ss_error = n * (centered.mean(axis=0) ** 2).sum(), (rest**2).sum()
    df1, df2 = k - 1, (n - 1) * (k - 1)
    if not ss_error > 1e-12 * max(1.0, (table**2).sum()):
        return {}
    F = (ss_time / df1) / (ss_error / df2)
    covariance = rest.T @ rest
    epsilon = min(1.0, np.trace(covariance) ** 2 / (df1 * (covariance**2).sum()))
    return {
        "rm_anova.F": F,
        "rm_anova.df1": df1,
        "rm_anova.df2": df2,
        "rm_anova.p": special.fdtrc(df1, df2, F),
        "rm_anova.eps_gg": epsilon,
        "rm_anova.p_gg": special.fdtrc(epsilon * df1, epsilon * df2, F),
        "rm_anova.partial_eta2": ss_time / (ss_time + ss_error),
        "rm_anova.partial_eta2_lo": eta_limit(F, df1, df2, 0.95),
        "rm_anova.partial_eta2_hi": eta_limit(F, df1, df2, 0.05),
    }


def eta_limit(F, df1, df2, probability):
    """The noncentral F inverted: the partial eta squared at which P(F' <= F) is the probability."""
    if special.fdtr(df1, df2, F) <= probability:
        return 0.0

    def miss(noncentrality):
        return special.ncfdtr(df1, df2, noncentrality, F) - probability

    high = 10.0
    while miss(high) > 0:
        high *= 2
        if high > 1e7:
            return math.nan
    noncentrality = optimize.brentq(miss, 0.0, high, xtol=1e-12)
    return noncentrality / (noncentrality + df2)


def linear_trend(table):
    """The mean slope per step, tested against how much the clinics' own slopes differ."""
    n, k = table.shape
    steps = np.arange(k) - (k - 1) / 2
    slopes = (table - table.mean()) @ steps / (steps @ steps)
    slope, se = slopes.mean(), slopes.std(ddof=1) / math.sqrt(n)
    found = {"linear_trend.slope": slope}
    if se > 1e-14 * np.abs(table).max():
        half = special.stdtrit(n - 1, 0.975) * se
        found.update({
            "linear_trend.se": se,
            "linear_trend.t": slope / se,
            "linear_trend.df": n - 1,
            "linear_trend.p": 2 * special.stdtr(n - 1, -abs(slope / se)),
            "linear_trend.ci_lo": slope - half,
            "linear_trend.ci_hi": slope + half,
        })  # fmt: skip
    return found


def paired(name, differences):
    """Mean difference with its paired interval, t and p."""
    n, mean = len(differences), differences.mean()
    found = {f"{name}.n": n, f"{name}.mean": mean}
    if n < 2 or differences.std(ddof=1) <= 1e-14:
        return found
    se = differences.std(ddof=1) / math.sqrt(n)
    half = special.stdtrit(n - 1, 0.975) * se
    p = 2 * special.stdtr(n - 1, -abs(mean / se))
    return {**found, f"{name}.ci_lo": mean - half, f"{name}.ci_hi": mean + half,
            f"{name}.t": mean / se, f"{name}.df": n - 1, f"{name}.p": p}  # fmt: skip


def with_holm(found):
    """Holm's step-down correction over all p in `found`."""
    known = sorted((value, name) for name, value in found.items() if name.endswith(".p"))
    highest = 0.0
    for rank, (p, name) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        found[f"{name}_holm"] = highest
    return found


def pairwise(table, times):
    found = {}
    for a, b in itertools.combinations(range(len(times)), 2):
        found.update(paired(f"pairwise.{times[a]}.{times[b]}", table[:, b] - table[:, a]))
    return with_holm(found)


def from_baseline(rows, times):
    """Each later time minus the first, in the clinics that have both."""
    at = {}
    for _, clinic, time, value in rows:
        at.setdefault(time, {})[clinic] = value
    found = {}
    for time in times[1:]:
        both = sorted(at[times[0]].keys() & at[time].keys())
        if both:
            change = np.array([at[time][clinic] - at[times[0]][clinic] for clinic in both])
            found.update(paired(f"baseline.{time}", change))
    return with_holm(found)


def friedman(table):
    rounded = np.round(table, 9)  # or noise in the last digits would decide what is a tie
    n, k = table.shape
    ranks = np.array([mean_ranks(row) for row in rounded])
    counts = [np.unique(row, return_counts=True)[1] for row in rounded]
    ties = sum(float((count**3 - count).sum()) for count in counts)
    spread = n * k * (k + 1) - ties / (k - 1)
    if spread <= 0:
        return {}
    chi2 = 12 * ((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2).sum() / spread
    return {
        "friedman.chi2": chi2,
        "friedman.df": k - 1,
        "friedman.p": special.chdtrc(k - 1, chi2),
        "friedman.kendall_W": chi2 / (n * (k - 1)),
    }


def mean_ranks(row):
    """Ranks from 1; equal values share the mean of theirs."""
    ordered = np.sort(row)
    return (np.searchsorted(ordered, row) + np.searchsorted(ordered, row, side="right") + 1) / 2


def group_by_time(clinics, table, groups):
    """Mixed ANOVA with Type III sums of squares: unweighted means of the groups."""
    member = np.array([groups.get(clinic, "") for clinic in clinics])
    table, member = table[member != ""], member[member != ""]
    names, sizes = np.unique(member, return_counts=True)
    n, k, g = len(table), table.shape[1], len(names)
    if g < 2 or n - g < 1:
        return {}
    steps = special_contrasts(k)
    within, level = (table - table.mean()) @ steps, table.mean(axis=1) - table.mean()
    found = {}
    means = np.array([level[member == name].mean() for name in names])
    ss_group = k * float(sizes @ (means - level.mean()) ** 2)
    ss_between = k * sum(((level[member == name] - level[member == name].mean()) ** 2).sum()
                         for name in names)  # fmt: skip
    add_effect(found, "group", ss_group, g - 1, ss_between, n - g, 1.0)
    centers = np.array([within[member == name].mean(axis=0) for name in names])
    errors = np.concatenate([within[member == name] - within[member == name].mean(axis=0)
                             for name in names])  # fmt: skip
    products = errors.T @ errors
    epsilon = min(1.0, np.trace(products) ** 2 / ((k - 1) * (products**2).sum()))
    ss_time = (centers.mean(axis=0) ** 2).sum() / ((1 / sizes).sum() / g**2)
    ss_both = float(sizes @ ((centers - within.mean(axis=0)) ** 2).sum(axis=1))
    df_error = (n - g) * (k - 1)
    for name, ss, df in (("time", ss_time, k - 1), ("group:time", ss_both, (g - 1) * (k - 1))):
        add_effect(found, name, ss, df, np.trace(products), df_error, epsilon)
    return found


def add_effect(found, name, ss, df1, ss_error, df2, epsilon):
    if ss_error <= 0:
        return
    F = (ss / df1) / (ss_error / df2)
    found[f"mixed_anova.{name}.F"] = F
    found[f"mixed_anova.{name}.df1"] = df1
    found[f"mixed_anova.{name}.df2"] = df2
    found[f"mixed_anova.{name}.p"] = special.fdtrc(df1, df2, F)
    found[f"mixed_anova.{name}.p_gg"] = special.fdtrc(epsilon * df1, epsilon * df2, F)


def special_contrasts(k):
    """Helmert contrasts of length 1: k × (k - 1)."""
    contrasts = np.zeros((k, k - 1))
    for column in range(1, k):
        contrasts[:column, column - 1] = 1
        contrasts[column, column - 1] = -column
    return contrasts / np.linalg.norm(contrasts, axis=0)


# --- mixed model: value ~ t + (1 | clinic) by REML ------------------------------------------------


def random_intercept(rows, times):
    """Fixed effects with Satterthwaite's degrees of freedom, and variances, as in lmerTest."""
    clinics = sorted({row[1] for row in rows})
    if not 1 < len(clinics) < len(rows) or len(times) < 2:
        return {}
    at = dict(zip(times, elapsed(times), strict=True))
    y = np.array([row[3] for row in rows])
    X = np.column_stack([np.ones(len(rows)), [at[row[2]] for row in rows]])
    code = np.array([clinics.index(row[1]) for row in rows])
    fit = Reml(y - y.mean(), X, code, len(clinics))
    theta = fit.best_theta()
    beta, products, rss = fit.solve(theta)
    if rss <= 1e-12 * max(1.0, float(y @ y)):
        return {}
    sigma = math.sqrt(rss / (len(y) - 2))
    beta[0] += y.mean()
    name = "lmm.linear_time_random_intercept"
    found = {f"{name}.var_clinic": (theta * sigma) ** 2, f"{name}.var_residual": sigma**2}
    covariance = sigma**2 * np.linalg.inv(products)
    for place, term in enumerate(("(Intercept)", "t")):
        found[f"{name}.{term}.estimate"] = beta[place]
        found[f"{name}.{term}.se"] = math.sqrt(covariance[place, place])
        if theta > 1e-4:
            df = fit.degrees_of_freedom(theta, sigma, place)
            t = beta[place] / math.sqrt(covariance[place, place])
            found[f"{name}.{term}.df"] = df
            found[f"{name}.{term}.p"] = 2 * special.stdtr(df, -abs(t))
    return found


def elapsed(times):
    """Quarters since the first time, or waves as they are."""
    if not all("Q" in time for time in times):
        return [float(time) for time in times]
    numbers = [4 * int(time[:4]) + int(time[-1]) for time in times]
    return [number - numbers[0] for number in numbers]


class Reml:
    """Restricted likelihood of a random intercept; theta is its sd over the residual sd."""

    def __init__(self, y, X, code, clinics):
        self.y, self.X, self.code = y, X, code
        self.sizes = np.bincount(code, minlength=clinics)
        self.sums = np.array([[column[code == one].sum() for column in (*X.T, y)]
                              for one in range(clinics)])  # fmt: skip

    def solve(self, theta):
        """Generalized least squares: coefficients, X'V⁻¹X and the weighted sum of squares."""
        weight = theta**2 / (1 + self.sizes * theta**2)
        columns = np.column_stack([self.X, self.y])
        products = columns.T @ columns - (self.sums * weight[:, None]).T @ self.sums
        beta = np.linalg.solve(products[:2, :2], products[:2, 2])
        return beta, products[:2, :2], float(products[2, 2] - beta @ products[:2, 2])

    def deviance(self, theta, sigma):
        _, products, rss = self.solve(theta)
        return (np.log1p(self.sizes * theta**2).sum() + np.linalg.slogdet(products)[1]
                + (len(self.y) - 2) * 2 * math.log(sigma) + rss / sigma**2)  # fmt: skip

    def profiled(self, theta):
        return self.deviance(
            theta, math.sqrt(max(self.solve(theta)[2], 1e-300) / (len(self.y) - 2))
        )

    def best_theta(self):
        grid = np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 121)])
        place = int(np.argmin([self.profiled(theta) for theta in grid]))
        low, high = grid[max(0, place - 1)], grid[min(len(grid) - 1, place + 1)]
        best = optimize.minimize_scalar(self.profiled, bounds=(low, high), method="bounded",
                                        options={"xatol": 1e-10})  # fmt: skip
        return 0.0 if self.profiled(0.0) <= best.fun else float(best.x)

    def degrees_of_freedom(self, theta, sigma, place):
        """Satterthwaite: 2 f² / (g' A g), f the variance of a coefficient, g its gradient."""

        def variance(point):
            return point[1] ** 2 * np.linalg.inv(self.solve(point[0])[1])[place, place]

        point = np.array([theta, sigma])
        hessian = second_derivatives(lambda at: self.deviance(*at), point)
        gradient = np.array([(variance(point + step) - variance(point - step)) / (2 * step.sum())
                             for step in np.diag(1e-5 * point)])  # fmt: skip
        return 2 * variance(point) ** 2 / (gradient @ (2 * np.linalg.inv(hessian)) @ gradient)


def second_derivatives(function, point):
    steps = np.diag(1e-3 * point)
    return np.array([
        [(function(point + a + b) - function(point + a - b) - function(point - a + b)
          + function(point - a - b)) / (4 * a.sum() * b.sum()) for b in steps]
        for a in steps
    ])  # fmt: skip


# --- printing -------------------------------------------------------------------------------------


def p_words(p):
    return "< .001" if p < 0.001 else f"= {p:.3f}"


def show(measure, found):
    print(f"\n{measure['title']} ({measure['key']})")
    print(f"  {found['n']:.0f} clinics with every time, {found['left_out']:.0f} left out")
    if own := part(found, "rm_anova"):
        interval = f"[90% CI {own['partial_eta2_lo']:.3f}, {own['partial_eta2_hi']:.3f}]"
        print(
            f"  F({own['df1']:.0f}, {own['df2']:.0f}) = {own['F']:.2f}, p {p_words(own['p'])} "
            f"(GG epsilon {own['eps_gg']:.3f}, p_GG {p_words(own['p_gg'])}), "
            f"partial eta2 = {own['partial_eta2']:.3f} {interval}"
        )
    else:
        print(f"  No repeated-measures statistic: {measure['reason']}")
    if "linear_trend.t" in found:
        own = part(found, "linear_trend")
        print(
            f"  Linear trend {own['slope']:.4f} per step, 95% CI [{own['ci_lo']:.4f}, "
            f"{own['ci_hi']:.4f}], t({own['df']:.0f}) = {own['t']:.2f}, p {p_words(own['p'])}"
        )
    for effect in ("group", "time", "group:time"):
        if own := part(found, f"mixed_anova.{effect}"):
            print(
                f"  {effect}: F({own['df1']:.0f}, {own['df2']:.0f}) = {own['F']:.2f}, "
                f"p {p_words(own['p'])}, p_GG {p_words(own['p_gg'])}"
            )
    own = part(found, "lmm.linear_time_random_intercept.t")
    if "df" in own:
        print(
            f"  Mixed model: {own['estimate']:.4f} per step (se {own['se']:.4f}), "
            f"t({own['df']:.1f}) = {own['estimate'] / own['se']:.2f}, p {p_words(own['p'])}"
        )
    for name in [name for name in found if name.startswith("pairwise.") and name.endswith(".p")]:
        own = part(found, name[:-2])
        print(
            f"  {' to '.join(name.split('.')[1:3])}: {own['mean']:+.3f} "
            f"[{own['ci_lo']:+.3f}, {own['ci_hi']:+.3f}], Holm p {p_words(own['p_holm'])}"
        )


def part(found, prefix):
    """The numbers of one statistic without its name."""
    start = f"{prefix}."
    return {name[len(start):]: value for name, value in found.items()
            if name.startswith(start) and "." not in name[len(start):]}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
