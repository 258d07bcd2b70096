"""The four tables of a bundle: clinics, assessments, a row per value, and a row per clinic."""

from __future__ import annotations

from dataclasses import replace

from research.bundle import variables
from research.bundle.content import BundleAssessment, BundleContent, ValueState, time_of
from research.bundle.long_table import long_table, score_keys
from research.bundle.milestones import basis_state, basis_value
from research.bundle.tables import Cell, Column, Kind, Table

GROUPABLE = tuple(column.name for column in variables.ATTRIBUTES)
"""Attributes by which groups of clinics can be compared."""


def tables(content: BundleContent) -> tuple[Table, ...]:
    """All tables of the bundle, in the order of the README."""
    return clinics(content), assessments(content), long_table(content), wide(content)


def clinics(content: BundleContent) -> Table:
    """One row per clinic: its coded attributes."""
    rows = tuple(
        (one.code, one.organization, one.state, one.setting, one.ehr, one.size)
        for one in content.clinics
    )
    columns = (variables.CLINIC, *variables.ATTRIBUTES)
    return Table("clinics", "Clinics and their attributes", columns, rows, ("clinic",))


def assessments(content: BundleContent) -> Table:
    """One row per clinic and quarter: every score and milestone on the basis of the analysis."""
    instrument = content.instrument
    measures = score_keys(content)
    columns = (
        variables.CLINIC, variables.QUARTER, variables.WAVE,
        Column(
            "version", "Questionnaire version", "Version of the questionnaire that was answered.",
            Kind.TEXT, "Assessment", required=True,
        ),
        variables.BASIS,
        Column(
            "raters", "Raters", "People whose ratings were finished; 0 for imported scores.",
            Kind.WHOLE, "Assessment", 0,
        ),
        *(variables.score_column(instrument, key) for key in measures),
        Column(
            "met", "Milestones met", "How many milestones stand at the level that counts as met.",
            Kind.WHOLE, "Scores", 0, len(instrument.milestones),
        ),
        *(
            column
            for milestone in instrument.milestones
            for column in variables.milestone_columns(instrument, milestone)
        ),
    )  # fmt: skip
    rows = tuple(
        (
            one.clinic, str(one.quarter), one.wave, one.version, one.basis.value, one.raters,
            *(one.scores.get(key) for key in measures), one.met,
            *(
                cell
                for milestone in instrument.milestones
                for cell in _milestone_cells(one, milestone.key)
            ),
        )
        for one in content.assessments
    )  # fmt: skip
    title = "Assessments: scores and milestones of each clinic and quarter"
    return Table("assessments", title, columns, rows, ("clinic", "quarter"))


def wide(content: BundleContent) -> Table:
    """One row per clinic: every score at every time, as analyses of repeated measures want it."""
    clock = content.study.clock
    followed = [measure.key for measure in content.study.measures]
    keys = [*score_keys(content), *(key for key in followed if key not in score_keys(content))]
    by_time: dict[tuple[str, str | int], BundleAssessment] = {}
    for one in content.assessments:
        by_time[one.clinic, _time(content, one)] = one
    times = sorted({time for _, time in by_time}, key=lambda time: (isinstance(time, str), time))
    columns = [variables.CLINIC, *variables.ATTRIBUTES]
    for key in keys:
        column = _measure_column(content, key)
        columns += [
            replace(
                column,
                name=f"{column.name}_{variables.time_suffix(content, time)}",
                title=f"{column.title}, {clock.value} {time}",
                na=None,
                levels={},
            )
            for time in times
        ]
    rows = tuple(
        (
            clinic.code, clinic.organization, clinic.state, clinic.setting, clinic.ehr,
            clinic.size,
            *(_value(by_time.get((clinic.code, time)), key) for key in keys for time in times),
        )
        for clinic in content.clinics
    )  # fmt: skip
    return Table("wide", "A row for every clinic", tuple(columns), rows, ("clinic",))


def _measure_column(content: BundleContent, key: str) -> Column:
    if key in score_keys(content):
        return variables.score_column(content.instrument, key)
    instrument = content.instrument
    return variables.milestone_columns(instrument, instrument.milestone(key))[0]


def _time(content: BundleContent, one: BundleAssessment) -> str | int:
    return time_of(one.quarter, one.wave, content.study.clock)


def _value(one: BundleAssessment | None, key: str) -> float | None:
    if one is None:
        return None
    return one.scores[key] if key in one.scores else basis_value(one, key)


def _milestone_cells(one: BundleAssessment, key: str) -> tuple[Cell, Cell, Cell]:
    state = basis_state(one, key)
    if state is None:
        return None, None, None
    return basis_value(one, key), int(state is ValueState.NOT_APPLICABLE), state.value
