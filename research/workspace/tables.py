"""The tables of the trends page: each score with its test, means by quarter, pairs of quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assess.trends import apa
from assess.trends.anova import LinearTrend, RepeatedMeasures, linear_trend, repeated_measures
from assess.trends.families import block_family
from assess.trends.observations import Observations
from research.selection import Method
from research.study import Measure, Study, time_label
from research.words import count
from research.workspace.cells import limits_cell, p_cell, whole
from research.workspace.model_table import HOLM_NOTE, model_scores
from research.workspace.parts import Table

MOST_COLUMNS = 8
"""Scores that stand beside each other on a wide screen: the overall one and seven blocks."""


def scores(study: Study) -> Table:
    """Each score with its own test, corrected over the family; means alone where none can be."""
    if len(study.times) == 1 or len(study.clinics) == 1:
        return _standing(study)
    if study.selection.method is Method.MIXED:
        return model_scores(study)
    first, last = time_label(study.times[0]), time_label(study.times[-1])
    return Table(
        f"Each score, {first} to {last}, clinics with every quarter",
        ("Score", "Clinics", first, last, "F (df)", "p (GG)", "p (Holm)", "Partial η²",
         "Per quarter [95% CI]"),
        tuple(_row(study, one) for one in _tested(study)),
        (HOLM_NOTE.format(first=study.measures[0].title),),
    )  # fmt: skip


def plain_scores(study: Study) -> Table:
    """The same for people who want to know where, how much and whether to believe it."""
    if len(study.times) == 1 or len(study.clinics) == 1:
        return _standing(study)
    first, last = time_label(study.times[0]), time_label(study.times[-1])
    rows = []
    for tested in _tested(study):
        before, after = _ends(study.observations[tested.measure.key], 1)
        p = tested.anova.p_gg if tested.is_primary else tested.p_holm
        sure = "cannot be tested" if p is None else "yes" if p < 0.05 else "no"
        rows.append((tested.measure.title, before, after, sure))
    return Table(
        f"Each score, {first} to {last}, clinics with every quarter",
        ("Score", first, last, "More than chance?"),
        tuple(rows),
    )


def means(study: Study) -> Table:
    """Mean of every clinic with a score, by quarter, for each score that is followed.

    A row per quarter; with many scores, like those of milestones, a row per score.
    """
    counts = _counts(study, study.measure)
    if len(study.measures) > MOST_COLUMNS:
        return _means_by_score(study, counts)
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


def _means_by_score(study: Study, counts: Sequence[int]) -> Table:
    rows = [
        (one.title, *(_mean(study, one, place, counts[place]) for place in range(len(counts))))
        for one in study.measures
    ]
    return Table(
        "Mean by quarter, all clinics",
        ("Score", *(time_label(time) for time in study.times)),
        (("Clinics", *map(str, counts)), *rows),
    )


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
            limits_cell(row.ci_lo, row.ci_hi),
            "none" if row.t is None else whole(f"{apa.decimal(row.t)} ({row.df})"),
            p_cell(row.p),
            p_cell(row.p_holm),
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


def _standing(study: Study) -> Table:
    """Where clinics stand, when there is nothing to test: one quarter, or one clinic."""
    ends = dict.fromkeys((time_label(study.times[0]), time_label(study.times[-1])))
    rows = []
    for one in study.measures:
        found = study.observations[one.key]
        clinics = str(len(found.complete.subjects))
        rows.append((one.title, clinics, *_ends(found, 1)[: len(ends)]))
    return Table(f"Each score, {' to '.join(ends)}", ("Score", "Clinics", *ends), tuple(rows))


@dataclass(frozen=True, slots=True)
class _Tested:
    """A score with its tests; `p_holm` is None for the first one, which is declared primary."""

    measure: Measure
    anova: RepeatedMeasures
    trend: LinearTrend
    p_holm: float | None
    is_primary: bool


def _tested(study: Study) -> list[_Tested]:
    # these two alone: the whole analysis of every block would fit mixed models that nobody sees
    complete = [study.observations[one.key].complete for one in study.measures]
    anovas = [repeated_measures(table) for table in complete]
    others = {m.key: found for m, found in zip(study.measures[1:], anovas[1:], strict=True)}
    corrected = (None, *(row.p_holm for row in block_family(others)))
    return [
        _Tested(measure, anova, linear_trend(table), p_holm, is_primary=place == 0)
        for place, (measure, anova, table, p_holm) in enumerate(
            zip(study.measures, anovas, complete, corrected, strict=True)
        )
    ]


def _row(study: Study, tested: _Tested) -> tuple[str | None, ...]:
    measure, anova, trend = tested.measure, tested.anova, tested.trend
    before, after = _ends(study.observations[measure.key])
    head = (measure.title, str(anova.n_subjects_used), before, after)
    if anova.F is None:
        reason = apa.why(anova.status, anova.reason)
        return (*head, f"not possible: {reason}", None, None, None, None)
    low, high = trend.ci95_own or (None, None)
    return (
        *head,
        whole(f"{apa.decimal(anova.F)} ({apa.degrees(anova.df1)}, {apa.degrees(anova.df2)})"),
        p_cell(anova.p_gg),
        "primary" if tested.is_primary else p_cell(tested.p_holm),
        apa.unit(anova.partial_eta2),
        f"{apa.decimal(trend.slope_per_time)} {limits_cell(low, high)}",
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
