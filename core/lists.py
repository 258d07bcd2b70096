"""How a list of names or numbers stands in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"; empty for none."""
    *most, last = parts or ("",)
    return f"{', '.join(most)} and {last}" if most else last
