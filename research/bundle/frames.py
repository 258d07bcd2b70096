"""Data frames for the formats that need pandas, which is only there with the extra `research`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from research.bundle.tables import Cell, Kind, Table

if TYPE_CHECKING:
    import pandas as pd

PACKAGES = ("pandas", "pyarrow", "pyreadstat")


def missing_packages() -> tuple[str, ...]:
    """Which packages of the extra are not installed; SPSS, Stata and Parquet need them all."""
    return tuple(name for name in PACKAGES if find_spec(name) is None)


def frame(table: Table, not_applicable: dict[str, Any] | None = None) -> pd.DataFrame:
    """A table as pandas has it: numbers as floats, NaN and "" where a cell is empty.

    `not_applicable` gives the code to put where a milestone does not apply, by variable.
    """
    import pandas as pd

    codes = not_applicable or {}
    columns: dict[str, pd.Series[Any]] = {}
    rows = tuple(table.rows)
    for place, column in enumerate(table.columns):
        cells: list[Cell] = [row[place] for row in rows]
        if column.kind is Kind.TEXT:
            texts = ["" if cell is None else str(cell) for cell in cells]
            columns[column.name] = pd.Series(texts, dtype=object)
            continue
        numbers: list[Any] = [float("nan") if cell is None else float(cell) for cell in cells]
        code = codes.get(column.name)
        if code is not None and column.na:
            flags = table.place(column.na)
            for at, row in enumerate(rows):
                if row[flags] == 1:
                    numbers[at] = code
        has_letters = isinstance(code, str) and code in numbers
        columns[column.name] = pd.Series(numbers, dtype=object if has_letters else "float64")
    return pd.DataFrame(columns)
