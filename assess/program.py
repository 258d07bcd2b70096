"""Change over quarters in many clinics: which quarters to compare, the means, and the analysis.

Quarters to compare, when nobody chose them: of all runs of quarters in which somebody has a score,
the run that keeps the most scores in the complete-case analysis (clinics with a score in every
quarter of the run, times its quarters). A quarter that has only begun, or one early pilot clinic,
so cannot throw all other clinics out. Ties go to the longer run, then to the later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, TypeVar

from assess.quarters import Quarter
from assess.scoring import Basis

if TYPE_CHECKING:
    from assess.trends.analysis import Analysis
    from assess.trends.observations import Observations

OVERALL = "overall"

Time = TypeVar("Time", Quarter, int)
"""Calendar quarters, or waves: whole quarters since a clinic's baseline."""


@dataclass(frozen=True, slots=True)
class ClinicScore:
    """A clinic's score of one block, or overall, in one quarter."""

    clinic_id: int
    quarter: Quarter
    block: str
    score: float
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class QuarterMean:
    """Mean over all clinics that have a score in the quarter; None when none has."""

    mean: float | None
    clinics: int


@dataclass(frozen=True, slots=True)
class BlockTrend:
    """One block, or overall, through the quarters of a program trend."""

    block: str
    quarters: tuple[QuarterMean, ...]

    @property
    def means(self) -> tuple[float | None, ...]:
        return tuple(quarter.mean for quarter in self.quarters)


@dataclass(frozen=True, slots=True)
class MissingQuarters:
    """A clinic outside the complete-case analysis and the quarters it has no score for."""

    clinic_id: int
    quarters: tuple[Quarter, ...]


@dataclass(frozen=True, slots=True)
class ProgramTrend:
    """Everything the program page says about one score (`block`) in one run of quarters.

    `quarters` are those in which at least one clinic has the score. `complete_means` are over the
    clinics that the analysis follows, None when there are none. `bases` counts what the scores of
    all clinics rest on.
    """

    block: str
    quarters: tuple[Quarter, ...]
    clinics: int
    complete_clinics: int
    complete_means: tuple[float, ...] | None
    left_out: tuple[MissingQuarters, ...]
    blocks: tuple[BlockTrend, ...]
    observations: Observations
    analysis: Analysis
    bases: Mapping[Basis, int]


def default_quarters(scores: Iterable[ClinicScore], block: str = OVERALL) -> tuple[Quarter, ...]:
    """The quarters to compare when nobody chose them; see the rule above. Empty without scores."""
    clinics: dict[Quarter, set[int]] = {}
    for score in scores:
        if score.block == block:
            clinics.setdefault(score.quarter, set()).add(score.clinic_id)
    return best_run(clinics)


def best_run(clinics: Mapping[Time, AbstractSet[int]]) -> tuple[Time, ...]:
    """The times to compare by the rule above, given the clinics with a score at each of them."""
    times = sorted(clinics)
    best, kept = (0, 0, 0), tuple(times[-1:])
    for start in range(len(times)):
        complete = clinics[times[start]]
        for end in range(start + 1, len(times)):
            complete = complete & clinics[times[end]]
            length = end - start + 1
            # One clinic alone cannot be tested, however long it has been here.
            worth = (len(complete) * length if len(complete) > 1 else 0, length, end)
            if worth[0] and worth > best:
                best, kept = worth, tuple(times[start : end + 1])
    return kept if best[0] else tuple(times)


def analyse_program(
    scores: Sequence[ClinicScore],
    blocks: Sequence[str],
    *,
    first: Quarter,
    last: Quarter,
    block: str = OVERALL,
) -> ProgramTrend:
    """Analyze one score from the first to the last quarter; `blocks` are the rows of the table."""
    # numpy and scipy load slowly: only the first trend of a process waits for them.
    from assess.trends.analysis import analyse
    from assess.trends.observations import Observation, Observations

    within = [score for score in scores if first <= score.quarter <= last]
    observations = Observations(
        tuple(
            Observation(str(score.clinic_id), str(score.quarter), score.score)
            for score in within
            if score.block == block
        )
    )
    table = observations.complete
    quarters = tuple(Quarter.parse(str(time)) for time in observations.times)
    return ProgramTrend(
        block=block,
        quarters=quarters,
        clinics=len(observations.subjects),
        complete_clinics=len(table.subjects),
        complete_means=tuple(float(mean) for mean in table.values.mean(axis=0))
        if table.subjects
        else None,
        left_out=tuple(
            MissingQuarters(
                int(left.subject), tuple(Quarter.parse(str(time)) for time in left.missing)
            )
            for left in table.left_out
        ),
        blocks=tuple(_block_trend(within, name, quarters) for name in blocks),
        observations=observations,
        analysis=analyse(observations),
        bases=Counter(one.basis for one in within if one.block == block and one.basis),
    )


def _block_trend(
    scores: Sequence[ClinicScore], block: str, quarters: Sequence[Quarter]
) -> BlockTrend:
    values: dict[Quarter, list[float]] = {quarter: [] for quarter in quarters}
    for score in scores:
        if score.block == block and score.quarter in values:
            values[score.quarter].append(score.score)
    return BlockTrend(
        block,
        tuple(
            QuarterMean(fsum(found) / len(found) if found else None, len(found))
            for found in values.values()
        ),
    )
