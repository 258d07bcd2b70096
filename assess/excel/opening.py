"""Opens an uploaded workbook and takes the cells that count off its sheets.

openpyxl has its home here and sees only what assess.excel.parts has let through.
"""

from __future__ import annotations

import io
import re
import threading
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from assess.excel import layout
from assess.excel.cells import Content, shown
from assess.excel.layout import FIRST_RATER, LAST_RATER, Subject
from assess.excel.parts import CannotUse, damaged

if TYPE_CHECKING:
    from openpyxl import Workbook

LOOKED_PAST = 20
"""Columns and rows behind the last ones in which answers would be lost without a word."""

OTHERS_LOOKED_AT = 5
"""Sheets beside ours that may be copies for other raters."""

Grid = Mapping[tuple[int, int], Content]
"""By row and column, both from 1, what stands in the cells that are not empty."""

# one workbook at a time: that bounds the memory, and filters of warnings belong to the process
_one_at_a_time = threading.Lock()
# Numbers gives every sheet that it exports the name of its table as well
_OF_NUMBERS = re.compile(r"\s*-\s*table 1$")


def open_sheets(content: bytes, subject: Subject) -> tuple[Grid, Grid]:
    """The cells of the sheets About and Assessment. Raises CannotUse."""
    last_row = max(layout.item_rows(subject.instrument)) + LOOKED_PAST
    import openpyxl  # takes longer to load than the rest of a page, and few ask for it

    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote what stands in cells
        try:
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            try:
                names = {_plain(name): name for name in reversed(book.sheetnames)}
                about = _grid(_sheet(book, names, layout.ABOUT), layout.ABOUT_ROWS, 2)
                sheet = _sheet(book, names, layout.ASSESSMENT)
                _refuse_copies(book, names)
                return about, _grid(sheet, last_row, LAST_RATER + LOOKED_PAST)
            finally:
                book.close()
        except CannotUse:
            raise
        except Exception as error:  # openpyxl raises whatever its parsers stumble over
            raise damaged() from error


def another_template() -> CannotUse:
    """For a workbook in which nothing says that it is one of ours."""
    return CannotUse(
        "This workbook was not made here.",
        "Download the template on this page, and copy the answers into it.",
    )


def _plain(name: str) -> str:
    return _OF_NUMBERS.sub("", name.strip().casefold())


def _sheet(book: Workbook, names: Mapping[str, str], wanted: str) -> object:
    """The sheet of this name, however its letters are written. Raises CannotUse."""
    if _plain(wanted) in names:
        return book[names[_plain(wanted)]]
    if not {_plain(layout.ABOUT), _plain(layout.LEVELS)} <= names.keys():
        raise another_template()
    raise CannotUse(
        f"No sheet of this file is called “{wanted}”.",
        f"If you gave it another name, call it “{wanted}” again, save the file and choose it.",
    )


def _refuse_copies(book: Workbook, names: Mapping[str, str]) -> None:
    """Some give every rater a copy of the sheet: the copies' answers would be lost."""
    first = (layout.HEADINGS, FIRST_RATER)
    ours = {names.get(_plain(one)) for one in (layout.ASSESSMENT, layout.LEVELS, layout.ABOUT)}
    # all might be one and the same long part: looking at every one would have no bound
    for sheet in [one for one in book.worksheets if one.title not in ours][:OTHERS_LOOKED_AT]:
        if _grid(sheet, *first).get(first) == layout.rater_name(FIRST_RATER):
            raise CannotUse(
                f"“{shown(sheet.title)}” is a copy of the sheet “{layout.ASSESSMENT}”.",
                "Give each rater a column, or a file of their own, and delete the copy.",
            )


def _grid(sheet: object, rows: int, columns: int) -> Grid:
    found: dict[tuple[int, int], Content] = {}
    read = sheet.iter_rows(max_row=rows, max_col=columns, values_only=True)  # type: ignore[attr-defined]
    for row, cells in enumerate(read, 1):
        for column, content in enumerate(cells, 1):
            if content is not None and content != "":
                found[row, column] = content
    return found
