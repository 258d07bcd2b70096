"""How the workbook looks: the colors and type of the pages (static/css/tokens.css), as formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

INK, LINE, CONTROL = "#17212b", "#cdd6de", "#6b7c8c"
PAGE, CARD, PRIMARY, TINT = "#f4f7f9", "#ffffff", "#0f5c73", "#dbe9ef"
DAY_FORMAT = "mm/dd/yyyy"


@dataclass(frozen=True, slots=True)
class Look:
    """The formats of one workbook; only `answer`, `job` and `day` can be filled in."""

    page: Format
    title: Format
    strong: Format
    words: Format
    link: Format
    head: Format
    head_center: Format
    side: Format
    block: Format
    number: Format
    item: Format
    meaning: Format
    count: Format
    answer: Format
    job: Format
    day: Format

    @classmethod
    def of(cls, book: Workbook) -> Look:
        def made(**properties: Any) -> Format:
            base = {"font_name": "Calibri", "font_size": 11, "font_color": INK, "valign": "vcenter"}
            return book.add_format(base | properties)

        cell = {"border": 1, "border_color": LINE}
        open_cell = {"border": 1, "border_color": CONTROL, "locked": False, "bg_color": CARD}
        head = cell | {"bold": True, "bg_color": TINT, "text_wrap": True}
        quiet = cell | {"bg_color": PAGE, "text_wrap": True}
        return cls(
            page=made(),
            title=made(bold=True, font_size=16, font_color=PRIMARY),
            strong=made(bold=True),
            words=made(text_wrap=True),
            link=made(font_color=PRIMARY, underline=1),
            head=made(**head),
            head_center=made(**head, align="center"),
            side=made(**quiet, bold=True),
            block=made(bold=True, font_color=CARD, bg_color=PRIMARY),
            number=made(**quiet, align="center"),
            item=made(**quiet, bold=True),
            meaning=made(**quiet),
            count=made(**quiet, align="center"),
            answer=made(**open_cell, align="center", font_size=13),
            job=made(**open_cell, align="center", text_wrap=True),
            day=made(**open_cell, align="center", num_format=DAY_FORMAT),
        )
