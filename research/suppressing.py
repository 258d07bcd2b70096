"""Which attributes of clinics a viewer without names may choose and compare by. PURE.

An attribute that only one or two clinics share names them as surely as their name does. So every
combination of attributes that is shown has at least SMALLEST clinics: clinics are split by one
attribute after the other, and a part that is too small stands together with the others as
"withheld", with further parts joining until those are enough, too (complementary suppression).
Whatever somebody chooses, and whatever they subtract, is then at least SMALLEST clinics.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from assess.suppression import shown_groups
from research.selection import ATTRIBUTES

SMALLEST = 3
"""Clinics from which on an attribute shows."""

Attributes = Mapping[str, str | None]


def withhold(clinics: Mapping[int, Attributes], smallest: int = SMALLEST) -> dict[int, Attributes]:
    """The attributes that may be shown, by clinic; None where one is unknown or withheld."""
    shown: dict[int, dict[str, str | None]] = {key: {} for key in clinics}
    _split(clinics, sorted(clinics), ATTRIBUTES, shown, smallest)
    return {key: dict(found) for key, found in shown.items()}


def _split(
    clinics: Mapping[int, Attributes],
    members: Sequence[int],
    names: Sequence[str],
    shown: Mapping[int, dict[str, str | None]],
    smallest: int,
) -> None:
    """Show the first attribute of these clinics as far as it may be, then the next within it."""
    if not names:
        return
    name, *rest = names
    values = {key: clinics[key].get(name) for key in members}
    sizes = Counter(value or "" for value in values.values())
    groups = shown_groups(sizes, never=("",), smallest=smallest).groups
    parts: dict[str | None, list[int]] = {}
    for key in members:
        value = values[key] if values[key] in groups else None
        shown[key][name] = value
        parts.setdefault(value, []).append(key)
    for part in parts.values():
        _split(clinics, part, rest, shown, smallest)
