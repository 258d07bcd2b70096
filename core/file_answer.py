"""Answers a request with a file whose name says what is in it."""

from __future__ import annotations

from flask import Response
from werkzeug.utils import secure_filename


def file_answer(content: bytes, *, mimetype: str, name: str, download: bool = False) -> Response:
    """The file as an answer that opens in the browser, or is saved with `download`.

    `name` may hold what people typed: only plain letters, digits, dots, lines and dashes stay.
    """
    answer = Response(content, mimetype=mimetype)
    kind = "attachment" if download else "inline"
    plain = secure_filename(name) or "file"
    answer.headers["Content-Disposition"] = f'{kind}; filename="{plain}"'
    return answer
