"""Stata files, version 14: labels of variables and values, .a where a milestone does not apply.

Version 15 would be format 119, which gretl does not read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from research.bundle.codes import STATA_NOT_APPLICABLE
from research.bundle.frames import frame
from research.bundle.labels import shortened
from research.bundle.tables import Column, Table
from research.bundle.variables import NOT_APPLICABLE

LABEL_BYTES = 80
"""What Stata takes as the label of a variable; a longer one raises and leaves an empty file."""
VALUE_LABEL_BYTES = 120
VERSION = 14
_TIMESTAMP = re.compile(rb"<timestamp>\x11.{17}</timestamp>", re.DOTALL)
_NO_TIME = b"<timestamp>\x1101 Jan 1980 00:00</timestamp>"


def write_stata(table: Table, path: Path) -> None:
    """Write one table as a .dta file; the same bytes for the same table."""
    import pyreadstat

    names = [column.name for column in table.columns if column.na and column.levels]
    data = frame(table, dict.fromkeys(names, STATA_NOT_APPLICABLE))
    with_letters = [name for name in names if data[name].dtype == object]
    pyreadstat.write_dta(
        data,
        path,
        version=VERSION,
        file_label=shortened(table.title, LABEL_BYTES),
        column_labels={one.name: shortened(one.title, LABEL_BYTES) for one in table.columns},
        variable_value_labels={
            column.name: _value_labels(column, column.name in with_letters)
            for column in table.columns
            if column.levels
        },
        missing_user_values={name: [STATA_NOT_APPLICABLE] for name in with_letters},
    )
    path.write_bytes(_TIMESTAMP.sub(_NO_TIME, path.read_bytes(), count=1))


def _value_labels(column: Column, has_letters: bool) -> dict[Any, str]:
    labels: dict[Any, str] = {
        value: shortened(words, VALUE_LABEL_BYTES) for value, words in column.levels.items()
    }
    if has_letters:
        labels[STATA_NOT_APPLICABLE] = NOT_APPLICABLE
    return labels
