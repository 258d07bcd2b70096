"""The headline mixed model in words: one plain sentence, and the line a journal prints.

A model says how much and how sure, never why: no sentence here names a reason for a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assess.quarters import Quarter
from assess.trends import apa
from assess.trends.anova import Status
from assess.trends.mixed.results import MixedModel, MixedModels
from assess.trends.observations import Time
from assess.trends.significance import t_quantile
from assess.trends.spacing import QUARTERS_A_YEAR, one_quarter_apart
from assess.trends.warnings import Warning, not_converged, singular

SHOWN = {"Residual": "from quarter to quarter", "org": "between organizations"}


@dataclass(frozen=True, slots=True)
class Slope:
    """The change per unit of time with the limits of its 95 % interval (Satterthwaite's t)."""

    estimate: float
    low: float
    high: float
    t: float
    df: float
    p: float

    def times(self, factor: float) -> tuple[float, float, float]:
        """Slope and limits for `factor` units of time."""
        return self.estimate * factor, self.low * factor, self.high * factor


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the variance around the line lies where: "between clinics", .56."""

    where: str
    share: float


def slope(model: MixedModel) -> Slope | None:
    """The coefficient of time with its interval; None where the model has none."""
    row = next((row for row in model.fixed or () if row.term == "t"), None)
    if row is None or row.t is None or row.df_satterthwaite is None or row.p_satterthwaite is None:
        return None
    half = t_quantile(0.975, row.df_satterthwaite) * row.se
    return Slope(
        row.estimate, row.estimate - half, row.estimate + half,
        row.t, row.df_satterthwaite, row.p_satterthwaite,
    )  # fmt: skip


def shares(model: MixedModel) -> tuple[Share, ...]:
    """Parts of the variance that add up to 1, for models whose clinics differ in level only.

    The part between clinics (and organizations) is the intraclass correlation.
    """
    rows = model.variance or ()
    if any(row.term2 for row in rows):
        return ()
    total = sum(row.vcov for row in rows)
    return tuple(Share(SHOWN.get(row.group, "between clinics"), row.vcov / total) for row in rows)


def sentence(model: MixedModel, times: Sequence[Time], decimals: int = 2) -> str:
    """ "Over all 144 assessments of 20 clinics, the score rose by 0.06 per quarter, …"."""
    found = slope(model)
    if model.status is not Status.OK or found is None:
        return f"A mixed model is not possible: {apa.why(model.status, model.reason)}."
    by = f"{apa.decimal(abs(found.estimate), decimals)} per {_unit(times)}"
    if _counts_quarters(times):
        by += f", {apa.decimal(abs(found.estimate) * QUARTERS_A_YEAR, decimals)} per year"
    certain = (
        "That is more than chance alone would explain."
        if found.p < 0.05
        else "A change of this size could be chance."
    )
    way = "rose" if found.estimate > 0 else "fell"
    if float(f"{found.estimate:.{decimals}f}") == 0:
        way, by = "moved", f"less than {0.5 * 10**-decimals:.{decimals + 1}f} per {_unit(times)}"
    return f"Over all {_counts(model)}, the mean {way} by {by}. {certain}"


def line(model: MixedModel, times: Sequence[Time], decimals: int = 2) -> str:
    """ "b = 0.06 [95% CI 0.04, 0.08] per quarter, t(125.12) = 6.47, p < .001; 0.25 … per year"."""
    found = slope(model)
    if model.status is not Status.OK or found is None:
        return f"Not possible: {apa.why(model.status, model.reason)}"
    yearly = ""
    if _counts_quarters(times):
        yearly = f"; {_with_limits(found.times(QUARTERS_A_YEAR), decimals)} per year"
    return (
        f"b = {_with_limits(found.times(1), decimals)} per {_unit(times)}, "
        f"t({apa.decimal(found.df)}) = {apa.decimal(found.t)}, {apa.p_value(found.p)}"
        f"{yearly}; {_counts(model)}"
    )


def variance_line(model: MixedModel) -> str | None:
    """ "Variance around the line: 56% between clinics, 44% from quarter to quarter (ICC .56)"."""
    parts = shares(model)
    if not parts:
        return None
    listed = ", ".join(f"{part.share:.0%} {part.where}" for part in parts)
    icc = 1 - parts[-1].share
    said = "; singular: a variance is estimated as zero" if model.singular else ""
    return f"Variance around the line: {listed} (ICC {apa.unit(icc)}){said}"


def model_warnings(models: MixedModels) -> tuple[Warning, ...]:
    """What to be careful about: the headline model is singular, or one did not settle."""
    every = (
        models.linear_time_random_intercept, models.factor_time_random_intercept,
        models.linear_time_random_slope, models.linear_time_org_nested,
        models.group_by_linear_time,
    )  # fmt: skip
    found = [singular()] if models.linear_time_random_intercept.singular else []
    if any(model.converged is False for model in every):
        found.append(not_converged())
    return tuple(found)


def _counts(model: MixedModel) -> str:
    return f"{model.nobs} assessments of {model.n_subjects} clinics"


def _with_limits(numbers: tuple[float, float, float], decimals: int) -> str:
    estimate, low, high = (apa.decimal(number, decimals) for number in numbers)
    return f"{estimate} [95% CI {low}, {high}]"


def _unit(times: Sequence[Time]) -> str:
    return "quarter" if _counts_quarters(times) else "unit of time"


def _counts_quarters(times: Sequence[Time]) -> bool:
    """Whether one unit of time is a quarter: calendar quarters, or waves one after the other."""
    if one_quarter_apart(times):
        return True
    try:
        return bool(times) and all(Quarter.parse(str(time)) for time in times)
    except ValueError:
        return False
