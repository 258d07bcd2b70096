"""Reads the whole numbers that come with a request: ids, rounds, revisions."""

from __future__ import annotations

MOST_DIGITS = 9
"""As many as fit into a column of any database, whatever they are."""


def whole_number(text: str) -> int | None:
    """The number; None for anything else, and for one that no column holds."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None
