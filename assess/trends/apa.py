"""Statistics as psychology journals print them (APA style, 7th edition), and the sentence first.

Whatever cannot exceed 1 loses its leading zero; p-values have three decimals, and "< .001" below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assess.trends.anova import LinearTrend, RepeatedMeasures, Status
from assess.trends.groups import Correction, Effect
from assess.trends.observations import Time
from assess.trends.oneway import OneWay
from assess.trends.rank_tests import Friedman
from assess.trends.spacing import one_quarter_apart, per_year

REASONS = {
    Status.NO_VARIATION: "every value is the same, so there is no change to test",
    Status.NO_VARIATION_WITHIN: "no clinic changed at all, so there is no change to test",
    Status.NO_ERROR_VARIANCE: (
        "every clinic changed by exactly the same amount, so F has no finite value"
    ),
    Status.ALL_TIED: "within every clinic all quarters are tied",
}


def p_value(p: float | None, name: str = "p") -> str:
    """ "p = .007", "p < .001", "p > .999"."""
    if p is None:
        return f"{name} not defined"
    if p < 0.001:
        return f"{name} < .001"
    if p > 0.999:
        return f"{name} > .999"
    return f"{name} = {unit(p, 3)}"


def unit(number: float | None, decimals: int = 2) -> str:
    """A number that cannot exceed 1, without its leading zero: ".15"; 1 stays "1.00"."""
    if number is None:
        return "not defined"
    text = decimal(number, decimals)
    return text.replace("0.", ".", 1) if text.lstrip("−").startswith("0.") else text


def decimal(number: float | None, decimals: int = 2) -> str:
    """A number with a real minus sign, never "−0.00"."""
    if number is None:
        return "not defined"
    text = f"{number:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def degrees(df: float | None) -> str:
    """Degrees of freedom: "95" when whole, "68.17" when corrected."""
    if df is None:
        return "not defined"
    return str(int(df)) if float(df).is_integer() else f"{df:.2f}"


def repeated_measures(result: RepeatedMeasures, subject: str = "clinic") -> str:
    """ "F(5, 95) = 3.46, p = .006 (GG ε .72, p_GG .015), partial η² .15 [90% CI .03, .24], …".

    `subject` is what a row stands for.
    """
    counts = (
        f"{_count(result.n_subjects_used, subject)} ({result.n_subjects_dropped} left out), "
        f"{_count(result.n_times, 'quarter')}"
    )
    if result.status is not Status.OK:
        return f"Not possible: {why(result.status, result.reason)}; {counts}"
    corrected = corrected_p(result.eps_gg, result.p_gg) if result.n_times > 2 else ""
    return (
        f"F({degrees(result.df1)}, {degrees(result.df2)}) = {decimal(result.F)}, "
        f"{p_value(result.p)}{corrected}, partial η² {unit(result.partial_eta2)}"
        f"{_interval(result.partial_eta2_ci90)}, {counts}"
    )


def corrected_p(epsilon: float | None, p: float | None) -> str:
    """ " (GG ε .72, p_GG .015)": Greenhouse-Geisser's epsilon and the p that is headlined."""
    return f" (GG ε {unit(epsilon)}, p_GG {_after_p(p).removeprefix('= ')})"


def sphericity(result: RepeatedMeasures) -> str | None:
    """Mauchly's test and the corrected degrees of freedom, or None where sphericity is no issue."""
    if result.status is not Status.OK or result.n_times < 3:
        return None
    corrected = (
        f"Greenhouse-Geisser F({degrees(result.df1_gg)}, {degrees(result.df2_gg)}), "
        f"{p_value(result.p_gg)}; Huynh-Feldt {p_value(result.p_hf)}"
    )
    if result.mauchly_W is None:
        return f"Mauchly's test is not possible with so few clinics; {corrected}"
    if result.mauchly_chi2 is None:
        reason = "some quarters move exactly together"
        return f"Mauchly's W = .00, {p_value(result.mauchly_p)}, as {reason}; {corrected}"
    W = result.mauchly_W
    size = "W < .01" if W is not None and W < 0.01 else f"W = {unit(W)}"
    return (
        f"Mauchly's {size}, χ²({result.mauchly_df}) = "
        f"{decimal(result.mauchly_chi2)}, {p_value(result.mauchly_p)}; {corrected}"
    )


