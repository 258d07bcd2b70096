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
_SHOWN = ("Variable", "Label", "Description", "Type", "Range", "Values", "Empty")
_STYLE = """
body { font: 100%/1.5 system-ui, sans-serif; margin: 2rem; color: #17212b; background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.25rem; }
table { border-collapse: collapse; margin-bottom: 2rem; }
caption { text-align: left; padding: .25rem 0 .5rem; }
thead th { position: sticky; top: 0; background: #f4f7f9; }
th, td { border: 1px solid #6b7c8c; padding: .25rem .5rem; text-align: left; vertical-align: top; }
.wide { overflow-x: auto; }
"""


def codebook_csv(tables: Sequence[Table]) -> bytes:
    """One row per variable of each table."""
    return csv_bytes(HEADER, ((table.name, *row) for table in tables for row in _rows(table)))


def codebook_html(content: BundleContent, tables: Sequence[Table]) -> bytes:
    """The same to read: one page, one table of variables per table of the bundle."""
    parts = "\n".join(_section(table) for table in tables)
    links = "\n".join(
        f'<li><a href="#{table.name}">{escape(table.title)}</a></li>' for table in tables
    )
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
<nav aria-label="Tables"><ul>
{links}
</ul></nav>
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
    head = "".join(f'<th scope="col">{word}</th>' for word in _SHOWN)
    lines = "\n".join(_line(column) for column in table.columns)
    count = f"{len(table.rows):,} {'row' if len(table.rows) == 1 else 'rows'}"
    return (
        f'<h2 id="{table.name}">{escape(table.title)}</h2>\n'
        f'<div class="wide" tabindex="0" role="region" aria-labelledby="{table.name}">'
        f"<table>\n<caption>data/{table.name}.csv, {count}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table></div>"
    )


def _line(column: Column) -> str:
    cells = (
        column.title, column.description, column.kind.value, _range_words(column),
        values_words(column), missing_words(column),
    )  # fmt: skip
    rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row"><code>{escape(column.name)}</code></th>{rest}</tr>'


def _range_words(column: Column) -> str:
    if column.minimum is None:
        return ""
    if column.maximum is None:
        return f"{column.minimum:g} or more"
    return f"{column.minimum:g} to {column.maximum:g}"
