"""When to read a test of change with care: few clinics, many quarters, many clinics left out."""

from __future__ import annotations

from collections.abc import Iterator

FEW = 5
"""Below this many clinics each single one can decide the result."""


def cautions(clinics: int, quarters: int, left_out: int) -> Iterator[str]:
    """Sentences about a repeated-measures test of `clinics` over `quarters`; none when it is firm.

    With no more clinics than quarters the covariances that the Greenhouse-Geisser correction rests
    on are barely estimated, and Mauchly's test soon cannot be computed at all: Maxwell & Delaney
    (2004), ch. 11.
    """
    if clinics < FEW:
        yield (
            f"Only {clinics} clinics could be followed. "
            "Read the test with care: one clinic more or less can change it."
        )
    if quarters > 2 and clinics <= quarters:
        yield (
            f"For {quarters} quarters, {clinics} clinics are few: the corrected p is rough. "
            "Fewer quarters make a firmer test."
        )
    if left_out > clinics:
        yield (
            f"{left_out} of {left_out + clinics} clinics are left out, so the test may not speak "
            "for all of them."
        )
