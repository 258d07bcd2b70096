"""Which attributes of clinics a viewer without names may choose and compare by. PURE.

An attribute that only one or two clinics share names them as surely as their name does. So every
combination of attributes that is shown has at least SMALLEST_CELL clinics, those that are withheld
together as well: whatever somebody chooses, or subtracts, is then at least that many.
"""

from __future__ import annotations

from collections.abc import Mapping

from research.bundle.anonymity import SMALLEST_CELL, WITHHELD, Attributes, anonymize
from research.selection import ATTRIBUTES


def withhold(clinics: Mapping[int, Attributes]) -> dict[int, Attributes]:
    """The attributes that may be shown, by clinic; None where one is unknown or withheld."""
    found = anonymize({str(key): one for key, one in clinics.items()}, ATTRIBUTES, SMALLEST_CELL)
    return {
        key: {
            name: None if value == WITHHELD else value
            for name, value in found.clinics[str(key)].items()
        }
        for key in clinics
    }
