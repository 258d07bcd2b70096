"""The kinds of parts that the trends page is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """A statistic: what it is for, its name, its line as journals print it, and what to know."""

    title: str
    method: str
    line: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers as text; the first cell of a row is its heading. None is a blank cell."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A clinic that the complete-case rule leaves out, and when it has no score: "in Q4 2026"."""

    label: str
    missing: str
