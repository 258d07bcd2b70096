"""How every view of the API answers: counted per token, as JSON with an ETag, kept private."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Response, g, request

from accounts.guard import requires_token
from accounts.viewer import Viewer
from core import transactions
from core.errors import BlockwiseError
from core.throttling import Limit, TooManyTries
from research.tokens import keeping, queries

REQUESTS = Limit("api request", allowed=300, window=timedelta(minutes=5))


class TooManyRequests(BlockwiseError):
    """A token asks more often than any program of a person's own needs to."""

    status = 429
    title = "Too many requests"
    headers = {"Retry-After": str(int(REQUESTS.window.total_seconds()))}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(
            f"This token made {REQUESTS.allowed} requests within 5 minutes. Wait 5 minutes, and "
            "ask for more at a time (limit=)."
        )


class QueryProblem(BlockwiseError):
    """Something in the query cannot be understood."""

    status = 400
    title = "The query cannot be understood"


def find_holder(secret: str) -> Viewer | None:
    """Whose token a program holds; remembers which token, to count by."""
    holder = queries.find_holder(secret)
    if holder is None:
        return None
    g.api_token_id = holder.token_id
    return holder.viewer


def read_only(answer: Callable[[], Any]) -> Callable[[], Response]:
    """A view for programs; what it returns, a frozen dataclass or a mapping, is sent as JSON."""

    @requires_token("api.read")
    @wraps(answer)
    def view() -> Response:
        _count()
        return send(answer())

    return view


def send(content: Any) -> Response:
    """The content as JSON, or 304 when the program has this very answer."""
    body = json.dumps(content, default=_plain, allow_nan=False, ensure_ascii=False)
    response = Response(body, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("Authorization")
    response.add_etag()
    response.make_conditional(request)  # which changes it, and returns it as the wider type
    return response


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _count() -> None:
    """Count this request and note the use, in a transaction of their own: a request that reads."""
    token_id: int = g.api_token_id
    try:
        with transactions.apart():
            REQUESTS.take(str(token_id))
            keeping.note_use(token_id)
    except TooManyTries as error:
        raise TooManyRequests from error
