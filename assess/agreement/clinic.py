"""What a clinic's people read about how far they agree: the sentence, each milestone, the numbers.

Nothing is said about fewer than five finished ratings, nor about a milestone to which fewer than
five gave a level; no single rater can be told from what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assess.agreement.intraclass import Intraclass, intraclass
from assess.agreement.krippendorff import krippendorff_alpha
from assess.agreement.rwg import within_group
from assess.agreement.table import CompleteRatings, RatingTable, rating_table
from assess.agreement.words import AGREE_WELL, alpha_words, reliability_word, within_words
from assess.suppression import SMALLEST_GROUP
from assess.trends.apa import unit
from questionnaires.instrument import Block, Instrument, Milestone

FEW_RATERS = 10
"""Below this many raters one of them moves every figure, and intervals are wide."""

# What researchers call poor is said to a team as what to do about it.
_KIND = {
    "poor": "low",
    "too low to rely on": "low, so talk before you rely on one person’s view",
}

Cell = tuple[str, str, float | None]
"""Milestone key, a number for the rater, level."""


@dataclass(frozen=True, slots=True)
class MilestoneAgreement:
    """One milestone; `rwg` is None where fewer than five raters gave a level.

    `spread` is the variance over that of guesses: 0 all alike, 1 like guesses, above 1 wider.
    """

    milestone: Milestone
    rated: int
    rwg: float | None = None
    spread: float | None = None
    lowest: int | None = None
    highest: int | None = None

    @property
    def agrees_well(self) -> bool:
        return self.rwg is not None and round(self.rwg, 2) >= AGREE_WELL

    @property
    def shown(self) -> str:
        """r_wg as it is printed."""
        return unit(self.rwg)

    @property
    def words(self) -> str:
        if self.rwg is None:
            return "Too few levels to compare"
        return within_words(self.rwg, more_than_chance=(self.spread or 0) > 1 + 1e-9)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One statistic over all milestones: its name, its value, its 95 % interval, what it says."""

    name: str
    value: str
    interval: str | None
    says: str


@dataclass(frozen=True, slots=True)
class ClinicAgreement:
    """The page; `blocks` is empty and `coefficients` too when there are too few raters."""

    raters: int
    blocks: tuple[tuple[Block, tuple[MilestoneAgreement, ...]], ...] = ()
    coefficients: tuple[Coefficient, ...] = ()
    cautions: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        return self.raters >= SMALLEST_GROUP

    @property
    def headline(self) -> str:
        """ "Your 9 raters agree well on 14 of 26 milestones; they differ most on “…”."."""
        compared = [one for _, rows in self.blocks for one in rows if one.rwg is not None]
        if not compared:
            return f"No milestone has a level from {SMALLEST_GROUP} of your {self.raters} raters."
        well = sum(one.agrees_well for one in compared)
        start = f"Your {self.raters} raters agree well on"
        every = sum(len(rows) for _, rows in self.blocks)
        which = "milestones" if len(compared) == every else "milestones that can be compared"
        if well == len(compared):
            return f"{start} all {well} {which}."
        part = f"{well or 'none'} of the {len(compared)} {which}"
        apart = [one for one in compared if not one.agrees_well]
        apart.sort(key=_widest_first)
        return f"{start} {part}; they differ most on {_named(apart)}."


def clinic_agreement(
    instrument: Instrument, finished: int, cells: Iterable[Cell]
) -> ClinicAgreement:
    """Work out the page of `finished` ratings from the levels they gave."""
    if finished < SMALLEST_GROUP:
        return ClinicAgreement(finished)
    every = tuple(cells)
    table = rating_table(every)
    blocks = tuple((block, tuple(_milestones(block, every))) for block in instrument.blocks)
    scales = {(one.scale.minimum, one.scale.maximum) for one in instrument.blocks}
    if len(scales) > 1 or len(table.raters) < SMALLEST_GROUP:
        return ClinicAgreement(finished, blocks, (), tuple(_few(finished)))
    complete = table.largest_complete_part()
    return ClinicAgreement(
        finished,
        blocks,
        (*_correlations(complete), *_alpha(table)),
        (*_few(finished), *_gaps(table, complete), *_alike(blocks, complete)),
    )


