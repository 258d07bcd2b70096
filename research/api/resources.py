"""What the API hands out, one frozen dataclass per thing; its description is made from these.

Clinics and organizations appear by code only, whoever asks. PURE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from assess.scoring import Basis
from research.selection import Clock, Method, Source


@dataclass(frozen=True, slots=True)
class ScaleLevel:
    """A level that raters can choose."""

    value: int
    label: Annotated[str, "The word for it."]


@dataclass(frozen=True, slots=True)
class MilestoneText:
    """One rated item."""

    key: Annotated[str, "Stable name; never reused for something else."]
    title: str
    meaning: str


@dataclass(frozen=True, slots=True)
class BlockText:
    """A group of milestones with one score."""

    id: Annotated[str, "Also the name of the measure that is the block's score."]
    title: str
    levels: tuple[ScaleLevel, ...]
    milestones: tuple[MilestoneText, ...]


@dataclass(frozen=True, slots=True)
class QuestionnaireText:
    """A version of a questionnaire."""

    id: str
    version: Annotated[str, "Semantic version: a new major one is not comparable as a whole."]
    title: str
    language: str
    license: str
    sha256: Annotated[str, "Of the questionnaire file, so that the exact wording can be proved."]
    blocks: tuple[BlockText, ...]


@dataclass(frozen=True, slots=True)
class QuestionnaireList:
    """Every published questionnaire, each in every version."""

    items: tuple[QuestionnaireText, ...]


@dataclass(frozen=True, slots=True)
class MeasureText:
    """A score that is followed."""

    key: Annotated[str, "“overall”, the id of a block, or the key of a milestone."]
    title: str
    minimum: Annotated[float, "Lowest possible value."]
    maximum: Annotated[float, "Highest possible value."]


@dataclass(frozen=True, slots=True)
class SelectionTold:
    """What was asked for, and what was chosen where the query left a choice."""

    query: Annotated[str, "The query that shows the same analysis on the page /trends."]
    questionnaire: str | None
    version: Annotated[str | None, "The version whose scores the others are compared with."]
    score: Annotated[str, "The headline measure."]
    clock: Clock
    source: Source
    method: Method
    group: str | None
    times: Annotated[tuple[str, ...], "Quarters (2026Q1) or waves (0 is the baseline) compared."]
    measures: tuple[MeasureText, ...]
    withheld: Annotated[int, "Assessments that lack scores: too few ratings stand behind them."]


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """A clinic by its study code.

    Attributes are null where unknown and “withheld” where few clinics of the program share them.
    """

    code: str
    organization: Annotated[str | None, "Number of its organization, like O01."]
    state: str | None
    setting: str | None
    ehr: str | None
    size: Annotated[str | None, "Band of clinician full-time equivalents."]
    baseline: Annotated[str | None, "Quarter in which it began, like 2025Q1."]
    assessments: Annotated[int, "How many assessments are in the selection."]
    is_demo: Annotated[bool, "Whether it is a fictional clinic of the demonstration."]


@dataclass(frozen=True, slots=True)
class ClinicPage:
    """Clinics of the selection, by code."""

    items: tuple[ClinicRow, ...]
    next: Annotated[str | None, "Send it as `cursor` for what follows; null at the end."]
    selection: SelectionTold


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """A clinic's assessment of one quarter."""

    clinic: str
    quarter: str
    wave: Annotated[int, "Quarters since the clinic's baseline."]
    version: Annotated[str, "Version of the questionnaire that was answered."]
    basis: Annotated[Basis, "What its scores rest on."]
    raters: int


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """Revealed assessments of the selection, by clinic and quarter."""

    items: tuple[AssessmentRow, ...]
    next: Annotated[str | None, "Send it as `cursor` for what follows; null at the end."]
    selection: SelectionTold


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score: a row of the long table."""

    clinic: str
    quarter: str
    wave: int
    measure: str
    value: Annotated[float, "Unrounded."]
    basis: Basis
    raters: int


@dataclass(frozen=True, slots=True)
class ScorePage:
    """Scores of the selection, by clinic, quarter and measure."""

    items: tuple[ScoreRow, ...]
    next: Annotated[str | None, "Send it as `cursor` for what follows; null at the end."]
    selection: SelectionTold


@dataclass(frozen=True, slots=True)
class AnalysisAnswer:
    """The statistics of the selection, of every measure."""

    selection: SelectionTold
    clinics: int
    headline: Annotated[str, "The measure declared primary; the others are exploratory."]
    bases: Annotated[
        Mapping[Basis, int], "How many of its scores are agreed, means of ratings, or taken over."
    ]
    results: Annotated[
        Mapping[str, Any],
        "By measure, in the shape that `flask analyse --json` prints; see the researchers’ guide.",
    ]
