"""Keeps clinics from being known by their attributes: every combination fits k clinics or more.

Somebody who knows all clinics of a program, but not their codes, must find at least k of them that
fit any row (k-anonymity: Sweeney 2002; Hundepool et al., Statistical Disclosure Control, 2012,
chapter 3). Numbers are first made coarser (size bands). Then the clinics are split by one attribute
after the other, most useful first; whoever would stand in a group of fewer than k has that
attribute withheld. Those withheld must be k or more themselves, or the smallest remaining group
joins them: otherwise they could be worked out from the rest (complementary suppression).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SMALLEST_CELL = 3
"""Clinics that share every combination of attributes, at least."""

WITHHELD = "withheld"
"""Stands for a value that is known but could identify a clinic."""

SIZES = ((2.0, "fewer than 2"), (5.0, "2 to 4.9"), (10.0, "5 to 9.9"))
"""Bands of clinician full-time equivalents: the limit each stays below, and its words."""
LARGEST = "10 or more"

Attributes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Attributes by clinic, in the order given; `withheld` counts clinics by attribute."""

    clinics: Mapping[str, Attributes]
    withheld: Mapping[str, int]


def size_band(fte: float | None) -> str | None:
    """The band of a number of clinician full-time equivalents; None when it is not known."""
    if fte is None:
        return None
    return next((words for limit, words in SIZES if fte < limit), LARGEST)


def anonymize(
    clinics: Mapping[str, Attributes], order: Sequence[str], k: int = SMALLEST_CELL
) -> Anonymous:
    """Withhold attributes until each combination (unknown counts as a value) fits k clinics.

    `order` names the attributes, those to keep most first. With fewer than k clinics in all,
    everything is withheld. Raises ValueError for a k below 1.
    """
    if k < 1:
        raise ValueError(f"a cell needs at least one clinic, not {k}")
    kept: dict[str, dict[str, str | None]] = {code: {} for code in clinics}
    groups: list[list[str]] = [list(clinics)]
    for attribute in order:
        groups = [
            part
            for group in groups
            for part in _split(clinics, kept, group, attribute, k)
        ]  # fmt: skip
    withheld = {
        attribute: sum(values[attribute] == WITHHELD for values in kept.values())
        for attribute in order
    }
    return Anonymous(kept, {name: count for name, count in withheld.items() if count})


def _split(
    clinics: Mapping[str, Attributes],
    kept: Mapping[str, dict[str, str | None]],
    group: list[str],
    attribute: str,
    k: int,
) -> list[list[str]]:
    """Part a group by one attribute; small parts stay together without it."""
    parts: dict[str | None, list[str]] = {}
    for code in group:
        parts.setdefault(clinics[code][attribute], []).append(code)
    shown = sorted(
        (value for value, codes in parts.items() if len(codes) >= k),
        key=lambda value: (-len(parts[value]), str(value)),
    )
    rest = [code for code in group if clinics[code][attribute] not in shown]
    while rest and len(rest) < k and shown:
        rest += parts[shown.pop()]
    for code in rest:
        kept[code][attribute] = WITHHELD
    for value in shown:
        for code in parts[value]:
            kept[code][attribute] = value
    return [*(parts[value] for value in shown), *([rest] if rest else [])]
