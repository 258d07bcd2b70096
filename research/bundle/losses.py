"""LOSSES.txt: what each format of a bundle cannot hold, found out from the tables themselves."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from research.bundle import spss, stata
from research.bundle.codes import STATA_NOT_APPLICABLE, not_applicable_code
from research.bundle.content import BundleContent
from research.bundle.labels import shortened
from research.bundle.tables import Table


def losses(content: BundleContent, tables: Sequence[Table], missing: Sequence[str]) -> str:
    """The whole file; `missing` are packages without which some formats were not written."""
    highest = max(scale.maximum for scale in content.instrument.scales.values())
    code = not_applicable_code(highest)
    parts = {
        "CSV": [
            "Has no types, labels or missing codes: codebook.csv and datapackage.json hold them. "
            "A milestone that does not apply is an empty value with 1 in the column _na.",
            "Text that a spreadsheet would take for a formula has an apostrophe in front.",
        ],
        "REDCap": [
            f"A milestone that does not apply is {code}. Means of ratings stand in fields of their "
            "own (ending in _mean), because a field with choices cannot hold 2.4.",
            "Standard deviations and shares of levels are left out; see data/long.csv.",
        ],
        "HEAL": ["Describes the variables of clinics and assessments, not of long and wide."],
        "SPSS": list(_spss(tables, code)) if not missing else [_not_written(missing)],
        "Stata": list(_stata(tables)) if not missing else [_not_written(missing)],
        "Parquet": (
            ["Loses nothing; labels are metadata of the columns, which few programs show."]
            if not missing
            else [_not_written(missing)]
        ),
        "All formats": [
            "The file of the questionnaire says what the levels of a milestone look like; labels "
            "hold only their words.",
            "What was withheld, and why, is in README.md.",
        ],
    }
    sections = (f"{name}\n{_lines(lines)}" for name, lines in parts.items())
    return "What each format cannot hold\n\n" + "\n\n".join(sections) + "\n"


def _not_written(missing: Sequence[str]) -> str:
    names = ", ".join(missing)
    return (
        f"Not in this bundle: {names} is not installed where it was made. An administrator can "
        "install the extra “research” (./run setup does), and you can make the bundle again."
    )


def _spss(tables: Sequence[Table], code: int) -> Iterator[str]:
    yield f"A milestone that does not apply is {code}, which is declared user-missing."
    yield "Don't know, not answered and withheld are all system-missing; see the columns _state."
    cut = _cut_labels(tables, spss.LABEL_BYTES, spss.VALUE_LABEL_BYTES)
    yield f"Labels are cut: {cut}." if cut else "No label was cut."


def _stata(tables: Sequence[Table]) -> Iterator[str]:
    yield f"A milestone that does not apply is .{STATA_NOT_APPLICABLE}."
    yield "Don't know, not answered and withheld are all “.”; see the columns _state."
    yield "Texts have no value labels. Every number is stored as double."
    cut = _cut_labels(tables, stata.LABEL_BYTES, stata.VALUE_LABEL_BYTES)
    yield f"Labels are cut: {cut}." if cut else "No label was cut."


def _cut_labels(tables: Sequence[Table], label: int, value_label: int) -> str:
    """The variables whose label, or label of a value, is longer than the format takes."""
    names: dict[str, None] = {}
    for table in tables:
        for column in table.columns:
            words = (*column.levels.values(), *column.choices.values())
            is_cut = shortened(column.title, label) != column.title
            if is_cut or any(shortened(word, value_label) != word for word in words):
                names[column.name] = None
    return ", ".join(names)


def _lines(lines: Sequence[str]) -> str:
    return "\n".join(
        textwrap.fill(line, 96, initial_indent="  ", subsequent_indent="  ") for line in lines
    )
