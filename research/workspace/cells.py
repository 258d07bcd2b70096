"""Numbers as they stand in the narrow cells of a table."""

from __future__ import annotations

from assess.trends import apa


def p_cell(p: float | None) -> str:
    """A p-value alone in its cell: ".006", "< .001"."""
    return "none" if p is None else whole(apa.p_value(p).removeprefix("p ").removeprefix("= "))


def limits_cell(low: float | None, high: float | None) -> str:
    """The limits of an interval: "[0.04, 0.10]"; empty without any."""
    if low is None or high is None:
        return ""
    return whole(f"[{apa.decimal(low)}, {apa.decimal(high)}]")


def whole(text: str) -> str:
    """In narrow cells numbers that belong together stay on one line."""
    return text.replace(" ", "\u00a0")
