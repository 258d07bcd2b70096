"""Which attributes of clinics may be told where they appear by code: pages and files. PURE.

An attribute that only one or two clinics share names them as surely as their name does. So every
combination of attributes that is shown has at least SMALLEST_CELL clinics, those that are withheld
together as well: whatever somebody chooses, or subtracts, is then at least that many.

Pages and files tell the same, by one decision: two different ones, each safe by itself, would tell
together what each of them keeps back.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from research.bundle.anonymity import SMALLEST_CELL, WITHHELD, Attributes, anonymize, size_band
from research.selection import ATTRIBUTES
from research.study import StudiedClinic, Study

IN_FILES = (*ATTRIBUTES, "size")
"""What files say of clinics; the size comes last, so that the others are as on the page."""


def for_files(clinics: Sequence[StudiedClinic]) -> dict[int, Attributes]:
    """What files may say of each clinic: None is unknown, WITHHELD known but kept back.

    Decided over all clinics that somebody reaches, whatever they choose. Nobody can hide among
    clinics that are known: fictional ones, and those that the viewer sees by name, are decided
    about by themselves.
    """
    found: dict[int, Attributes] = {}
    for _kind, company in groupby(sorted(clinics, key=_kind_of), key=_kind_of):
        known = {str(one.id): _known(one) for one in company}
        decided = anonymize(known, IN_FILES, SMALLEST_CELL).clinics
        found |= {int(key): attributes for key, attributes in decided.items()}
    return found


def on_pages(clinic: StudiedClinic, in_files: Attributes) -> Attributes:
    """What the viewer may choose and compare the clinic by; None where unknown or withheld."""
    if clinic.is_named:
        return clinic.own_attributes
    return {
        name: None if in_files[name] == WITHHELD else value or None
        for name, value in clinic.own_attributes.items()
    }


def choice_tells_more(study: Study) -> bool:
    """Whether clinics were chosen by an attribute that files keep back of one of them.

    Only who sees all attributes can choose so. In files the choice would tell the attribute, and
    the files of two choices together which clinic has it.
    """
    selection = study.selection
    chosen = {
        "organization": selection.organizations,
        "setting": selection.settings,
        "state": selection.states,
        "ehr": selection.ehrs,
    }
    return any(
        values and clinic.coded.get(name) == WITHHELD
        for name, values in chosen.items()
        for clinic in study.clinics
    )


def _kind_of(clinic: StudiedClinic) -> tuple[bool, bool]:
    return clinic.is_demo, clinic.is_named


def _known(clinic: StudiedClinic) -> Attributes:
    return {
        **{name: value or None for name, value in clinic.own_attributes.items()},
        "organization": clinic.organization_code,
        "size": size_band(clinic.clinician_fte),
    }
