"""What a researcher asks for: which clinics, questionnaire, scores, quarters, basis and method.

The address of the page is the analysis: a selection is read from a query and written back as one,
so that the page, its figures, the data bundle, the API and the terminal all name the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assess.program import OVERALL
from assess.quarters import Quarter


class Clock(StrEnum):
    """How time is counted: by the calendar, or in quarters since each clinic's baseline."""

    QUARTER = "quarter"
    WAVE = "wave"


class Source(StrEnum):
    """Which scores count: agreed levels where there are any, only those, or only ratings."""

    BEST = "best"
    AGREED = "agreed"
    RATINGS = "ratings"


class Method(StrEnum):
    """Complete clinics by repeated-measures ANOVA, or all assessments by a mixed model."""

    COMPLETE = "complete"
    MIXED = "mixed"


class Grain(StrEnum):
    """What is followed beside the headline score: the blocks, or the milestones of one block."""

    BLOCKS = "blocks"
    MILESTONES = "milestones"


@dataclass(frozen=True, slots=True)
class Selection:
    """One analysis. None or empty means that the page chooses; see Study for what it chose.

    `score` is "overall", a block or a milestone key. `first` and `last` are quarters, or waves as
    whole numbers (0 is the baseline). `organizations` are ids; `states`, `settings` and `ehrs` are
    attribute values as clinics have them, any of which fits. `group` names an attribute
    ("organization", "setting", "state", "ehr") by which groups of clinics are compared over time.
    `problems` say what in the query could not be understood.
    """

    questionnaire: str | None = None
    score: str = OVERALL
    grain: Grain = Grain.BLOCKS
    clock: Clock = Clock.QUARTER
    first: Quarter | int | None = None
    last: Quarter | int | None = None
    source: Source = Source.BEST
    method: Method = Method.COMPLETE
    organizations: frozenset[int] = frozenset()
    states: frozenset[str] = frozenset()
    settings: frozenset[str] = frozenset()
    ehrs: frozenset[str] = frozenset()
    group: str | None = None
    simple: bool = False
    demo: bool = False
    problems: tuple[str, ...] = ()
