"""Pages of long lists: a cursor names the last row that was sent, so that no row is lost. PURE."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

USUAL, MOST = 1000, 10_000
LONGEST_CURSOR = 2000
"""Longer than that of any key: codes and keys have at most 80 letters each."""

Row = TypeVar("Row")
Key = tuple[str | int, ...]


class BadCursor(ValueError):
    """The cursor is none of ours."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the last one; None when nothing follows."""

    rows: tuple[Row, ...]
    next: str | None


def page_of(
    rows: Iterable[Row], key: Callable[[Row], Key], *, after: Key | None, limit: int
) -> Page[Row]:
    """At most `limit` of the rows behind `after`; they come in the order of their keys."""
    behind = (row for row in rows if after is None or key(row) > after)
    found = list(islice(behind, limit + 1))
    more = len(found) > limit
    return Page(tuple(found[:limit]), encode(key(found[limit - 1])) if more else None)


def encode(key: Sequence[str | int]) -> str:
    """A key as text that needs no escaping in an address."""
    text = json.dumps(list(key), separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def decode(cursor: str, shape: Sequence[type]) -> Key:
    """The key of a cursor whose parts are of these kinds. Raises BadCursor."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = json.loads(text)
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadCursor from error
    fits = isinstance(parts, list) and [type(one) for one in parts] == list(shape)
    if len(cursor) > LONGEST_CURSOR or not fits:
        raise BadCursor
    return tuple(parts)
