"""Answers a request with a PDF, or says why there is none and where the same can be read."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, render_template

from core.file_answer import file_answer
from core.pdf import PdfError


def pdf_answer(
    make: Callable[[], bytes],
    *,
    name: str,
    instead: str,
    instead_words: str,
    back: str = "",
    back_words: str = "",
) -> Response | tuple[str, int]:
    """What `make` returns as a file of this name; a page that leads to `instead` where it cannot.

    `make` raises core.pdf.PdfError when there is no PDF; `back` is a second way out.
    """
    try:
        content = make()
    except PdfError as error:
        page = render_template(
            "errors/pdf_unavailable.html",
            reason=str(error),
            instead=instead,
            instead_words=instead_words,
            back=back,
            back_words=back_words,
        )
        return page, 503
    return file_answer(content, mimetype="application/pdf", name=name)
