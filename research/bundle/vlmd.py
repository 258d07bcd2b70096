"""NIH HEAL variable-level metadata of the table of assessments, as CSV and as JSON.

Names and forms follow the HEAL schema for data dictionaries, version 0.3 (`fields`, `section`,
`enumLabels`); in CSV, lists are joined by "|" and labels written as "value=label".
Source: https://github.com/HEAL/heal-metadata-schemas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from research.bundle.content import BundleContent
from research.bundle.csv_files import csv_bytes
from research.bundle.tables import Cell, Column, Kind, Table

SCHEMA_VERSION = "0.3.2"
HEADER = (
    "schemaVersion", "section", "name", "title", "description", "type", "constraints.required",
    "constraints.enum", "constraints.maximum", "constraints.minimum", "enumLabels", "missingValues",
)  # fmt: skip
_TYPES = {Kind.TEXT: "string", Kind.WHOLE: "integer", Kind.NUMBER: "number"}


def vlmd_json(content: BundleContent, tables: tuple[Table, ...]) -> bytes:
    """The data dictionary as the HEAL platform takes it in."""
    document = {
        "title": content.title,
        "description": content.study.words,
        "schemaVersion": SCHEMA_VERSION,
        "fields": [_field(column) for column in _columns(tables)],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def vlmd_csv(tables: tuple[Table, ...]) -> bytes:
    """The same as a table."""
    return csv_bytes(HEADER, (_row(column) for column in _columns(tables)))


def _columns(tables: tuple[Table, ...]) -> Iterator[Column]:
    """Every variable of clinics and assessments once."""
    seen: set[str] = set()
    for table in tables:
        if table.name in ("clinics", "assessments"):
            for column in table.columns:
                if column.name not in seen:
                    seen.add(column.name)
                    yield column


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.choices:
        constraints["enum"] = list(column.choices)
    for name, limit in (("maximum", column.maximum), ("minimum", column.minimum)):
        if limit is not None:
            constraints[name] = _whole(limit)
    field: dict[str, Any] = {
        "section": column.section,
        "name": column.name,
        "title": column.title,
        "description": column.description,
        "type": _TYPES[column.kind],
    }
    if constraints:
        field["constraints"] = constraints
    if labels := _labels(column):
        field["enumLabels"] = labels
    if not column.required:
        field["missingValues"] = [""]
    return field


def _row(column: Column) -> tuple[Cell, ...]:
    return (
        SCHEMA_VERSION, column.section, column.name, column.title, column.description,
        _TYPES[column.kind], "true" if column.required else None, "|".join(column.choices) or None,
        _whole(column.maximum), _whole(column.minimum),
        "|".join(f"{value}={_plain(words)}" for value, words in _labels(column).items()) or None,
        None,
    )  # fmt: skip


def _labels(column: Column) -> dict[str, str]:
    return {str(value): words for value, words in (*column.levels.items(), *column.choices.items())}


def _whole(limit: float | None) -> int | float | None:
    return int(limit) if limit is not None and float(limit).is_integer() else limit


def _plain(words: str) -> str:
    """Words without the two signs that part labels."""
    return words.replace("|", "/").replace("=", ":")
