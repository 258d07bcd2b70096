"""The codebook of a bundle: what every variable of every table means, as CSV and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from research.bundle.content import BundleContent
from research.bundle.csv_files import csv_bytes
from research.bundle.tables import Column, Table

HEADER = (
    "table", "variable", "label", "description", "type", "section", "minimum", "maximum", "values",
    "missing",
)  # fmt: skip
_STYLE = """
body { font: 100%/1.5 system-ui, sans-serif; margin: 2rem; color: #17212b; background: #fff; }
table { border-collapse: collapse; margin-bottom: 2rem; }
caption { text-align: left; font-weight: 700; padding: .5rem 0; }
th, td { border: 1px solid #6b7c8c; padding: .25rem .5rem; text-align: left; vertical-align: top; }
.wide { overflow-x: auto; }
"""


def codebook_csv(tables: Sequence[Table]) -> bytes:
    """One row per variable of each table."""
    return csv_bytes(HEADER, ((table.name, *row) for table in tables for row in _rows(table)))


def codebook_html(content: BundleContent, tables: Sequence[Table]) -> bytes:
    """The same to read: one page, one table of variables per table of the bundle."""
    parts = "\n".join(_section(table) for table in tables)
    title = escape(f"Codebook: {content.title}")
    page = f"""<!DOCTYPE html>
<html lang="en-US">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{escape(content.study.words)}</p>
<p>An empty cell is missing. README.md says what was withheld, LOSSES.txt what each format cannot
hold.</p>
{parts}
</main>
</body>
</html>
"""
    return page.encode("utf-8")


def missing_words(column: Column) -> str:
    """What an empty cell of the column means."""
    if column.required:
        return "never empty"
    if column.na:
        return f"empty; {column.na} = 1 when the milestone does not apply"
    return "empty"


def values_words(column: Column) -> str:
    """The values and their words: "1 = Not started | 2 = Begun"."""
    pairs = [*column.levels.items(), *column.choices.items()]
    return " | ".join(f"{value} = {words}" for value, words in pairs)


def _rows(table: Table) -> Iterator[tuple[str | float | None, ...]]:
    for column in table.columns:
        yield (
            column.name, column.title, column.description, column.kind.value, column.section,
            column.minimum, column.maximum, values_words(column), missing_words(column),
        )  # fmt: skip


def _section(table: Table) -> str:
    head = "".join(f'<th scope="col">{word.capitalize()}</th>' for word in HEADER[1:])
    lines = "\n".join(_line(row) for row in _rows(table))
    caption = f"{table.title} (data/{table.name}.csv, {len(table.rows):,} rows)"
    return (
        f'<h2 id="{table.name}">{escape(table.name)}</h2>\n'
        f'<div class="wide" tabindex="0" role="region" aria-labelledby="{table.name}">'
        f"<table>\n<caption>{escape(caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table></div>"
    )


def _line(row: Sequence[str | float | None]) -> str:
    name, *rest = ("" if cell is None else f"{cell:g}" if isinstance(cell, float | int) else cell
                   for cell in row)  # fmt: skip
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in rest)
    return f'<tr><th scope="row"><code>{escape(name)}</code></th>{cells}</tr>'
