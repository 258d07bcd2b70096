"""Calendar quarters, the unit of time of every assessment, plan and trend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import overload

_FORMS = (
    re.compile(r"(?P<year>\d{4})\s*[- ]?\s*Q(?P<number>[1-4])", re.IGNORECASE | re.ASCII),
    re.compile(r"Q(?P<number>[1-4])\s*[- ]?\s*(?P<year>\d{4})", re.IGNORECASE | re.ASCII),
)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a calendar year: `Quarter(2026, 4)` runs from October 1 to December 31, 2026."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.year <= 9999:
            raise ValueError(f"A quarter's year is 1 to 9999, not {self.year}")
        if not 1 <= self.number <= 4:
            raise ValueError(f"A year has quarters 1 to 4, not {self.number}")

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read "2026Q4", "2026-Q4" or "Q4 2026" in any case. Raises ValueError otherwise."""
        for form in _FORMS:
            if found := form.fullmatch(text.strip()):
                return cls(int(found["year"]), int(found["number"]))
        raise ValueError(f"“{text[:40]}” is not a quarter. Write it like 2026Q4.")

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter a day (or a datetime, in its own time zone) falls in."""
        return cls(day.year, (day.month + 2) // 3)

    @staticmethod
    def range(first: Quarter, last: Quarter) -> tuple[Quarter, ...]:
        """Every quarter from first to last, both included; empty when last is before first."""
        return tuple(_between(first, last))

    @property
    def label(self) -> str:
        """How people read it: "Q4 2026"."""
        return f"Q{self.number} {self.year}"

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        if self.number == 4:
            return date(self.year, 12, 31)
        return date(self.year, 3 * self.number + 1, 1) - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year:04d}Q{self.number}"

    def __add__(self, quarters: int) -> Quarter:
        if not isinstance(quarters, int):
            return NotImplemented
        year, number = divmod(self._index + quarters, 4)
        return Quarter(year, number + 1)

    @overload
    def __sub__(self, other: Quarter) -> int: ...
    @overload
    def __sub__(self, other: int) -> Quarter: ...
    def __sub__(self, other: Quarter | int) -> int | Quarter:
        """The number of quarters since another one (a wave), or the quarter that many earlier."""
        if isinstance(other, Quarter):
            return self._index - other._index
        return self + -other

    @property
    def _index(self) -> int:
        return 4 * self.year + self.number - 1


def _between(first: Quarter, last: Quarter) -> Iterator[Quarter]:
    for step in range(last - first + 1):
        yield first + step
