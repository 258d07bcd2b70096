"""Parquet files: exact types, nulls for empty cells, the meaning of columns as their metadata."""

from __future__ import annotations

from pathlib import Path

from research.bundle.codebook import values_words
from research.bundle.tables import Kind, Table


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
    arrays = [
        pa.array([row[place] for row in table.rows], type=field.type)
        for place, field in enumerate(fields)
    ]
    schema = pa.schema(fields, metadata={"title": table.title})
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)
