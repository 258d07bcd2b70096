"""The Frictionless description of the CSV files: types, constraints, keys, hashes.

Source: https://specs.frictionlessdata.io/tabular-data-package/ and /table-schema/.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from research.bundle.content import BundleContent
from research.bundle.packing import sha256_of
from research.bundle.tables import Column, Kind, Table

_TYPES = {Kind.TEXT: "string", Kind.WHOLE: "integer", Kind.NUMBER: "number"}
_QUARTER = "[0-9]{4}Q[1-4]"


def data_package(content: BundleContent, tables: Sequence[Table], folder: Path) -> bytes:
    """datapackage.json of the CSV files, which stand in the folder already."""
    package = {
        "profile": "tabular-data-package",
        "name": "blockwise-data-bundle",
        "title": content.title,
        "description": content.study.words,
        "created": f"{content.made_on.isoformat()}T00:00:00Z",
        "resources": [_resource(table, folder / f"data/{table.name}.csv") for table in tables],
    }
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _resource(table: Table, path: Path) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    if table.name != "clinics":
        reference = {"resource": "clinics", "fields": ["clinic"]}
        schema["foreignKeys"] = [{"fields": ["clinic"], "reference": reference}]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "path": f"data/{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "header": True},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.minimum is not None:
        constraints["minimum"] = column.minimum
    if column.maximum is not None:
        constraints["maximum"] = column.maximum
    if column.choices:
        constraints["enum"] = list(column.choices)
    if column.name == "quarter":
        constraints["pattern"] = _QUARTER
    field: dict[str, Any] = {
        "name": column.name,
        "title": column.title,
        "description": column.description,
        "type": _TYPES[column.kind],
    }
    return {**field, "constraints": constraints} if constraints else field
