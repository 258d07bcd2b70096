"""How a day is written on pages and paper."""

from __future__ import annotations

from datetime import date


def day(value: date) -> str:
    """A date as people write it here: "Nov 21, 2026"."""
    return f"{value:%b} {value.day}, {value.year}"
