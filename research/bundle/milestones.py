"""What a bundle may say about milestones: agreed levels, and ratings from five people up."""

from __future__ import annotations

import math
from collections.abc import Mapping

from assess.answers import AnswerState
from assess.scoring import Basis
from assess.suppression import SMALLEST_GROUP
from questionnaires.instrument import Instrument, Scale
from research.bundle.content import (
    AssessmentReading,
    BundleAssessment,
    BundleMilestone,
    MilestoneReading,
    RatedMilestone,
    ValueState,
)


def milestones_of(
    instrument: Instrument, reading: AssessmentReading, raters: int
) -> Mapping[str, BundleMilestone]:
    """Every milestone of the questionnaire that was read, in its order.

    One withheld mean would follow from its block's score and the other means, so a second one of
    the block is withheld with it: that of the fewest raters. The same where several withheld ones
    have fewer than five levels together. The API leaves out the same ones (research.few).
    """
    found: dict[str, BundleMilestone] = {}
    for block in instrument.blocks:
        read = {m.key: m for m in block.milestones if m.key in reading.milestones}
        rated = {key: _rated(reading.milestones[key], m.scale, raters) for key, m in read.items()}
        withheld = [k for k, one in rated.items() if one and one.state is ValueState.WITHHELD]
        levels = sum(sum(reading.milestones[key].counts) for key in withheld)
        shown = [key for key, one in rated.items() if one and one.n is not None]
        if (len(withheld) == 1 or 0 < levels < SMALLEST_GROUP) and shown:
            fewest = min(shown, key=lambda key: (sum(reading.milestones[key].counts), key))
            rated[fewest] = RatedMilestone(ValueState.WITHHELD)
        for key in read:
            found[key] = BundleMilestone(reading.milestones[key].agreed, rated[key])
    return found


def basis_value(assessment: BundleAssessment, key: str) -> float | None:
    """The value of a milestone on the assessment's own basis; None where there is none to give."""
    milestone = assessment.milestones.get(key)
    if milestone is None:
        return None
    if assessment.basis is Basis.AGREED:
        level = None if milestone.agreed is None else milestone.agreed.value
        return None if level is None else float(level)
    return None if milestone.rated is None else milestone.rated.mean


def basis_state(assessment: BundleAssessment, key: str) -> ValueState | None:
    """Why that value is there or not; None when the basis has no milestones behind it."""
    milestone = assessment.milestones.get(key)
    if milestone is None:
        return None
    if assessment.basis is Basis.AGREED:
        agreed = milestone.agreed
        return ValueState.UNANSWERED if agreed is None else ValueState(agreed.state.value)
    return None if milestone.rated is None else milestone.rated.state


def _rated(reading: MilestoneReading, scale: Scale, raters: int) -> RatedMilestone | None:
    """Mean, spread and shares from five levels up; below that only that they are withheld."""
    if not reading.counts or not raters:
        return None
    n = sum(reading.counts)
    if n >= SMALLEST_GROUP:
        values = list(zip(scale.values(), reading.counts, strict=True))
        mean = math.fsum(value * count for value, count in values) / n
        squares = math.fsum(count * (value - mean) ** 2 for value, count in values)
        return RatedMilestone(
            ValueState.LEVEL,
            n,
            mean,
            math.sqrt(squares / (n - 1)),
            tuple(count / n for count in reading.counts),
        )
    said = reading.not_applicable
    if n == 0 and said is not None and said >= SMALLEST_GROUP:
        return RatedMilestone(ValueState(AnswerState.NOT_APPLICABLE.value))
    return RatedMilestone(ValueState.WITHHELD)
