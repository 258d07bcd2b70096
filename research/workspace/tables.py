"""The tables of the trends page: each score with its test, means by quarter, pairs of quarters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assess.program import OVERALL
from assess.trends import apa
from assess.trends.anova import LinearTrend, RepeatedMeasures, linear_trend, repeated_measures
from assess.trends.families import block_family
from assess.trends.mixed.models import fit_linear
from assess.trends.mixed.words import slope
from assess.trends.observations import Observations
from assess.trends.pairs import holm
from research.selection import Method
from research.study import Measure, Study, time_label
from research.words import count
from research.workspace.parts import Table

HOLM_NOTE = (
    "{first} is declared primary and tested by itself. The other p-values are corrected together "
    "(Holm), so that one of them is rarely small by chance."
)


def scores(study: Study) -> Table:
    """Each score with its own test, corrected over the family."""
    if study.selection.method is Method.MIXED:
        return _by_model(study)
    found = [_tested(study.observations[one.key]) for one in study.measures]
    corrected = _corrected(study.measures, [anova for anova, _ in found])
    first, last = time_label(study.times[0]), time_label(study.times[-1])
    return Table(
        f"Each score, {first} to {last}, clinics with every quarter",
        ("Score", "Clinics", first, last, "F (df)", "p (GG)", "p (Holm)", "Partial η²",
         "Per quarter [95% CI]"),
        tuple(
            _row(study.observations[one.key], one, anova, trend, p_holm)
            for one, (anova, trend), p_holm in zip(study.measures, found, corrected, strict=True)
        ),
        (HOLM_NOTE.format(first=study.measures[0].title),),
    )  # fmt: skip


def plain_scores(study: Study) -> Table:
    """The same for people who want to know where, how much and whether to believe it."""
    found = [_tested(study.observations[one.key]) for one in study.measures]
    corrected = _corrected(study.measures, [anova for anova, _ in found])
    first, last = time_label(study.times[0]), time_label(study.times[-1])
    rows = []
    for one, (anova, _), p_holm in zip(study.measures, found, corrected, strict=True):
        before, after = _ends(study.observations[one.key], 1)
        p = anova.p_gg if one is study.measures[0] else p_holm
        sure = "cannot be tested" if p is None else "yes" if p < 0.05 else "no"
        rows.append((one.title, before, after, sure))
    return Table(
        f"Each score, {first} to {last}, clinics with every quarter",
        ("Score", first, last, "More than chance?"),
        tuple(rows),
    )


def means(study: Study) -> Table:
    """Mean of every clinic with a score, by quarter, for each score that is followed."""
    counts = _counts(study, study.measure)
    rows = [
        (
            # a quarter stays on one line in the narrow first column
            time_label(time).replace(" ", "\u00a0"),
            str(counts[place]),
            *(_mean(study, one, place, counts[place]) for one in study.measures),
        )
        for place, time in enumerate(study.times)
    ]
    columns = ("Quarter", "Clinics", *(one.title for one in study.measures))
    return Table("Mean score by quarter, all clinics", columns, tuple(rows))


def pairs(study: Study) -> Table | None:
    """Every quarter against every other one, in the clinics with all of them."""
    found = study.analysis.pairwise.rows
    if not found or len(study.times) < 3:
        return None
    names = {str(time): time_label(time) for time in study.times}
    rows = tuple(
        (
            f"{names[row.a]} to {names[row.b]}",
            apa.decimal(row.mean_diff),
            _limits(row.ci_lo, row.ci_hi),
            "none" if row.t is None else _whole(f"{apa.decimal(row.t)} ({row.df})"),
            _p(row.p),
            _p(row.p_holm),
            apa.decimal(row.cohen_dz) if row.cohen_dz is not None else "none",
            apa.decimal(row.cohen_dav) if row.cohen_dav is not None else "none",
        )
        for row in found
    )
    clinics = count(study.analysis.rm_anova.n_subjects_used, "clinic")
    return Table(
        f"Every pair of quarters, {clinics}",
        ("Quarters", "Change", "95% CI", "t (df)", "p", "p (Holm)", "d_z", "d_av"),
        rows,
        (
            "d_z divides the change by the spread of the changes, d_av by the spread of the "
            "scores. Holm’s correction is over all pairs.",
        ),
    )


def _by_model(study: Study) -> Table:
    """Slopes of the mixed model, which uses every assessment."""
    models = [fit_linear(study.observations[one.key]) for one in study.measures]
    slopes = [slope(model) for model in models]
    p_values = [None if one is None else one.p for one in slopes]
    corrected = (None, *holm(p_values[1:]))
    rows = tuple(
        (
            one.title,
            str(model.n_subjects or 0),
            str(model.nobs or 0),
            "not possible" if line is None else apa.decimal(line.estimate),
            None if line is None else _limits(line.low, line.high),
            None if line is None else _whole(f"{apa.decimal(line.t)} ({apa.decimal(line.df)})"),
            None if line is None else _p(line.p),
            "primary" if place == 0 else None if line is None else _p(corrected[place]),
        )
        for place, (one, model, line) in enumerate(zip(study.measures, models, slopes, strict=True))
    )
    return Table(
        f"Each score, {time_label(study.times[0])} to {time_label(study.times[-1])}, "
        "every assessment",
        ("Score", "Clinics", "Scores", "Per quarter", "95% CI", "t (df)", "p", "p (Holm)"),
        rows,
        (HOLM_NOTE.format(first=study.measures[0].title),),
    )


def _tested(observations: Observations) -> tuple[RepeatedMeasures, LinearTrend]:
    table = observations.complete
    return repeated_measures(table), linear_trend(table)


def _corrected(
    measures: Sequence[Measure], results: Sequence[RepeatedMeasures]
) -> list[float | None]:
    """Holm's p of each score but the first, which is declared primary."""
    others = {one.key: result for one, result in zip(measures[1:], results[1:], strict=True)}
    return [None, *(row.p_holm for row in block_family(others))]


