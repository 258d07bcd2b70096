"""How much a request may send to a route that needs less than the longest form of ours."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, request

MIB = 1024 * 1024


def init_app(app: Flask, largest: Mapping[str, int]) -> None:
    """Refuse (413) more bytes than `largest` says for an endpoint, before anything reads them.

    Comes before every hook that may read the body. Endpoints that are not named keep Flask's
    MAX_CONTENT_LENGTH.
    """

    @app.before_request
    def _limit() -> None:
        limit = largest.get(request.endpoint or "")
        if limit is not None:
            request.max_content_length = limit
