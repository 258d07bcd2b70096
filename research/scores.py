"""Scores of many assessments as they were stored, one row per assessment. PURE + numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assess.quarters import Quarter
from assess.scoring import Basis

Column = NDArray[np.float64]
Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """n assessments. `quarters` number the tuple `quarter_names`, `bases` likewise `basis_names`.

    `withheld` are those that lack a score because too few people stand behind it (research.few).
    `values` has one column of n scores for each key ("overall", blocks, milestones) as the
    assessment's own version of the questionnaire names it; NaN where there is no score.
    """

    assessment_ids: Numbers
    clinic_ids: Numbers
    version_ids: Numbers
    quarters: Numbers
    quarter_names: tuple[Quarter, ...]
    bases: Numbers
    basis_names: tuple[Basis, ...]
    raters: Numbers
    withheld: Mask
    values: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.assessment_ids)
