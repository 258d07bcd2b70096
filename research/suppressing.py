"""Which attributes of clinics a viewer without names may choose and compare by. PURE.

An attribute that only one or two clinics share names them as surely as their name does. So every
combination of attributes that is shown has at least SMALLEST_CELL clinics, those that are withheld
together as well: whatever somebody chooses, or subtracts, is then at least that many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from research.bundle.anonymity import SMALLEST_CELL, WITHHELD, Attributes, anonymize, size_band
from research.selection import ATTRIBUTES
from research.study import StudiedClinic

IN_FILES = (*ATTRIBUTES, "size")
"""What files say of clinics; the size comes last, so that the others are as on the page."""


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


def for_files(clinics: Sequence[StudiedClinic]) -> dict[int, Attributes]:
    """What files may say of each clinic: None is unknown, WITHHELD known but kept back.

    Decided over all clinics that somebody reaches, whatever they choose: two files of different
    choices would otherwise tell together what each of them keeps back.
    """
    known = {
        str(one.id): {
            **{name: value or None for name, value in one.own_attributes.items()},
            "organization": one.organization_code,
            "size": size_band(one.clinician_fte),
        }
        for one in clinics
    }
    found = anonymize(known, IN_FILES, SMALLEST_CELL).clinics
    return {one.id: found[str(one.id)] for one in clinics}
