"""SPSS files: labels of variables and values, 9 as user-missing where it does not apply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from research.bundle.codes import not_applicable_code
from research.bundle.frames import frame
from research.bundle.labels import shortened
from research.bundle.tables import Column, Kind, Table
from research.bundle.variables import NOT_APPLICABLE

LABEL_BYTES = 256
"""What SPSS keeps of the label of a variable."""
VALUE_LABEL_BYTES = 120
"""What SPSS keeps of the label of a value; longer ones are cut without a word."""
_MADE_AT = slice(92, 109)  # of the header: day (9 bytes) and time (8)
_FORMATS = {Kind.WHOLE: "F8.0", Kind.NUMBER: "F8.4"}
_NO_TIME = b"01 Jan 8000:00:00"


def write_spss(table: Table, path: Path) -> None:
    """Write one table as a .sav file; the same bytes for the same table."""
    import pyreadstat

    coded = [column for column in table.columns if column.na and column.levels]
    codes = {column.name: not_applicable_code(column.maximum or 0) for column in coded}
    pyreadstat.write_sav(
        frame(table, codes),
        path,
        file_label=shortened(table.title, 64),
        column_labels={one.name: shortened(one.title, LABEL_BYTES) for one in table.columns},
        variable_value_labels={
            column.name: labels
            for column in table.columns
            if (labels := _value_labels(column, codes.get(column.name)))
        },
        missing_ranges={name: [code] for name, code in codes.items()},
        variable_measure={one.name: _measure(one) for one in table.columns},
        variable_format={
            one.name: _FORMATS[one.kind] for one in table.columns if one.kind in _FORMATS
        },
    )
    _without_time(path)


def _value_labels(column: Column, code: int | None) -> dict[Any, str]:
    labels: dict[Any, str] = {
        value: shortened(words, VALUE_LABEL_BYTES) for value, words in column.levels.items()
    }
    if code is not None:
        labels[code] = NOT_APPLICABLE
    if column.kind is Kind.TEXT:
        labels |= {
            value: shortened(words, VALUE_LABEL_BYTES) for value, words in column.choices.items()
        }
    return labels


def _measure(column: Column) -> str:
    if column.kind is Kind.TEXT:
        return "nominal"
    return "ordinal" if column.levels else "scale"


def _without_time(path: Path) -> None:
    """The header says when the file was written: always the same moment instead."""
    content = bytearray(path.read_bytes())
    content[_MADE_AT] = _NO_TIME
    path.write_bytes(content)