def _row(
    observations: Observations,
    measure: Measure,
    anova: RepeatedMeasures,
    trend: LinearTrend,
    p_holm: float | None,
) -> tuple[str | None, ...]:
    before, after = _ends(observations)
    head = (measure.title, str(anova.n_subjects_used), before, after)
    if anova.F is None:
        reason = apa.why(anova.status, anova.reason)
        return (*head, f"not possible: {reason}", None, None, None, None)
    low, high = trend.ci95_own or (None, None)
    return (
        *head,
        _whole(f"{apa.decimal(anova.F)} ({apa.degrees(anova.df1)}, {apa.degrees(anova.df2)})"),
        _p(anova.p_gg),
        "primary" if measure.key == OVERALL or p_holm is None else _p(p_holm),
        apa.unit(anova.partial_eta2),
        f"{apa.decimal(trend.slope_per_time)} {_limits(low, high)}",
    )


def _ends(observations: Observations, decimals: int = 2) -> tuple[str, str]:
    """First and last mean of the complete clinics."""
    table = observations.complete
    if not table.subjects or not table.times:
        return "no score", "no score"
    first, last = table.values[:, 0].mean(), table.values[:, -1].mean()
    return apa.decimal(float(first), decimals), apa.decimal(float(last), decimals)


def _counts(study: Study, measure: Measure) -> list[int]:
    """Clinics with a score at each time of the study."""
    found = study.observations[measure.key]
    known = dict(zip(found.times, (len(values) for values in found.by_time), strict=True))
    return [known.get(_spelled(time), 0) for time in study.times]


def _mean(study: Study, measure: Measure, place: int, usual: int) -> str:
    """The mean; a score that fewer or more clinics have says how many in brackets."""
    found = study.observations[measure.key]
    known = dict(zip(found.times, found.by_time, strict=True))
    values = known.get(_spelled(study.times[place]), np.empty(0))
    shown = "no score" if len(values) == 0 else apa.decimal(float(values.mean()), 1)
    return shown if len(values) == usual else f"{shown} ({len(values)})"


def _spelled(time: object) -> int | str:
    return time if isinstance(time, int) else str(time)


def _p(p: float | None) -> str:
    """A p-value alone in its cell: ".006", "< .001"."""
    return "none" if p is None else _whole(apa.p_value(p).removeprefix("p ").removeprefix("= "))


def _limits(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return _whole(f"[{apa.decimal(low)}, {apa.decimal(high)}]")


def _whole(text: str) -> str:
    """In narrow cells numbers that belong together stay on one line."""
    return text.replace(" ", "\u00a0")
