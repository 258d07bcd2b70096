"""Labels no longer than a format takes, counted in bytes of UTF-8."""

from __future__ import annotations


def shortened(text: str, limit: int) -> str:
    """The text, or what fits `limit` bytes with an ellipsis; no character is cut in two."""
    raw = text.encode("utf-8")
    if len(raw) <= limit:
        return text
    return raw[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"
