"""When to read a test of change with care: a code for programs and one plain sentence for people.

The limits are those of the program's protocol, not laws of nature: below 10 clinics single ones
decide, with no more clinics than quarters the covariances behind the Greenhouse-Geisser correction
are barely estimated (Maxwell & Delaney 2004, ch. 11), and more than 15 % of values at the end of a
scale is the usual sign of a floor or ceiling (Terwee et al. 2007, J Clin Epidemiol 60, 34-42).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from assess.trends.observations import CompleteTable, Matrix
from assess.trends.significance import NEGLIGIBLE

FEW = 10
DESCRIPTIVE = 3
MOST_LEFT_OUT = 0.20
MOST_AT_THE_END = 0.15


class Code(StrEnum):
    """What to be careful about; part of the JSON, so these words stay."""

    FEWER_THAN_3_CLINICS = "fewer_than_3_clinics"
    FEWER_THAN_10_CLINICS = "fewer_than_10_clinics"
    NOT_MORE_CLINICS_THAN_QUARTERS = "not_more_clinics_than_quarters"
    MORE_THAN_20_PERCENT_LEFT_OUT = "more_than_20_percent_left_out"
    FLOOR_OR_CEILING = "floor_or_ceiling"
    SHARED_ORGANIZATIONS = "shared_organizations"
    SINGULAR = "singular"
    NOT_CONVERGED = "not_converged"
    QUESTIONNAIRE_CHANGED = "questionnaire_changed"
    RATERS_CHANGED = "raters_changed"


@dataclass(frozen=True, slots=True)
class Warning:
    """One code and its sentence."""

    code: Code
    text: str


def table_warnings(
    table: CompleteTable, values: Matrix, scale: tuple[float, float] | None = None
) -> tuple[Warning, ...]:
    """Warnings about clinics followed over quarters.

    `values` are all values, complete or not (one dimension). `scale` is the lowest and highest
    possible value; without it the lowest and highest one seen stand in for them.
    """
    n, k = table.values.shape
    found = [*_few_clinics(n, k), *_left_out(n, len(table.left_out))] if k > 1 else []
    return (*found, *_ends(values, scale))


def singular() -> Warning:
    """A mixed model without spread of its own between clinics, or with perfectly tied effects."""
    return Warning(
        Code.SINGULAR,
        "The mixed model is singular: at least one of its variances is estimated as zero, or two "
        "effects move exactly together. A simpler model may say the same.",
    )


def not_converged() -> Warning:
    """A mixed model whose likelihood could not be brought to its top."""
    return Warning(
        Code.NOT_CONVERGED,
        "The mixed model did not settle on an answer. Do not use its numbers.",
    )


def shared_organizations(text: str) -> Warning:
    """Clinics of few organizations; the text is the one of the analysis of organizations."""
    return Warning(Code.SHARED_ORGANIZATIONS, text)


def questionnaire_changed(quarter: str) -> Warning:
    """The questions differ from `quarter` on."""
    return Warning(
        Code.QUESTIONNAIRE_CHANGED,
        f"The questionnaire changed in {quarter}. Only questions that stayed comparable are "
        "compared across the change.",
    )


def raters_changed(quarter: str) -> Warning:
    """Other people rated from `quarter` on."""
    return Warning(
        Code.RATERS_CHANGED,
        f"Other people rated from {quarter} on. A change of scores may be a change of raters.",
    )


def _few_clinics(n: int, k: int) -> Iterator[Warning]:
    if n < DESCRIPTIVE:
        followed = ("No clinic", "Only 1 clinic", "Only 2 clinics")[n]
        yield Warning(
            Code.FEWER_THAN_3_CLINICS,
            f"{followed} could be followed through every quarter. "
            "Read the numbers as a description, not a test.",
        )
    elif n < FEW:
        yield Warning(
            Code.FEWER_THAN_10_CLINICS,
            f"Only {n} clinics could be followed. "
            "Read the test with care: one clinic more or less can change it.",
        )
    if k > 2 and DESCRIPTIVE <= n <= k:
        yield Warning(
            Code.NOT_MORE_CLINICS_THAN_QUARTERS,
            f"For {k} quarters, {n} clinics are few: the corrected p is rough. "
            "Fewer quarters make a firmer test.",
        )


def _left_out(n: int, left_out: int) -> Iterator[Warning]:
    if n == 0 and left_out:
        text = (
            f"All {left_out} clinics are left out of the test. The mixed model uses every clinic."
        )
        yield Warning(Code.MORE_THAN_20_PERCENT_LEFT_OUT, text)
    elif left_out > MOST_LEFT_OUT * (n + left_out):
        yield Warning(
            Code.MORE_THAN_20_PERCENT_LEFT_OUT,
            f"{left_out} of {n + left_out} clinics {'is' if left_out == 1 else 'are'} left out, so "
            "the test may not speak for all of them. The mixed model uses every clinic.",
        )


def _ends(values: Matrix, scale: tuple[float, float] | None) -> Iterator[Warning]:
    """Values heaped up at an end of the scale, where a clinic can move in one direction only."""
    if len(values) == 0 or values.min() == values.max():
        return
    lowest, highest = scale or (float(values.min()), float(values.max()))
    noise = NEGLIGIBLE * float(np.abs(values).max())
    for end, word in ((lowest, "lowest"), (highest, "highest")):
        count = int((np.abs(values - end) <= noise).sum())
        if count > max(2, MOST_AT_THE_END * len(values)):  # two alike are a chance, not a heap
            yield Warning(Code.FLOOR_OR_CEILING, _heap(count, len(values), word, scale is None))


def _heap(count: int, total: int, word: str, seen_only: bool) -> str:
    if seen_only:
        which = "ceiling" if word == "highest" else "floor"
        return (
            f"{count} of {total} values are the {word} in the table. "
            f"If the scale ends there, this {which} hides part of the change."
        )
    way = "rise" if word == "highest" else "fall"
    return (
        f"{count} of {total} values are the {word} possible. "
        f"Clinics there cannot {way} any further, which hides part of the change."
    )
