"""Parquet files: exact types, nulls for empty cells, the meaning of columns as their metadata."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from research.bundle.codebook import values_words
from research.bundle.tables import Kind, Row, Table

ROWS = 100_000
"""Rows that are written together, and so stand in memory together."""


def write_parquet(table: Table, path: Path) -> None:
    """Write one table; the same bytes for the same table and the same version of pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {Kind.TEXT: pa.string(), Kind.WHOLE: pa.int32(), Kind.NUMBER: pa.float64()}
    fields = [
        pa.field(
            column.name,
            types[column.kind],
            metadata={
                "title": column.title,
                "description": column.description,
                "values": values_words(column),
            },
        )
        for column in table.columns
    ]
    schema = pa.schema(fields, metadata={"title": table.title})
    with pq.ParquetWriter(path, schema) as writer:
        for rows in _groups(table):
            columns = zip(*rows, strict=True)
            arrays = [
                pa.array(cells, type=field.type)
                for cells, field in zip(columns, fields, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _groups(table: Table) -> Iterator[list[Row]]:
    rows = iter(table.rows)
    while group := list(islice(rows, ROWS)):
        yield group
