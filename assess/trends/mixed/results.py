"""What a mixed model says; field names are the keys of the published test cases."""

from __future__ import annotations

from dataclasses import dataclass

from assess.trends.anova import Status


@dataclass(frozen=True, slots=True)
class FixedEffect:
    """One coefficient with its t test; degrees of freedom after Satterthwaite."""

    term: str
    estimate: float
    se: float
    df_satterthwaite: float | None
    t: float | None
    p_satterthwaite: float | None


@dataclass(frozen=True, slots=True)
class VarianceComponent:
    """One variance (`sdcor` its root) or, with `term2`, a covariance (`sdcor` the correlation)."""

    group: str
    term: str
    term2: str
    vcov: float
    sdcor: float | None


@dataclass(frozen=True, slots=True)
class TermTest:
    """Type III F test of one term."""

    term: str
    F: float
    df1: int
    df2: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class MixedModel:
    """One model fitted by restricted maximum likelihood (REML).

    `singular` says that a variance was estimated as 0 or a correlation as ±1; `converged` that the
    search came to rest. `reml_criterion` is −2 × `reml_loglik`; `ml_loglik` is the best
    log-likelihood without restriction.
    """

    formula: str
    status: Status
    reason: str | None = None
    nobs: int | None = None
    n_subjects: int | None = None
    n_orgs: int | None = None
    singular: bool | None = None
    converged: bool | None = None
    fixed: tuple[FixedEffect, ...] | None = None
    variance: tuple[VarianceComponent, ...] | None = None
    reml_loglik: float | None = None
    reml_criterion: float | None = None
    ml_loglik: float | None = None
    anova_satterthwaite: tuple[TermTest, ...] | None = None
    anova_kenward_roger: tuple[TermTest, ...] | None = None


@dataclass(frozen=True, slots=True)
class MixedModels:
    """The five models of a table; one that a table cannot give says why."""

    linear_time_random_intercept: MixedModel
    factor_time_random_intercept: MixedModel
    linear_time_random_slope: MixedModel
    linear_time_org_nested: MixedModel
    group_by_linear_time: MixedModel
