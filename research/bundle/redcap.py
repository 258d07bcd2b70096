"""A REDCap project of the study: data dictionary, events, which form at which event, and records.

The dictionary has REDCap's 18 columns in its order. One event holds the facts of a clinic, each
quarter is an event of its own. Events carry no unique name: REDCap makes it from the event's name,
and takes rows that bring one for changes of events it has. `day_offset` keeps them in order.
Source: the help pages of REDCap's API (Import Events, Import Metadata, Import Records).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assess.quarters import Quarter
from assess.scoring import Basis
from questionnaires.instrument import Milestone
from research.bundle import variables
from research.bundle.codes import not_applicable_code
from research.bundle.content import BundleAssessment, BundleContent, ValueState
from research.bundle.csv_files import csv_bytes
from research.bundle.long_table import score_keys
from research.bundle.milestones import basis_state, basis_value
from research.bundle.tables import Cell, Column

DICTIONARY_HEADER = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note",
    "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max",
    "Identifier?", "Branching Logic (Show field only if...)", "Required Field?",
    "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
CLINIC_FORM, ASSESSMENT_FORM = "clinic_facts", "assessment"
CLINIC_EVENT = "Clinic facts"
COMPLETE = 2
ARM = 1


def redcap_files(content: BundleContent) -> Mapping[str, bytes]:
    """The four files by their path in the bundle."""
    quarters = sorted({one.quarter for one in content.assessments})
    return {
        "redcap/dictionary.csv": csv_bytes(DICTIONARY_HEADER, _dictionary(content)),
        "redcap/events.csv": csv_bytes(
            ("event_name", "arm_num", "day_offset", "offset_min", "offset_max"),
            ((name, ARM, place, 0, 0) for place, name in enumerate(_events(quarters))),
        ),
        "redcap/mapping.csv": csv_bytes(
            ("arm_num", "unique_event_name", "form"),
            (
                (ARM, unique_name(name), CLINIC_FORM if name == CLINIC_EVENT else ASSESSMENT_FORM)
                for name in _events(quarters)
            ),
        ),
        "redcap/import.csv": _records(content),
    }


def unique_name(event: str) -> str:
    """The unique name REDCap gives an event: at most 18 characters and the arm."""
    return f"{re.sub('[^a-z0-9]+', '_', event.lower()).strip('_')[:18]}_arm_{ARM}"


def _events(quarters: list[Quarter]) -> Iterator[str]:
    yield CLINIC_EVENT
    for quarter in quarters:
        yield quarter.label


def _dictionary(content: BundleContent) -> Iterator[tuple[Cell, ...]]:
    yield _text_field(variables.CLINIC, CLINIC_FORM, "Clinic")
    for column in variables.ATTRIBUTES:
        yield _text_field(column, CLINIC_FORM)
    yield _text_field(variables.QUARTER, ASSESSMENT_FORM, "Assessment")
    yield _number_field("wave", "Wave", "integer", None, None, note=variables.WAVE.description)
    yield _row("version", ASSESSMENT_FORM, "text", "Questionnaire version")
    yield _row(
        "basis", ASSESSMENT_FORM, "radio", "What the scores rest on", _choices(variables.BASES)
    )
    yield _number_field("raters", "Raters", "integer", 0, None)
    for place, key in enumerate(score_keys(content)):
        column = variables.score_column(content.instrument, key)
        header = "" if place else "Scores"
        yield _number_field(
            column.name, column.title, "number", column.minimum, column.maximum, header=header
        )
    yield _number_field("met", "Milestones met", "integer", 0, len(content.instrument.milestones))
    for block in content.instrument.blocks:
        for place, milestone in enumerate(block.milestones):
            header = "" if place else f"Block {block.number}: {block.title}"
            yield from _milestone_fields(content, milestone, header)


def _milestone_fields(
    content: BundleContent, milestone: Milestone, header: str
) -> Iterator[tuple[Cell, ...]]:
    name = variables.variable_names(content.instrument)[milestone.key]
    scale = milestone.scale
    levels = {str(value): scale.label(value) for value in scale.values()}
    levels[str(not_applicable_code(scale.maximum))] = variables.NOT_APPLICABLE
    yield _row(
        name, ASSESSMENT_FORM, "radio", milestone.title, _choices(levels),
        note=milestone.meaning, header=header,
    )  # fmt: skip
    yield _number_field(
        f"{name}_mean", f"{milestone.title}: mean of ratings", "number",
        scale.minimum, scale.maximum,
    )  # fmt: skip
    yield _row(
        f"{name}_state", ASSESSMENT_FORM, "radio", f"{milestone.title}: state",
        _choices(variables.STATES),
    )  # fmt: skip


def _records(content: BundleContent) -> bytes:
    fields = [str(row[0]) for row in _dictionary(content)]
    header = [
        fields[0], "redcap_event_name", *fields[1:],
        f"{CLINIC_FORM}_complete", f"{ASSESSMENT_FORM}_complete",
    ]  # fmt: skip
    rows = (*_clinic_records(content), *_assessment_records(content))
    return csv_bytes(header, ([row.get(name) for name in header] for row in rows))


def _clinic_records(content: BundleContent) -> Iterator[dict[str, Cell]]:
    for one in content.clinics:
        yield {
            "clinic": one.code, "redcap_event_name": unique_name(CLINIC_EVENT),
            "organization": one.organization, "state": one.state, "setting": one.setting,
            "ehr": one.ehr, "size": one.size, f"{CLINIC_FORM}_complete": COMPLETE,
        }  # fmt: skip


def _assessment_records(content: BundleContent) -> Iterator[dict[str, Cell]]:
    names = variables.variable_names(content.instrument)
    for one in content.assessments:
        record: dict[str, Cell] = {
            "clinic": one.clinic, "redcap_event_name": unique_name(one.quarter.label),
            "quarter": str(one.quarter), "wave": one.wave, "version": one.version,
            "basis": one.basis.value, "raters": one.raters, "met": one.met,
            f"{ASSESSMENT_FORM}_complete": COMPLETE,
        }  # fmt: skip
        record |= {names[key]: one.scores.get(key) for key in score_keys(content)}
        for milestone in content.instrument.milestones:
            record |= _milestone_record(one, milestone, names[milestone.key])
        yield record


def _milestone_record(one: BundleAssessment, milestone: Milestone, name: str) -> Mapping[str, Cell]:
    state = basis_state(one, milestone.key)
    if state is None:
        return {}
    value = basis_value(one, milestone.key)
    if state is ValueState.NOT_APPLICABLE:
        return {name: not_applicable_code(milestone.scale.maximum), f"{name}_state": state.value}
    field = name if one.basis is Basis.AGREED else f"{name}_mean"
    return {field: value, f"{name}_state": state.value}


def _text_field(column: Column, form: str, header: str = "") -> tuple[Cell, ...]:
    return _row(column.name, form, "text", column.title, note=column.description, header=header)


def _number_field(
    name: str,
    label: str,
    validation: str,
    low: float | None,
    high: float | None,
    *,
    note: str = "",
    header: str = "",
) -> tuple[Cell, ...]:
    return _row(
        name, ASSESSMENT_FORM, "text", label, note=note, header=header,
        validation=validation, low=low, high=high,
    )  # fmt: skip


def _row(
    name: str,
    form: str,
    kind: str,
    label: str,
    choices: str = "",
    *,
    note: str = "",
    header: str = "",
    validation: str = "",
    low: float | None = None,
    high: float | None = None,
) -> tuple[Cell, ...]:
    """One line of the dictionary; the fields not named stay empty."""
    return (
        name, form, header, kind, label, choices, note, validation, low, high,
        "", "", "", "", "", "", "", "",
    )  # fmt: skip


def _choices(choices: Mapping[str, str]) -> str:
    """How REDCap writes choices: "1, Not started | 2, Begun"."""
    return " | ".join(f"{code}, {words.replace('|', '/')}" for code, words in choices.items())
