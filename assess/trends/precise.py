"""Numbers that agree in their first ten digits keep the others: statistics get the differences.

The double next to 1000000000000.4 is 1000000000000.40002: with values around it that differ by
tenths, four digits of a variance are all that is left (NIST's SmLs07 to SmLs09 are made of such
numbers). The text of a file says what was meant, so the first value is subtracted exactly, and
every statistic that a common shift cannot change is computed from what remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assess.trends.observations import Observation, Observations

_COMMON = 1e10
"""From this size in multiples of the range on. Below it the answer stays that of the doubles, which
is also R's: the two differ in the seventh digit at most, and agreement is worth more than that."""
_EXACT_DIGITS = 15
"""A longer number was printed by a program from a double: there the double is what is meant."""


class PreciseObservations(Observations):
    """Observations of a file, and the same less their first value, computed from the text."""

    differences: Observations

    def __init__(self, rows: Sequence[Observation], texts: Sequence[str]) -> None:
        """`texts` are the values as written, empty where one is missing."""
        super().__init__(rows)
        numbers = [Decimal(text) if text else None for text in texts]
        first = next(number for number in numbers if number is not None)
        self.differences = Observations(
            replace(row, value=None if number is None else float(number - first))
            for row, number in zip(rows, numbers, strict=True)
        )


def observations_of(rows: Sequence[Observation], texts: Sequence[str]) -> Observations:
    """Observations of values and their texts, precise where doubles would lose what differs."""
    values = [row.value for row in rows if row.value is not None]
    spread = max(values) - min(values)
    size = max(map(abs, values))
    if 0 < spread * _COMMON < size and all(map(_is_exact, texts)):
        return PreciseObservations(rows, texts)
    return Observations(rows)


def _is_exact(text: str) -> bool:
    return not text or len(Decimal(text).as_tuple().digits) <= _EXACT_DIGITS


def differences_of(observations: Observations) -> Observations:
    """What to compute statistics from that do not change when all values shift alike."""
    if isinstance(observations, PreciseObservations):
        return observations.differences
    return observations
