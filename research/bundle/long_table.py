"""The long table of a bundle: every value in a row of its own, with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assess.answers import AnswerValue
from assess.scoring import Basis
from research.bundle import variables
from research.bundle.content import (
    BundleAssessment,
    BundleContent,
    RatedMilestone,
    ValueState,
    time_of,
)
from research.bundle.tables import Cell, Column, Kind, MadeRows, Row, Table

Analyzed = frozenset[tuple[str, str, str | int | float]]
"""Measure, clinic and time of values."""


def score_keys(content: BundleContent) -> list[str]:
    """Overall and the blocks, in order."""
    return ["overall", *(block.id for block in content.instrument.blocks)]


def long_table(content: BundleContent) -> Table:
    """One row per clinic, quarter, measure and basis."""
    shares = range(1, _most_levels(content) + 1)
    columns = (
        variables.CLINIC, variables.QUARTER, variables.WAVE,
        Column(
            "variable", "Variable", "Short name of the measure, as in the other tables.",
            Kind.TEXT, "Measure", required=True,
        ),
        Column(
            "measure", "Measure", "Overall, a block or a milestone, by its key.",
            Kind.TEXT, "Measure", required=True,
        ),
        Column(
            "kind", "Kind", "What is measured.", Kind.TEXT, "Measure",
            choices={
                "overall": "overall score", "block": "block score", "milestone": "one milestone"
            },
            required=True,
        ),
        replace(variables.BASIS, description="What this value rests on."),
        Column("value", "Value", "The score, level or mean.", Kind.NUMBER, "Value", na="na"),
        Column(
            "na", "Does not apply", "1 when the milestone does not apply to the clinic, else 0.",
            Kind.WHOLE, "Value", 0, 1, levels={0: "No", 1: "Yes"}, required=True,
        ),
        Column(
            "state", "State", "Why there is a value, or why not.", Kind.TEXT, "Value",
            choices={
                "score": "has a score", "no_score": "too few milestones have a level",
                **variables.STATES,
            },
            required=True,
        ),
        Column(
            "raters", "Raters",
            "For scores, people whose ratings were finished; for ratings of a milestone, people "
            "who gave it a level; empty for agreed levels.",
            Kind.WHOLE, "Value", 0,
        ),
        Column(
            "sd", "Standard deviation", "Between raters (n - 1); only for ratings of milestones.",
            Kind.NUMBER, "Value", 0,
        ),
        *(
            Column(
                f"share_{place}", f"Share at value {place}",
                f"Share of raters who gave value {place} of the scale (lowest is 1).",
                Kind.NUMBER, "Value", 0, 1,
            )
            for place in shares
        ),
        Column(
            "analyzed", "Analyzed", "1 when the value is part of the analysis of the bundle.",
            Kind.WHOLE, "Value", 0, 1, levels={0: "No", 1: "Yes"}, required=True,
        ),
    )  # fmt: skip
    count = sum(_number_of_rows(one, content) for one in content.assessments)
    rows = MadeRows(count, lambda: _rows(content, len(shares)))
    key = ("clinic", "quarter", "variable", "basis")
    return Table("long", "A row for every value", columns, rows, key)


def _rows(content: BundleContent, shares: int) -> Iterator[Row]:
    names = variables.variable_names(content.instrument)
    analyzed = _analyzed_cells(content)
    for one in content.assessments:
        start = (one.clinic, str(one.quarter), one.wave)
        for key, kind, cells, given in _long_rows(one, content):
            is_analyzed = _is_analyzed(content, one, key, cells, analyzed)
            yield (
                *start, names[key], key, kind, *cells, *([None] * (shares - len(given))),
                is_analyzed,
            )  # fmt: skip


def _number_of_rows(one: BundleAssessment, content: BundleContent) -> int:
    return len(score_keys(content)) + sum(
        (milestone.agreed is not None) + (milestone.rated is not None)
        for milestone in one.milestones.values()
    )


def _analyzed_cells(content: BundleContent) -> Analyzed:
    """Measure, clinic and time of every value that the analyses use."""
    return frozenset(
        (key, row.subject, row.time)
        for key, observations in content.observations.items()
        for row in observations.rows
    )


def _most_levels(content: BundleContent) -> int:
    return max(len(one.scale.values()) for one in content.instrument.milestones)


def _long_rows(
    one: BundleAssessment, content: BundleContent
) -> Iterator[tuple[str, str, tuple[Cell, ...], tuple[float, ...]]]:
    """Measure, kind, cells from basis to the last known share, and these shares."""
    for key in score_keys(content):
        score = one.scores.get(key)
        state = "no_score" if score is None else "score"
        kind = "overall" if key == "overall" else "block"
        yield key, kind, (one.basis.value, score, 0, state, one.raters, None), ()
    for key, milestone in one.milestones.items():
        if milestone.agreed is not None:
            yield key, "milestone", _agreed_cells(milestone.agreed), ()
        if milestone.rated is not None:
            rated = milestone.rated
            yield key, "milestone", (*_rated_cells(rated), *rated.shares), rated.shares


def _agreed_cells(agreed: AnswerValue) -> tuple[Cell, ...]:
    state = ValueState(agreed.state.value)
    value = None if agreed.value is None else float(agreed.value)
    is_na = int(state is ValueState.NOT_APPLICABLE)
    return Basis.AGREED.value, value, is_na, state.value, None, None


def _rated_cells(rated: RatedMilestone) -> tuple[Cell, ...]:
    is_na = int(rated.state is ValueState.NOT_APPLICABLE)
    return Basis.RATINGS.value, rated.mean, is_na, rated.state.value, rated.n, rated.sd


def _is_analyzed(
    content: BundleContent,
    one: BundleAssessment,
    key: str,
    cells: tuple[Cell, ...],
    analyzed: Analyzed,
) -> int:
    is_on_basis = cells[0] == one.basis.value and cells[1] is not None
    return int(
        is_on_basis
        and (key, one.clinic, time_of(one.quarter, one.wave, content.study.clock)) in analyzed
    )