def one_way(result: OneWay) -> str:
    """ "F(5, 114) = 1.26, p = .287, η² = .05"."""
    if result.status is Status.NO_ERROR_VARIANCE:
        return "Not possible: within every quarter all clinics have the same value"
    if result.status is not Status.OK:
        return f"Not possible: {why(result.status, result.reason)}"
    return (
        f"F({degrees(result.df1)}, {degrees(result.df2)}) = {decimal(result.F)}, "
        f"{p_value(result.p)}, η² = {unit(result.eta2)}"
    )


def one_way_relatives(result: OneWay) -> Iterator[str]:
    """Welch's, Kruskal and Wallis's and Brown and Forsythe's tests, those that exist."""
    if result.welch_F is not None:
        yield (
            f"Welch's F({degrees(result.welch_df1)}, {degrees(result.welch_df2)}) = "
            f"{decimal(result.welch_F)}, {p_value(result.welch_p)}"
        )
    if result.kruskal_H is not None:
        yield (
            f"Kruskal-Wallis H({degrees(result.kruskal_df)}) = {decimal(result.kruskal_H)}, "
            f"{p_value(result.kruskal_p)}, ε² = {unit(result.kruskal_epsilon2)}"
        )
    if result.brown_forsythe_F is not None:
        yield (
            f"Spread by Brown-Forsythe: F({degrees(result.df1)}, {degrees(result.df2)}) = "
            f"{decimal(result.brown_forsythe_F)}, {p_value(result.brown_forsythe_p)}"
        )


def friedman(result: Friedman) -> str:
    """ "χ²(5) = 15.72, p = .008, Kendall's W = .16; Iman-Davenport F(5, 95) = 3.54, p = .006"."""
    if result.status is not Status.OK:
        return f"Not possible: {why(result.status, result.reason)}"
    ranks = (
        f"χ²({result.df}) = {decimal(result.chi2)}, {p_value(result.p)}, "
        f"Kendall's W = {unit(result.kendall_W)}"
    )
    if result.iman_davenport_F is None:
        return f"{ranks}; every clinic has its quarters in the same order"
    return (
        f"{ranks}; Iman-Davenport F({result.iman_df1}, {result.iman_df2}) = "
        f"{decimal(result.iman_davenport_F)}, {p_value(result.iman_p)}"
    )


def linear_trend(result: LinearTrend, times: Sequence[Time], decimals: int = 2) -> str:
    """ "0.06 per quarter, 95% CI [0.03, 0.09], t(19) = 3.64, p = .002; 0.24 per year, …".

    Where the times are not one quarter apart it is "per step", and there is nothing per year.
    """
    step = "quarter" if one_quarter_apart(times) else "step"
    slope = f"{decimal(result.slope_per_time, decimals)} per {step}"
    if result.status is Status.NO_ERROR_VARIANCE:
        return f"{slope}, the same in every clinic"
    if result.status is not Status.OK or result.ci95_own is None:
        return f"Not possible: {why(result.status, result.reason)}"
    year = per_year(result, times)
    yearly = ""
    if year is not None:
        limits = _limits((year.low, year.high), decimals)
        yearly = f"; {decimal(year.slope, decimals)} per year, 95% CI {limits}"
    return (
        f"{slope}, 95% CI {_limits(result.ci95_own, decimals)}, "
        f"t({result.df_own}) = {decimal(result.t_own)}, {p_value(result.p_own)}{yearly}"
    )


def effect(row: Effect, correction: Correction | None = None) -> str:
    """ "F(5, 90) = 1.46, p = .211 (GG ε .72, p_GG .228), partial η² .07" of one effect."""
    if row.F is None:
        return "Not possible: within groups all clinics have the same mean"
    corrected = "" if correction is None else corrected_p(correction.eps_gg, correction.p_gg)
    return (
        f"F({degrees(row.df1)}, {degrees(row.df2)}) = {decimal(row.F)}, "
        f"{p_value(row.p)}{corrected}, partial η² {unit(row.partial_eta2)}"
    )


def why(status: Status, reason: str | None) -> str:
    """Why a statistic does not exist, in words."""
    return reason or REASONS.get(status, "it cannot be computed from these values")


def _after_p(p: float | None) -> str:
    return p_value(p).removeprefix("p ")


def _interval(limits: tuple[float, float] | None) -> str:
    return "" if limits is None else f" [90% CI {unit(limits[0])}, {unit(limits[1])}]"


def _limits(limits: tuple[float, float], decimals: int) -> str:
    return f"[{decimal(limits[0], decimals)}, {decimal(limits[1], decimals)}]"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