def _milestones(block: Block, cells: Sequence[Cell]) -> Iterator[MilestoneAgreement]:
    keys = {one.key for one in block.milestones}
    table = rating_table(cell for cell in cells if cell[0] in keys)
    levels = len(block.scale.values())
    expected = (levels**2 - 1) / 12
    found = within_group(table, levels)
    places = {subject: place for place, subject in enumerate(table.subjects)}
    for milestone in block.milestones:
        place = places.get(milestone.key)
        rated = found.raters[place] if found.raters and place is not None else 0
        if place is None or rated < SMALLEST_GROUP or not found.per_unit or not found.variances:
            yield MilestoneAgreement(milestone, rated)
            continue
        row = table.values[place]
        yield MilestoneAgreement(
            milestone, rated, found.per_unit[place], found.variances[place] / expected,
            int(np.nanmin(row)), int(np.nanmax(row)),
        )  # fmt: skip


def _correlations(complete: CompleteRatings) -> Iterator[Coefficient]:
    """ICC(1), ICC(1,k) and ICC(2,1), when five raters and two milestones are left."""
    found = intraclass(complete)
    k = len(complete.raters)
    if k < SMALLEST_GROUP or found.rows is None:
        return
    for name, form, meaning in (
        ("ICC(1)", "ICC1", "How well one rater’s levels tell the milestones apart"),
        (f"ICC(1,{k})", "ICC1k", f"How well the mean of {k} raters does"),
        ("ICC(2,1)", "ICC2", "How well one rater does, strict and mild raters told apart"),
    ):
        row = found.form(form)
        if row is not None:
            yield _coefficient(name, row, meaning)


def _coefficient(name: str, row: Intraclass, meaning: str) -> Coefficient:
    if row.ICC is None:
        return Coefficient(name, "None", None, "Not defined: all milestones have the same mean.")
    interval = None
    if row.lower95 is not None and row.upper95 is not None:
        interval = f"{unit(row.lower95)} to {unit(row.upper95)}"
    word = _kind(reliability_word(row.ICC)) if row.ICC > 0 else "no better than chance"
    return Coefficient(name, unit(row.ICC), interval, f"{meaning}: {word}.")


def _alpha(table: RatingTable) -> Iterator[Coefficient]:
    alpha = krippendorff_alpha(table).ordinal
    if alpha is not None:
        says = f"All levels together, in their order: {_kind(alpha_words(alpha))}."
        yield Coefficient("Krippendorff’s alpha", unit(alpha), None, says)


def _kind(word: str) -> str:
    return _KIND.get(word, word)


def _widest_first(one: MilestoneAgreement) -> float:
    return -round(one.spread or 0, 9)


def _named(apart: Sequence[MilestoneAgreement]) -> str:
    """The first two by title, and how many others stand level with the second."""
    titles = [f"“{one.milestone.title}”" for one in apart[:2]]
    others = sum(_widest_first(one) == _widest_first(apart[1]) for one in apart[2:])
    if others:
        return f"{', '.join(titles)} and {others} more"
    return " and ".join(titles)


def _few(finished: int) -> Iterator[str]:
    if finished < FEW_RATERS:
        yield (
            f"{finished} raters are few: one of them can move every figure. "
            "Read the words rather than the decimals."
        )


def _gaps(table: RatingTable, complete: CompleteRatings) -> Iterator[str]:
    left = len(complete.left_out), len(complete.raters_left_out)
    if not any(left):
        return
    parts = [
        f"{count} of {total} {noun}"
        for count, total, noun in (
            (left[0], len(table.subjects), "milestones"),
            (left[1], len(table.raters), "raters"),
        )
        if count
    ]
    yield (
        f"The ICC needs a level in every cell. It leaves out {' and '.join(parts)} with "
        "“Don’t know”, “Doesn’t apply” or no answer."
    )


def _alike(
    blocks: Sequence[tuple[Block, tuple[MilestoneAgreement, ...]]], complete: CompleteRatings
) -> Iterator[str]:
    """High agreement within milestones and a low ICC: the milestones hardly differ."""
    compared = [one for _, rows in blocks for one in rows if one.rwg is not None]
    single = intraclass(complete).form("ICC1")
    low = single is None or single.ICC is None or single.ICC < 0.5
    if compared and low and 2 * sum(one.agrees_well for one in compared) > len(compared):
        yield (
            "Your raters agree on most milestones, and most milestones stand at much the same "
            "level. The ICC is then low by its nature: it looks for differences between milestones."
        )
