"""Many scores tested at once: the overall score is declared primary, the blocks share one 5 %.

Declared before looking: the overall score is tested at 5 % by itself. The block scores are
secondary; Holm's correction over all of them keeps the chance of one false alarm at 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assess.trends.anova import RepeatedMeasures
from assess.trends.pairs import holm


@dataclass(frozen=True, slots=True)
class BlockTest:
    """One block's headline p (Greenhouse-Geisser's) and the same after Holm's correction."""

    block: str
    p: float | None
    p_holm: float | None


def block_family(results: Mapping[str, RepeatedMeasures]) -> tuple[BlockTest, ...]:
    """Correct the tests of the blocks together; blocks without a test stay and do not count.

    `results` holds the secondary tests only, in the order of the questionnaire: the overall score
    is primary and is not corrected.
    """
    p_values = [result.p_gg for result in results.values()]
    corrected = holm(p_values)
    return tuple(
        BlockTest(block, p, adjusted)
        for block, p, adjusted in zip(results, p_values, corrected, strict=True)
    )
